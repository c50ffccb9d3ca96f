// Convolutions of any kernel and stride as matrix products over cache-sized panels: a panel holds, for a
// block of output pixels, what each tap of each input channel reads (im2col, a block at a time).
#pragma once
#include "product.h"
#include "sums.h"

enum {
  PANEL_PIXELS = 256,  // at most: memory is read fastest in runs of a kilobyte
  PANEL_PITCH = 272,   // seventeen cache lines: rows fall into all sets of the cache
  PANEL_ROWS = 192,    // taps multiplied at a time
};

// A stride-1 correlation of `in` over a grid of pixels. Forward: the output's pixels, read `stride`
// apart. Data: those pixels of x that have one remainder by the stride (a phase), where every tap reads
// the gradient; taps that fall between the gradient's pixels belong to other phases.
typedef struct {
  reader in;
  int ins, outs;
  int rows, columns;              // of the grid
  int step;                       // between what neighbouring pixels read
  int taps_y, taps_x;
  int first_y, first_x;           // what tap 0 reads at pixel (0, 0)
  // Data: taps of the kernel, last first, from tap_y, tap_x down by tap_step.
  int tap_y, tap_x, tap_step;
  pi_border fold;                 // data: the border whose adjoint is taken
  int phase_y, phase_x, height, width, padding_y, padding_x;
} panel_pass;

INLINE int panel_taps(const panel_pass *p) { return p->taps_y * p->taps_x; }
INLINE size_t panel_rows(const panel_pass *p) { return (size_t)(p->ins * panel_taps(p)); }

static inline panel_pass panel_forward(const pi_convolution *g, const pi_tensors *t) {
  panel_pass p = {0};
  p.in = (reader){t->x, g->channels, g->height, g->width, g->border, 0};
  p.ins = g->channels / g->groups;
  p.outs = g->out_channels / g->groups;
  p.rows = g->out_height;
  p.columns = g->out_width;
  p.step = g->stride;
  p.taps_y = g->kernel_height;
  p.taps_x = g->kernel_width;
  p.first_y = -g->padding_height;
  p.first_x = -g->padding_width;
  return p;
}

// The taps along one axis that reach a phase: r = last, last - stride, ... >= 0 with
// (phase + padding - r) divisible by the stride; tap i reads pixel + first + i.
INLINE void phase_taps(int phase, int padding, int kernel, int stride, int *last, int *count,
                       int *first) {
  int r = kernel - 1;
  while (r >= 0 && (phase + padding - r) % stride != 0) r--;
  *last = r;
  *count = r < 0 ? 0 : r / stride + 1;
  *first = (phase + padding - r) / stride;
}

static inline panel_pass panel_data(const pi_convolution *g, const pi_tensors *t, int phase_y,
                                    int phase_x) {
  panel_pass p = {0};
  p.in = (reader){t->dy, g->out_channels, g->out_height, g->out_width, pi_border_zero, 0};
  p.ins = g->out_channels / g->groups;
  p.outs = g->channels / g->groups;
  p.rows = (g->height - phase_y + g->stride - 1) / g->stride;
  p.columns = (g->width + g->stride - 1) / g->stride;  // of every phase, so that they interleave
  p.step = 1;
  phase_taps(phase_y, g->padding_height, g->kernel_height, g->stride, &p.tap_y, &p.taps_y, &p.first_y);
  phase_taps(phase_x, g->padding_width, g->kernel_width, g->stride, &p.tap_x, &p.taps_x, &p.first_x);
  p.tap_step = g->stride;
  p.fold = g->padding_height || g->padding_width ? g->border : pi_border_zero;
  p.phase_y = phase_y;
  p.phase_x = phase_x;
  p.height = g->height;
  p.width = g->width;
  p.padding_y = g->padding_height;
  p.padding_x = g->padding_width;
  return p;
}

enum { MOST_PADDING = 16 };

// The positions outside the picture that read position i. Returns how many.
INLINE int outside_of(int i, int extent, int padding, pi_border border, int out[2 * MOST_PADDING]) {
  int count = 0, right = extent - 1 - i;
  if (border == pi_border_reflection) {
    if (i >= 1 && i <= padding) out[count++] = -i;
    if (right >= 1 && right <= padding) out[count++] = extent - 1 + right;
  } else if (border == pi_border_replication) {
    for (int k = 1; k <= padding && i == 0; k++) out[count++] = -k;
    for (int k = 1; k <= padding && right == 0; k++) out[count++] = extent - 1 + k;
  }
  return count;
}

enum { MOST_LINE = PANEL_PIXELS * 4 + 1024 };  // numbers that a run of pixels may read of a row

// Adds to `line` the row that the pixels of row y read besides their own, where y is folded onto.
INLINE void add_folded_rows(const panel_pass *p, int c, int y, int tap, int x, int count, float *line) {
  int others[2 * MOST_PADDING];
  for (int n = outside_of(y, p->height, p->padding_y, p->fold, others) - 1; n >= 0; n--) {
    float row[MOST_LINE];
    // Both positions have the same remainder by the stride.
    int from = (others[n] - p->phase_y) / p->tap_step + p->first_y + tap;
    read_row(&p->in, c, from, x, count, row);
    for (int i = 0; i < count; i++) line[i] += row[i];
  }
}

// Likewise for the columns of one tap: out[i] += what the positions outside read. `line` begins at
// column `x` of the row.
INLINE void add_folded_columns(const panel_pass *p, int column, int count, int tap, int x, int length,
                               const float *line, float *out) {
  // Only the first and the last few positions are folded onto.
  int left = (p->padding_x - p->phase_x) / p->tap_step + 1 - column;
  int right = (p->width - 1 - p->padding_x - p->phase_x) / p->tap_step - column;
  for (int i = 0; i < count; i++) {
    if (i >= left && i < right) i = right;
    if (i >= count) break;
    int position = (column + i) * p->tap_step + p->phase_x, others[2 * MOST_PADDING];
    for (int n = outside_of(position, p->width, p->padding_x, p->fold, others) - 1; n >= 0; n--) {
      int at = (others[n] - p->phase_x) / p->tap_step + p->first_x + tap - x;
      if (at >= 0 && at < length) out[i] += line[at];
    }
  }
}

enum { PLANES_AHEAD = 8 };

// panel[row pitch + i] = what pixel first + i reads, for the taps of the channels from channel on;
// `last` is the channel after the last that will be gathered for these pixels.
INLINE void gather(const panel_pass *p, int channel, int channels, int last, size_t first, int count,
                   float *panel) {
  int folds = p->fold != pi_border_zero, margin = folds ? p->taps_x + p->padding_x : 0;
  int is_row = p->taps_x == 1 && p->step == 1 && !folds;  // what is read is what the panel holds
  for (int c = channel; c < channel + channels; c++)
    for (int r = 0; r < p->taps_y; r++, panel += p->taps_x * PANEL_PITCH)
      for (int done = 0; done < count;) {
        int y = (int)((first + (size_t)done) / (size_t)p->columns);
        int x = (int)((first + (size_t)done) % (size_t)p->columns);
        int run = p->columns - x < count - done ? p->columns - x : count - done;
        int longest = (MOST_LINE - p->taps_x - 2 * margin) / p->step;
        if (run > longest) run = longest;
        float staged[MOST_LINE], *line = is_row ? panel + done : staged;
        int from = x * p->step + p->first_x - margin;
        int length = (run - 1) * p->step + p->taps_x + 2 * margin;
        if (c + PLANES_AHEAD < last)
          fetch_row(&p->in, c + PLANES_AHEAD, y * p->step + p->first_y + r, from, length);
        read_row(&p->in, c, y * p->step + p->first_y + r, from, length, line);
        if (folds)
          add_folded_rows(p, c, y * p->tap_step + p->phase_y, r, from, length, line);
        for (int s = 0; s < p->taps_x && !is_row; s++) {
          const float *restrict source = line + margin + s;
          float *restrict out = panel + s * PANEL_PITCH + done;
          if (p->step == 1)
            for (int i = 0; i < run; i++) out[i] = source[i];
          else if (p->step == 2)
            for (int i = 0; i < run; i++) out[i] = source[2 * i];
          else
            for (int i = 0; i < run; i++) out[i] = source[i * p->step];
          if (folds) add_folded_columns(p, x, run, s, from, length, line, out);
        }
        done += run;
      }
}

// Channels whose taps make one product: all, or a multiple of eight, so that their rows fill panels.
INLINE int panel_channels(int channels, int taps) {
  int step = PANEL_ROWS / (taps ? taps : 1) / PI_PANEL * PI_PANEL;
  if (step < PI_PANEL) step = PI_PANEL;
  return step < channels ? step : channels;
}

// Numbers of a panel, whatever the phase: one with fewer taps gathers more channels.
INLINE size_t panel_size(int taps) {
  return (size_t)(taps * PI_PANEL > PANEL_ROWS ? taps * PI_PANEL : PANEL_ROWS) * PANEL_PITCH;
}

INLINE size_t packed_panel(const panel_pass *p) { return panel_rows(p) * PI_PANEL; }

// u[panel][in, tap][8] from w with the given steps to the next output and input.
INLINE void pack_rows(const panel_pass *p, const float *w, size_t out_step, size_t in_step,
                      int kernel_width, size_t panel, float *u) {
  int some = p->outs - (int)panel * PI_PANEL < PI_PANEL ? p->outs - (int)panel * PI_PANEL : PI_PANEL;
  float *target = u + panel * packed_panel(p);
  for (int c = 0; c < p->ins; c++)
    for (int r = 0; r < p->taps_y; r++)
      for (int s = 0; s < p->taps_x; s++, target += PI_PANEL) {
        int y = p->tap_step ? p->tap_y - r * p->tap_step : r;
        int x = p->tap_step ? p->tap_x - s * p->tap_step : s;
        const float *source = w + panel * PI_PANEL * out_step + (size_t)c * in_step +
                              (size_t)(y * kernel_width + x);
        for (int k = 0; k < PI_PANEL; k++) target[k] = k < some ? source[(size_t)k * out_step] : 0;
      }
}

INLINE size_t panel_outputs(int outs) { return round_up((size_t)outs, PI_PANEL) * PANEL_PIXELS; }
