// The gradient to the weights by Winograd: products of the points of input tiles and gradient tiles,
// summed over tiles, turned back into kernels at the end.
#pragma once
#include "winograd.h"

enum { WEIGHT_BLOCKS_LEAST = 8 };  // blocks a part has at least

// The tiles are cut into this many parts with sums of their own: by the shape alone, so that the bytes do
// not depend on the threads.
INLINE size_t weight_parts(size_t blocks) {
  size_t parts = blocks / WEIGHT_BLOCKS_LEAST;
  return parts < 1 ? 1 : parts > 8 ? 8 : parts;
}

// Numbers of one part's sums: [point][in][out lanes].
INLINE size_t weight_sums(int ins, int outs) {
  return POINTS * (round_up((size_t)ins, PI_PANEL) * lanes_of(outs) + PAD);
}

INLINE size_t gradient_pitch(int outs) { return PI_COLUMNS * lanes_of(outs) + PAD; }
enum { STAGED_PIXELS = 4 * 4 * GROUP * 16 };  // of sixteen channels of a group: [row][column][channel]

INLINE size_t winograd_weights_scratch(int ins, int outs) {
  return POINTS * (input_pitch(ins) + gradient_pitch(outs)) + STAGED_PIXELS + 16 * 4 * LINE + 6 * LINE;
}

// m[point][tile][out]: the points of the gradient's tiles, channels in the lanes; db += their sums.
INLINE void transform_gradient(const winograd *w, const reader *dy, int first_channel, size_t block,
                               float *m, float *staged, float *lines, float *db) {
  size_t pitch = gradient_pitch(w->outs), outs = lanes_of(w->outs), groups = grid_groups(&w->grid);
  for (size_t half = 0; half < 2; half++)
    for (int first = 0; first < w->outs; first += 16) {
      float *out = m + half * GROUP * outs + first;
      if (2 * block + half >= groups) {
        for (size_t p = 0; p < POINTS; p++)
          for (size_t t = 0; t < GROUP; t++) store(out + p * pitch + t * outs, all(0));
        continue;
      }
      int some = w->outs - first < 16 ? w->outs - first : 16;
      for (int k = 0; k < 16; k++)
        if (k < some) {
          if (half == 0 && first + k + CHANNELS_AHEAD < w->outs)
            fetch_block(w, dy, first_channel + first + k + CHANNELS_AHEAD, block, 0, 0, 4);
          stage_tiles(dy, &w->grid, 2 * block + half, first_channel + first + k, 0, 0, 4,
                      lines + k * 4 * LINE);
        } else {
          memset(lines + k * 4 * LINE, 0, 4 * LINE * sizeof *lines);
        }
      lanes total = all(0);
      for (int i = 0; i < 4; i++)
        for (int x = 0; x < 4 * GROUP; x += 16) {
          lanes v[16];
          UNROLLED for (int k = 0; k < 16; k++) v[k] = load(lines + (k * 4 + i) * LINE + x);
          transpose(v);
          UNROLLED for (int j = 0; j < 16; j++) {
            store(staged + (i * 4 * GROUP + x + j) * 16, v[j]);
            total += v[j];
          }
        }
      store(db + first, load(db + first) + total);
      for (int tile = 0; tile < GROUP; tile++) {
        lanes t[6][4];
        UNROLLED for (int j = 0; j < 4; j++) {
          lanes y[4], points[6];
          UNROLLED for (int i = 0; i < 4; i++)
            y[i] = load(staged + (i * 4 * GROUP + 4 * tile + j) * 16);
          gradient_points(y, points);
          UNROLLED for (int i = 0; i < 6; i++) t[i][j] = points[i];
        }
        UNROLLED for (int i = 0; i < 6; i++) {
          lanes points[6];
          gradient_points(t[i], points);
          UNROLLED for (int j = 0; j < 6; j++)
            store(out + (size_t)(6 * i + j) * pitch + (size_t)tile * outs, points[j]);
        }
      }
    }
}

// The blocks of one part: sums (=) [point][in][out], and db (=) sums of the gradient by output.
INLINE void winograd_weights_part(const winograd *w, const reader *dy, int group, size_t part,
                                  float *sums, float *db, float *scratch) {
  size_t in_pitch = input_pitch(w->ins), out_pitch = gradient_pitch(w->outs), outs = lanes_of(w->outs);
  size_t sum_pitch = weight_sums(w->ins, w->outs) / POINTS;
  float *v = scratch, *m = v + POINTS * in_pitch, *staged = m + POINTS * out_pitch;
  float *lines = staged + STAGED_PIXELS, *input_lines = lines + 16 * 4 * LINE;
  size_t blocks = winograd_blocks(w), parts = weight_parts(blocks);
  size_t begin = blocks * part / parts, end = blocks * (part + 1) / parts;
  memset(db, 0, outs * sizeof *db);
  for (size_t block = begin; block < end; block++) {
    transform_block(w, group * w->ins, block, v, input_lines);
    transform_gradient(w, dy, group * w->outs, block, m, staged, lines, db);
    for (size_t p = 0; p < POINTS; p++)
      for (int c = 0; c < w->ins; c += PI_PANEL)
        for (size_t k = 0; k < outs; k += 32)
          product_rows8(v + p * in_pitch + (size_t)c * PI_COLUMNS, PI_COLUMNS, 1, m + p * out_pitch + k,
                        outs, outs - k >= 32 ? 2 : 1, PI_COLUMNS,
                        sums + p * sum_pitch + (size_t)c * outs + k, outs, block != begin);
  }
}

// dw for the input channels first ..< first + count of a group, from the sums of all parts.
INLINE void winograd_weights_finish(const winograd *w, const float *sums, size_t part_step, size_t parts,
                                    int first, int count, float *dw, int adds) {
  size_t outs = lanes_of(w->outs), pitch = weight_sums(w->ins, w->outs) / POINTS;
  for (int c = first; c < first + count; c++)
    for (int k = 0; k < w->outs; k += 16) {
      lanes t[3][6];
      UNROLLED for (int j = 0; j < 6; j++) {
        lanes m[6], taps[3];
        UNROLLED for (int i = 0; i < 6; i++) {
          const float *place = sums + (size_t)(6 * i + j) * pitch + (size_t)c * outs + (size_t)k;
          m[i] = load(place);
          for (size_t part = 1; part < parts; part++) m[i] += load(place + part * part_step);
        }
        kernel_taps(m, taps);
        UNROLLED for (int i = 0; i < 3; i++) t[i][j] = taps[i];
      }
      int some = w->outs - k < 16 ? w->outs - k : 16;
      for (int i = 0; i < 3; i++) {
        lanes taps[3];
        kernel_taps(t[i], taps);
        for (int j = 0; j < 3; j++)
          for (int n = 0; n < some; n++) {
            float *place = dw + ((size_t)(k + n) * (size_t)w->ins + (size_t)c) * 9 + (size_t)(3 * i + j);
            *place = adds ? *place + taps[j][n] : taps[j][n];
          }
      }
    }
}
