// The three passes of a convolution by panels.
#pragma once
#include "panels.h"

// Small pictures are cut finer, so that there is work for every thread.
INLINE size_t block_pixels(size_t pixels) {
  return pixels < 1024 ? 16 : pixels < 32768 ? PANEL_PIXELS / 2 : PANEL_PIXELS;
}

INLINE size_t grid_blocks(int rows, int columns) {
  size_t pixels = (size_t)rows * (size_t)columns;
  return divide_up(pixels, block_pixels(pixels));
}

// MARK: Forward and data

// Pixels of a grid in one group of channels.
typedef struct {
  int group, count;
  size_t first;
} panel_block;

INLINE panel_block make_block(const panel_pass *p, int group, size_t number) {
  size_t pixels = (size_t)p->rows * (size_t)p->columns, size = block_pixels(pixels);
  return (panel_block){group, (int)at_most(size, pixels - number * size), number * size};
}

// A run of a block's pixels within a row of the grid, and the plane's numbers from x, y on that they are,
// with those of the other phases between them.
typedef struct {
  int count, length;
  size_t place;
} panel_run;

INLINE panel_run run_at(const panel_pass *p, const panel_block *b, int done) {
  size_t first = b->first + (size_t)done;
  int step = p->tap_step, left = b->count - done;
  if (step <= 1) return (panel_run){left, left, first};
  int row = (int)(first / (size_t)p->columns), column = (int)(first % (size_t)p->columns);
  int run = p->columns - column < left ? p->columns - column : left;
  if (run > MOST_LINE / step) run = MOST_LINE / step;
  int y = row * step + p->phase_y, x = column * step;
  int length = p->width - x < run * step ? p->width - x : run * step;
  return (panel_run){run, length, (size_t)y * (size_t)p->width + (size_t)x};
}

enum { FEW_OUTS = 4 };
INLINE int has_few_outs(const panel_pass *p) { return p->outs <= FEW_OUTS; }

// Channels that are multiplied and written together, so that their products share what the first-level cache
// holds of a panel.
enum { NEAR_OUTS = 2 * PI_PANEL };

// Fetches where the next NEAR_OUTS channels of a block will be written.
INLINE void fetch_channels(const panel_pass *p, const pi_convolution *g, pi_pass pass, const pi_tensors *t,
                           const panel_block *b, int first) {
  for (int n = first; n < p->outs && n < first + NEAR_OUTS; n++) {
    emitter e = make_emitter(g, pass, t, b->group * p->outs + n);
    for (int done = 0; done < b->count;) {
      panel_run r = run_at(p, b, done);
      fetch_emitted(&e, r.place, (size_t)r.length);
      done += r.count;
    }
  }
}

// Writes NEAR_OUTS channels of a block, the numbers of all phases of the columns.
INLINE void emit_channels(const panel_pass *p, const pi_convolution *g, pi_pass pass, const pi_tensors *t,
                          const panel_block *b, int first, float *out, float *sums) {
  size_t room = panel_outputs(p->outs);
  for (int n = first; n < p->outs && n < first + NEAR_OUTS; n++) {
    int channel = b->group * p->outs + n;
    emitter e = make_emitter(g, pass, t, channel);
    for (int done = 0; done < b->count;) {
      panel_run r = run_at(p, b, done);
      float line[MOST_LINE], *source = out + (size_t)n * PANEL_PIXELS + done;
      if (p->tap_step > 1) {
        for (int phase = 0; phase < p->tap_step; phase++)
          for (int i = 0; i < r.count; i++)
            line[i * p->tap_step + phase] = source[(size_t)phase * room + (size_t)i];
        source = line;
      }
      emit_row(&e, r.place, (size_t)r.length, source);
      done += r.count;
    }
    finish_emitter(&e, sums + (size_t)channel * SUMS);
  }
}

// out[k PANEL_PIXELS + i] for a block. NEAR_OUTS channels at a time are written as soon as they are summed up,
// while they are in the first-level cache, if `sums` are given: with the last phase of the columns, whose
// outputs lie after those of the others.
INLINE void multiply_panels(const panel_pass *p, const pi_convolution *g, pi_pass pass,
                            const pi_tensors *t, const panel_block *b, const float *u, float *out,
                            float *panel, float *sums) {
  int taps = panel_taps(p), step = panel_channels(p->ins, taps);
  float *its = out + (size_t)p->phase_x * panel_outputs(p->outs);
  for (int c = 0; c < p->ins; c += step) {
    int some = p->ins - c < step ? p->ins - c : step, is_last = sums && c + step >= p->ins;
    if (is_last) fetch_channels(p, g, pass, t, b, 0);
    gather(p, b->group * p->ins + c, some, (b->group + 1) * p->ins, b->first, b->count, panel);
    for (int first = 0; first < p->outs; first += NEAR_OUTS) {
      if (is_last) fetch_channels(p, g, pass, t, b, first + NEAR_OUTS);
      int vectors;
      for (int i = 0; i < b->count; i += vectors * 16) {
        vectors = next_vectors(divide_up((size_t)(b->count - i), 16));
        for (int k = first; k < p->outs && k < first + NEAR_OUTS; k += PI_PANEL) {
          float *target = its + (size_t)k * PANEL_PIXELS + i;
          if (taps)
            product_rows(has_few_outs(p) ? FEW_OUTS : PI_PANEL,
                         u + (size_t)(k / PI_PANEL) * packed_panel(p) + (size_t)(c * taps) * PI_PANEL, 1,
                         PI_PANEL, panel + i, PANEL_PITCH, vectors, (size_t)(some * taps), target,
                         PANEL_PIXELS, c > 0);
          else
            for (int n = 0; n < PI_PANEL; n++)
              memset(target + n * PANEL_PIXELS, 0, (size_t)(vectors * 16) * sizeof *target);
        }
      }
      if (is_last) emit_channels(p, g, pass, t, b, first, out, sums);
    }
  }
}

INLINE void panel_forward_block(const panel_pass *p, const pi_convolution *g, const pi_tensors *t,
                                int group, size_t block, const float *u, float *sums, float *scratch) {
  panel_block b = make_block(p, group, block);
  multiply_panels(p, g, pi_pass_forward, t, &b, u, scratch, scratch + panel_outputs(p->outs),
                  sums + block * (size_t)g->out_channels * SUMS);
}

// The blocks of the phases of the rows, one phase after the other.
INLINE size_t phase_blocks(const pi_convolution *g, int phase_y) {
  return grid_blocks((g->height - phase_y + g->stride - 1) / g->stride,
                     (g->width + g->stride - 1) / g->stride);
}

INLINE size_t data_blocks(const pi_convolution *g) {
  size_t blocks = 0;
  for (int y = 0; y < g->stride && y < g->height; y++) blocks += phase_blocks(g, y);
  return blocks;
}

// Numbers of all packed weights of a group: each tap of each pair lies in one phase of rows and columns.
INLINE size_t packed_data(const pi_convolution *g) {
  return round_up((size_t)(g->channels / g->groups), PI_PANEL) *
         (size_t)(g->out_channels / g->groups) * (size_t)(g->kernel_height * g->kernel_width);
}

// Where the weights of a phase lie among those of its group.
INLINE size_t packed_phase(const pi_convolution *g, int phase_y, int phase_x) {
  size_t taps = 0;
  for (int y = 0; y <= phase_y; y++)
    for (int x = 0; x < (y < phase_y ? g->stride : phase_x); x++) {
      int last, rows, columns, first;
      phase_taps(y, g->padding_height, g->kernel_height, g->stride, &last, &rows, &first);
      phase_taps(x, g->padding_width, g->kernel_width, g->stride, &last, &columns, &first);
      taps += (size_t)(rows * columns);
    }
  return taps * round_up((size_t)(g->channels / g->groups), PI_PANEL) *
         (size_t)(g->out_channels / g->groups);
}

INLINE void panel_data_block(const pi_convolution *g, const pi_tensors *t, int group, size_t block,
                             const float *u, float *sums, float *scratch) {
  int phase_y = 0;
  size_t inner = block;
  while (inner >= phase_blocks(g, phase_y)) inner -= phase_blocks(g, phase_y++);
  for (int x = 0; x < g->stride; x++) {
    panel_pass p = panel_data(g, t, phase_y, x);
    panel_block b = make_block(&p, group, inner);
    multiply_panels(&p, g, pi_pass_data, t, &b, u + packed_phase(g, phase_y, x), scratch,
                    scratch + (size_t)g->stride * panel_outputs(p.outs),
                    x == g->stride - 1 ? sums + block * (size_t)g->channels * SUMS : NULL);
  }
}

// MARK: Weights

// Numbers of one part's sums: [in, tap][out lanes].
INLINE size_t panel_weight_sums(const panel_pass *p) {
  return round_up(panel_rows(p), PI_PANEL) * lanes_of(p->outs);
}

// Pixels lie a little apart: a power of two between them would put them into few sets of the cache.
INLINE size_t turned_step(int outs) { return lanes_of(outs) + 16; }
INLINE size_t turned_gradient(int outs) { return turned_step(outs) * PANEL_PIXELS; }

// turned[i][out] = the gradient at pixel first + i; db += its sums.
INLINE void turn_gradient(const reader *dy, int first_channel, int outs, size_t first, int count,
                          float *turned, float *db) {
  size_t plane = (size_t)dy->height * (size_t)dy->width, step = turned_step(outs);
  for (int k = 0; k < outs; k += 16) {
    float rows[16][PANEL_PIXELS];
    for (int i = 0; i < 16; i++) {
      int channel = first_channel + k + i, ahead = channel + PLANES_AHEAD;
      if (ahead < first_channel + outs) fetch_inside(dy, (size_t)ahead * plane + first, (size_t)count);
      if (k + i < outs)
        read_inside(dy, reading_of(dy, channel), (size_t)channel * plane + first, (size_t)count, rows[i]);
      else
        memset(rows[i], 0, sizeof rows[i]);
      for (int j = count; j < (int)round_up((size_t)count, 16); j++) rows[i][j] = 0;
    }
    lanes total = all(0);
    for (int x = 0; x < count; x += 16) {
      lanes v[16];
      UNROLLED for (int i = 0; i < 16; i++) v[i] = load(rows[i] + x);
      transpose(v);
      UNROLLED for (int i = 0; i < 16; i++) {
        store(turned + (size_t)(x + i) * step + k, v[i]);
        total += v[i];
      }
    }
    store(db + k, load(db + k) + total);
  }
}

// Few outputs would leave most lanes empty: of those pixels lie in the lanes, which are added up at the end.
enum { FEW_ROWS = PRODUCT_ROWS == 8 ? 4 : 1 };  // multiplied at a time

// gradient[k PANEL_PITCH + i] = the gradient of output k at pixel first + i, in whole vectors; db += its sums.
INLINE void read_few(const reader *dy, int first_channel, int outs, size_t first, int count, float *gradient,
                     float *db) {
  size_t plane = (size_t)dy->height * (size_t)dy->width, whole = round_up((size_t)count, 16);
  memset(gradient, 0, FEW_OUTS * PANEL_PITCH * sizeof *gradient);
  for (int k = 0; k < outs; k++) {
    float *row = gradient + k * PANEL_PITCH;
    size_t channel = (size_t)(first_channel + k);
    read_inside(dy, reading_of(dy, (int)channel), channel * plane + first, (size_t)count, row);
    lanes total = all(0);
    for (size_t i = 0; i < whole; i += 16) total += load(row + i);
    db[k] += lane_sum(total);
  }
}

// products[row][output][lane] (+)= those of rows of a panel and of the gradient.
INLINE void multiply_few(float *panel, int rows, const float *gradient, int count, float *products, int adds) {
  int whole = (int)round_up((size_t)count, 16);
  for (int row = 0; row < rows; row += FEW_ROWS, products += FEW_ROWS * FEW_OUTS * 16) {
    lanes sum[FEW_ROWS][FEW_OUTS];
    for (int n = 0; n < FEW_ROWS; n++) {
      memset(panel + (row + n) * PANEL_PITCH + count, 0, (size_t)(whole - count) * sizeof *panel);
      UNROLLED for (int k = 0; k < FEW_OUTS; k++) sum[n][k] = all(0);
    }
    for (int i = 0; i < whole; i += 16)
      UNROLLED for (int n = 0; n < FEW_ROWS; n++) {
        lanes x = load(panel + (row + n) * PANEL_PITCH + i);
        UNROLLED for (int k = 0; k < FEW_OUTS; k++) sum[n][k] += x * load(gradient + k * PANEL_PITCH + i);
      }
    UNROLLED for (int n = 0; n < FEW_ROWS; n++)
      UNROLLED for (int k = 0; k < FEW_OUTS; k++) {
        float *target = products + (n * FEW_OUTS + k) * 16;
        store(target, adds ? load(target) + sum[n][k] : sum[n][k]);
      }
  }
}

INLINE size_t few_products(const panel_pass *p) {
  return has_few_outs(p) ? round_up(panel_rows(p), PI_PANEL) * FEW_OUTS * 16 : 0;
}

INLINE void panel_weights_part(const panel_pass *p, const reader *dy, int group, size_t part,
                               float *sums, float *db, float *scratch) {
  size_t pixels = (size_t)p->rows * (size_t)p->columns, size = block_pixels(pixels);
  size_t blocks = divide_up(pixels, size), parts = parts_of(blocks), outs = lanes_of(p->outs);
  size_t begin = blocks * part / parts, end = blocks * (part + 1) / parts;
  float *turned = scratch, *panel = turned + turned_gradient(p->outs);
  int taps = panel_taps(p), step = panel_channels(p->ins, taps), is_few = has_few_outs(p);
  float *products = panel + panel_size(taps);
  memset(db, 0, outs * sizeof *db);
  for (size_t block = begin; block < end; block++) {
    size_t first = block * size;
    int count = (int)at_most(size, pixels - first);
    if (is_few)
      read_few(dy, group * p->outs, p->outs, first, count, turned, db);
    else
      turn_gradient(dy, group * p->outs, p->outs, first, count, turned, db);
    for (int c = 0; c < p->ins; c += step) {
      int some = p->ins - c < step ? p->ins - c : step;
      gather(p, group * p->ins + c, some, (group + 1) * p->ins, first, count, panel);
      if (is_few) {
        multiply_few(panel, some * taps, turned, count, products + (size_t)(c * taps) * FEW_OUTS * 16,
                     block != begin);
        continue;
      }
      // So many pixels at a time as stay in the first-level cache.
      for (size_t done = 0; done < (size_t)count; done += LONGEST_SUM)
        for (int row = 0, vectors; row < some * taps; row += PI_PANEL)
          for (size_t k = 0; k < outs; k += (size_t)(vectors * 16)) {
            vectors = next_vectors((outs - k) / 16);
            product_rows(PI_PANEL, panel + (size_t)row * PANEL_PITCH + done, PANEL_PITCH, 1,
                         turned + done * turned_step(p->outs) + k, turned_step(p->outs), vectors,
                         at_most(LONGEST_SUM, (size_t)count - done),
                         sums + (size_t)(c * taps + row) * outs + k, outs, block != begin || done > 0);
          }
    }
  }
  if (is_few)
    for (size_t row = 0; row < panel_rows(p); row++)
      for (int k = 0; k < p->outs; k++)
        sums[row * outs + (size_t)k] = lane_sum(load(products + (row * FEW_OUTS + (size_t)k) * 16));
}

// dw for the rows first ..< first + count (a row: a tap of an input channel), from the sums of all parts.
INLINE void panel_weights_finish(const panel_pass *p, const float *sums, size_t part_step, size_t parts,
                                 size_t first, size_t count, float *dw, int adds) {
  size_t outs = lanes_of(p->outs), rows = panel_rows(p);
  for (size_t row = first; row < first + count; row++)
    for (int k = 0; k < p->outs; k += 16) {
      lanes total = load(sums + row * outs + (size_t)k);
      for (size_t part = 1; part < parts; part++)
        total += load(sums + part * part_step + row * outs + (size_t)k);
      int some = p->outs - k < 16 ? p->outs - k : 16;
      for (int n = 0; n < some; n++) {
        float *place = dw + (size_t)(k + n) * rows + row;
        *place = adds ? *place + total[n] : total[n];
      }
    }
}
