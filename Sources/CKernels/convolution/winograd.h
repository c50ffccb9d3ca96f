// The three passes of a 3x3 convolution of stride 1 by Winograd F(4x4, 3x3), in blocks of 32 tiles that
// stay in the second-level cache.
#pragma once
#include "product.h"
#include "sums.h"
#include "tiles.h"

enum { BLOCK_OUTS = 32, PAD = 16 };  // outputs multiplied at a time; keeps points off one cache set

// One group of channels as a pass sees it.
typedef struct {
  reader in;             // what is transformed
  int ins, outs;         // channels
  int in_y, in_x;        // where output (0, 0) begins to read
  tile_grid grid;        // over the output
  int out_height, out_width;
  pi_border fold;        // data: how positions outside the output fold back into it
} winograd;

// How far before the picture the tiles of a gradient begin, so that both edges fold inside a tile:
// a position outside and the one it folds to must lie in the same tile.
INLINE int fold_origin(int extent, int padding, pi_border border) {
  if (border == pi_border_zero || padding == 0) return 0;
  int reach = border == pi_border_reflection ? 2 : 1;
  for (int before = 1; before <= 4 - reach; before++)
    if ((extent + before) % 4 >= reach) return -before;
  return 1;  // there is none
}

static inline winograd winograd_pass(const pi_convolution *g, pi_pass pass, const pi_tensors *t) {
  winograd w;
  int ins = g->channels / g->groups, outs = g->out_channels / g->groups;
  if (pass == pi_pass_data) {
    w.in = (reader){t->dy, g->out_channels, g->out_height, g->out_width, pi_border_zero};
    w.ins = outs;
    w.outs = ins;
    w.in_y = g->padding_height - 2;
    w.in_x = g->padding_width - 2;
    w.out_height = g->height;
    w.out_width = g->width;
    w.fold = g->border;
    int y = fold_origin(g->height, g->padding_height, g->border);
    int x = fold_origin(g->width, g->padding_width, g->border);
    int below = g->border == pi_border_zero ? 0 : g->padding_height;
    int right = g->border == pi_border_zero ? 0 : g->padding_width;
    w.grid = (tile_grid){y, x, (g->height + below - y + 3) / 4, (g->width + right - x + 3) / 4};
  } else {
    w.in = (reader){t->x, g->channels, g->height, g->width, g->border};
    w.ins = ins;
    w.outs = outs;
    w.in_y = -g->padding_height;
    w.in_x = -g->padding_width;
    w.out_height = g->out_height;
    w.out_width = g->out_width;
    w.fold = pi_border_zero;
    w.grid = (tile_grid){0, 0, (g->out_height + 3) / 4, (g->out_width + 3) / 4};
  }
  return w;
}

INLINE size_t winograd_blocks(const winograd *w) { return divide_up(grid_groups(&w->grid), 2); }

// MARK: Weights

// Numbers of one point's weights: [panels][ins][8].
INLINE size_t packed_point(int ins, int outs) {
  return round_up((size_t)outs, PI_PANEL) * (size_t)ins + PAD;
}

// Transforms the weights of the outputs of one panel: u[point][panel][in][8]. `out_step` and `in_step`
// lead through w to the next output and input; data: the kernel is turned by half a turn.
INLINE void pack_panel(const float *w, size_t out_step, size_t in_step, int turned, int ins, int outs,
                       size_t panel, float *u) {
  size_t point = packed_point(ins, outs);
  float *target = u + panel * PI_PANEL * (size_t)ins;
  int some = outs - (int)panel * PI_PANEL < PI_PANEL ? outs - (int)panel * PI_PANEL : PI_PANEL;
  for (int c = 0; c < ins; c += 2) {
    int pair = ins - c < 2 ? 1 : 2;
    float taps[9][16] = {{0}};
    for (int i = 0; i < pair; i++)
      for (int k = 0; k < some; k++) {
        const float *source =
            w + (panel * PI_PANEL + (size_t)k) * out_step + (size_t)(c + i) * in_step;
        for (int tap = 0; tap < 9; tap++) taps[turned ? 8 - tap : tap][8 * i + k] = source[tap];
      }
    lanes t[6][3];
    UNROLLED for (int j = 0; j < 3; j++) {
      lanes column[3] = {load(taps[j]), load(taps[3 + j]), load(taps[6 + j])}, points[6];
      kernel_points(column, points);
      UNROLLED for (int i = 0; i < 6; i++) t[i][j] = points[i];
    }
    for (int i = 0; i < 6; i++) {
      lanes points[6];
      kernel_points(t[i], points);
      UNROLLED for (int j = 0; j < 6; j++) {
        float *place = target + (size_t)(6 * i + j) * point + (size_t)c * PI_PANEL;
        if (pair == 2)
          store(place, points[j]);
        else
          memcpy(place, &points[j], PI_PANEL * sizeof(float));
      }
    }
  }
}

// MARK: Forward and data

INLINE size_t input_pitch(int ins) { return round_up((size_t)ins, PI_PANEL) * PI_COLUMNS + PAD; }
enum { OUTPUT_PITCH = BLOCK_OUTS * PI_COLUMNS + PAD };

INLINE size_t winograd_scratch(int ins) {
  return POINTS * (input_pitch(ins) + OUTPUT_PITCH) + 6 * LINE;
}

enum { CHANNELS_AHEAD = 4 };

// Fetches what the tiles of a block, of `height` rows from (y, x) on, will read of a channel.
INLINE void fetch_block(const winograd *w, const reader *r, int channel, size_t block, int y, int x,
                        int height) {
  for (size_t group = 2 * block; group < 2 * block + 2; group++) {
    tile_run run = {0, 0, 0, 0};
    while (next_run(&w->grid, group, &run))
      for (int i = 0; i < height; i++)
        fetch_row(r, channel, y + 4 * run.row + i, x + 4 * run.column, 4 * run.count + 2);
  }
}

// v[point][channel][32 tiles] of both groups of a block.
INLINE void transform_block(const winograd *w, int first_channel, size_t block, float *v,
                            float *lines) {
  size_t pitch = input_pitch(w->ins), groups = grid_groups(&w->grid);
  int y = w->grid.origin_y + w->in_y, x = w->grid.origin_x + w->in_x;
  for (int c = 0; c < w->ins; c++) {
    if (c + CHANNELS_AHEAD < w->ins) 
      fetch_block(w, &w->in, first_channel + c + CHANNELS_AHEAD, block, y, x, 6);
    for (size_t half = 0; half < 2; half++) {
      float *out = v + (size_t)c * PI_COLUMNS + half * GROUP;
      if (2 * block + half >= groups) {
        for (size_t p = 0; p < POINTS; p++) memset(out + p * pitch, 0, GROUP * sizeof *out);
        continue;
      }
      int second =
          stage_tiles(&w->in, &w->grid, 2 * block + half, first_channel + c, y, x, 6, lines);
      transform_input(lines, second, out, pitch);
    }
  }
}

// Adds what lies outside the output to the positions inside that the border's rule reads there.
INLINE void fold_run(const winograd *w, int y, int x, int columns, float rows[4][4 * GROUP], int from) {
  int reach = w->fold == pi_border_reflection ? 2 : 1;
  for (int edge = 0; edge < 2; edge++) {
    int outside = edge ? w->out_height : -1, step = edge ? -reach : reach, i = outside - y;
    if (i < 0 || i > 3 || i + step < 0 || i + step > 3) continue;
    for (int k = from; k < from + columns; k++) rows[i + step][k] += rows[i][k];
  }
  for (int edge = 0; edge < 2; edge++) {
    int outside = edge ? w->out_width : -1, step = edge ? -reach : reach, k = outside - x;
    if (k < 0 || k >= columns || k + step < 0 || k + step >= columns) continue;
    for (int i = 0; i < 4; i++) rows[i][from + k + step] += rows[i][from + k];
  }
}

// Writes the tiles of a group that lie in the output; `emit` takes each row.
INLINE void write_tiles(const winograd *w, size_t group, float rows[4][4 * GROUP], emitter *e) {
  tile_run run = {0, 0, 0, 0};
  while (next_run(&w->grid, group, &run)) {
    int y = w->grid.origin_y + 4 * run.row, x = w->grid.origin_x + 4 * run.column;
    int columns = 4 * run.count, from = 4 * run.lane;
    if (w->fold != pi_border_zero) fold_run(w, y, x, columns, rows, from);
    int first = x < 0 ? -x : 0, end = w->out_width - x < columns ? w->out_width - x : columns;
    if (end <= first) continue;
    for (int i = 0; i < 4; i++)
      if (y + i >= 0 && y + i < w->out_height)
        emit_row(e, (size_t)(y + i) * (size_t)w->out_width + (size_t)(x + first),
                 (size_t)(end - first), rows[i] + from + first);
  }
}

// Fetches where the tiles of a block will be written in a channel.
INLINE void fetch_output(const winograd *w, const pi_convolution *g, pi_pass pass, const pi_tensors *t,
                         int channel, size_t block) {
  for (size_t group = 2 * block; group < 2 * block + 2; group++) {
    tile_run run = {0, 0, 0, 0};
    while (next_run(&w->grid, group, &run)) {
      int y = w->grid.origin_y + 4 * run.row, x = w->grid.origin_x + 4 * run.column;
      int first = x < 0 ? 0 : x, end = x + 4 * run.count < w->out_width ? x + 4 * run.count : w->out_width;
      for (int i = y < 0 ? 0 : y; i < y + 4 && i < w->out_height; i++)
        if (end > first)
          fetch_emitted(g, pass, t, channel, (size_t)i * (size_t)w->out_width + (size_t)first,
                        (size_t)(end - first));
    }
  }
}

// One block of tiles of one group of channels; u are the packed weights.
INLINE void winograd_block(const winograd *w, const pi_convolution *g, pi_pass pass,
                           const pi_tensors *t, int group, size_t block, const float *u,
                           float *sums, float *scratch) {
  float *v = scratch, *m = v + POINTS * input_pitch(w->ins), *lines = m + POINTS * OUTPUT_PITCH;
  size_t pitch = input_pitch(w->ins), point = packed_point(w->ins, w->outs);
  size_t groups = grid_groups(&w->grid);
  transform_block(w, group * w->ins, block, v, lines);
  for (int first = 0; first < w->outs; first += BLOCK_OUTS) {
    int some = w->outs - first < BLOCK_OUTS ? w->outs - first : BLOCK_OUTS;
    for (size_t p = 0; p < POINTS; p++) {
      for (int k = some * (int)p / POINTS; k < some * (int)(p + 1) / POINTS; k++)
        fetch_output(w, g, pass, t, group * w->outs + first + k, block);
      for (int k = 0; k < some; k += PI_PANEL)
        product_rows8(u + p * point + (size_t)(first + k) * (size_t)w->ins, 1, PI_PANEL, v + p * pitch,
                      PI_COLUMNS, 2, (size_t)w->ins, m + p * OUTPUT_PITCH + k * PI_COLUMNS, PI_COLUMNS,
                      0);
    }
    for (int k = 0; k < some; k++) {
      emitter e = make_emitter(g, pass, t, group * w->outs + first + k);
      for (size_t half = 0; half < 2 && 2 * block + half < groups; half++) {
        float rows[4][4 * GROUP] __attribute__((aligned(64)));
        transform_output(m + k * PI_COLUMNS + half * GROUP, OUTPUT_PITCH, rows);
        write_tiles(w, 2 * block + half, rows, &e);
      }
      finish_emitter(&e, sums + (block * (size_t)(w->outs * g->groups) +
                                 (size_t)(group * w->outs + first + k)) * SUMS);
    }
  }
}
