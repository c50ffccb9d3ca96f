// Kernels as convolutions on tiles multiply them: put together between phases, transformed, and packed.
#pragma once
#include "tiled.h"

// Where the rows or the columns (axis 1 or 0) of the given kernel go between two planes.
INLINE const signed char *places_of(const tiled *w, int x, int y, int axis) {
  int in = x < plane_phases(&w->x) ? x >> axis & 1 : 2, out = y < plane_phases(&w->dy) ? y >> axis & 1 : 0;
  return w->places[in][out];
}

// Where the given kernel between two planes lies among the weights of a group.
INLINE size_t kernel_place(const tiled *w, int x, int y) {
  const pi_convolution *g = w->g;
  int ins = g->channels / g->groups, phases = plane_phases(&w->x);
  int in = x < phases ? x / 4 : w->x.phased + x - phases;
  int out = y < plane_phases(&w->dy) ? y / 4 : y;
  return (size_t)(out * ins + in) * (size_t)(g->kernel_height * g->kernel_width);
}

// The kernel that is multiplied between two planes: sums[place] += kernel[tap], where they are `taps` wide.
INLINE void add_kernel(const tiled *w, const float *weights, int x, int y, int taps, float *sums) {
  const float *source = weights + kernel_place(w, x, y);
  int kernel = w->g->kernel_height;
  if (w->scale == 1) {
    memcpy(sums, source, (size_t)(taps * taps) * sizeof *sums);
    return;
  }
  const signed char *rows = places_of(w, x, y, 1), *columns = places_of(w, x, y, 0);
  for (int i = 0; i < kernel; i++)
    for (int j = 0; j < kernel && rows[i] >= 0; j++)
      if (columns[j] >= 0) sums[rows[i] * taps + columns[j]] += source[i * kernel + j];
}

enum { KERNEL_ROOM = 64 };  // of most taps, in whole vectors

// out[tap] = that tap of sixteen kernels of `size` taps: kernel (i, k), which lies `i_step` and `k_step` from
// others, in lane apart i + k.
INLINE void transpose_kernels(const float *kernels, int apart, size_t i_step, size_t k_step, int size,
                              lanes out[KERNEL_ROOM]) {
  for (int from = 0; from < size; from += 16) {
    lanes v[16];
    UNROLLED for (int n = 0; n < 16; n++)
      v[n] = load(kernels + (size_t)(n / apart) * i_step + (size_t)(n % apart) * k_step + from);
    transpose(v);
    UNROLLED for (int j = 0; j < 16; j++) out[from + j] = v[j];
  }
}

// Of the taps of given kernels those between an input plane of a phase and outputs without.
INLINE void choose_taps(const tiled *w, int x, int taps, lanes kernels[KERNEL_ROOM]) {
  const signed char *rows = places_of(w, x, 0, 1), *columns = places_of(w, x, 0, 0);
  int kernel = w->g->kernel_height;
  lanes given[KERNEL_ROOM];
  for (int i = 0; i < kernel * kernel; i++) given[i] = kernels[i];
  for (int i = 0; i < taps * taps; i++) kernels[i] = all(0);
  for (int i = 0; i < kernel; i++)
    for (int j = 0; j < kernel && rows[i] >= 0; j++)
      if (columns[j] >= 0) kernels[rows[i] * taps + columns[j]] = given[i * kernel + j];
}

// given[tap] = that tap of the multiplied kernels of `outs` outputs and `ins` inputs, of the output first + k
// and the input c + i in lane apart i + k. In the data pass kernels are turned by half a turn.
INLINE void gather_kernels(const tiled *w, const float *weights, int first, int outs, int c,
                           int ins, int apart, int taps, lanes *given) {
  const pi_convolution *g = w->g;
  int is_data = w->pass == pi_pass_data, size = g->kernel_height * g->kernel_width, count = taps * taps;
  int x = plane_at(&w->x, is_data ? first : c);
  size_t in_step = (size_t)size, out_step = (size_t)(g->channels / g->groups) * in_step;
  size_t i_step = is_data ? out_step : in_step, k_step = is_data ? in_step : out_step;
  size_t place = kernel_place(w, x, is_data ? c : first), all_outs = (size_t)(g->out_channels / g->groups);
  size_t end = place + (size_t)(ins - 1) * i_step + (size_t)(outs - 1) * k_step + round_up((size_t)size, 16);
  lanes gathered[KERNEL_ROOM];
  // Where nothing is enlarged they are taps of the given kernels, which lie evenly.
  if (!g->enlarges && ins * outs == 16 && end <= all_outs * out_step) {
    transpose_kernels(weights + place, apart, i_step, k_step, size, gathered);
    if (w->scale == 2) choose_taps(w, x, taps, gathered);
  } else {
    float kernels[16][KERNEL_ROOM] __attribute__((aligned(64)));
    for (int i = 0; i < 16; i++) memset(kernels[i], 0, round_up((size_t)count, 16) * sizeof(float));
    for (int i = 0; i < ins; i++)
      for (int k = 0; k < outs; k++) {
        float *its = kernels[apart * i + k];
        if (is_data)
          add_kernel(w, weights, plane_at(&w->x, first + k), c + i, taps, its);
        else
          add_kernel(w, weights, plane_at(&w->x, c + i), first + k, taps, its);
      }
    transpose_kernels(kernels[0], 1, KERNEL_ROOM, 0, count, gathered);
  }
  UNROLLED for (int i = 0; i < count; i++) given[is_data ? count - 1 - i : i] = gathered[i];
}

// The packed weights lie as they are multiplied: [block of outs][point][panel][in][8], where ins and outs
// are the numbers of all planes' points.
INLINE size_t packed_weights(int side, int ins, int outs) {
  int parts = point_parts(side);
  return round_up((size_t)(parts * outs), BLOCK_OUTS) * point_count(side) * (size_t)(parts * ins);
}

// The panels of outputs that are packed at a time.
INLINE size_t tiled_panels(const tiled *w, int outs) {
  return divide_up((size_t)(outs * point_parts(w->side)), PI_PANEL);
}

// Where those of a point and an output, the first of its panel, begin.
INLINE size_t packed_place(int side, int ins, int out, size_t point) {
  size_t block = (size_t)(out / BLOCK_OUTS), inner = (size_t)(out % BLOCK_OUTS);
  return ((block * point_count(side) + point) * BLOCK_OUTS + inner) * (size_t)ins;
}

// Transforms the weights of the outputs of one panel, from two inputs at a time.
INLINE void pack_panel(const tiled *w, const float *weights, size_t panel, int taps,
                       float *u) {
  int ins = pass_input(w)->count, outs = pass_output(w)->count;
  int first = (int)panel * PI_PANEL, some = outs - first < PI_PANEL ? outs - first : PI_PANEL;
  for (int c = 0; c < ins; c += 2) {
    int pair = ins - c < 2 ? 1 : 2;
    lanes given[MOST_KERNEL * MOST_KERNEL], t[6][MOST_KERNEL];
    gather_kernels(w, weights, first, some, c, pair, PI_PANEL, taps, given);
    UNROLLED for (int j = 0; j < taps; j++) {
      lanes column[MOST_KERNEL], points[6];
      UNROLLED for (int i = 0; i < taps; i++) column[i] = given[i * taps + j];
      kernel_points(column, taps, points);
      UNROLLED for (int i = 0; i < 6; i++) t[i][j] = points[i];
    }
    for (int i = 0; i < 6; i++) {
      lanes points[6];
      kernel_points(t[i], taps, points);
      UNROLLED for (int j = 0; j < 6; j++) {
        float *place = u + packed_place(WINOGRAD_SIDE, ins, first, (size_t)(6 * i + j)) + (size_t)c * PI_PANEL;
        if (pair == 2)
          store(place, points[j]);
        else
          memcpy(place, &points[j], PI_PANEL * sizeof(float));
      }
    }
  }
}

// Likewise where points are frequencies: correlation multiplies by the conjugates of the kernels'. Those of
// four outputs and four inputs are transformed at a time.
INLINE void pack_frequencies(const tiled *w, const float *weights, size_t panel, int taps,
                             float *u) {
  enum { SOME = 4 };
  int ins = pass_input(w)->count, outs = pass_output(w)->count;
  int first = (int)panel * SOME, some = outs - first < SOME ? outs - first : SOME;
  for (int c = 0; c < ins; c += SOME) {
    int count = ins - c < SOME ? ins - c : SOME;
    lanes given[MOST_TAPS * MOST_TAPS];
    half_spectrum s;
    gather_kernels(w, weights, first, some, c, count, SOME, taps, given);
    clear_rows(taps, &s);
    for (int i = 0; i < taps; i += 2) {
      lanes rows[2][16] = {0};
      for (int n = 0; n < 2 && i + n < taps; n++)
        for (int j = 0; j < taps; j++) rows[n][j] = FOURIER_SCALE * given[(i + n) * taps + j];
      transform_rows(rows[0], rows[1], i, &s);
    }
    float points[FREQUENCIES][32] __attribute__((aligned(64)));
    transform_columns(&s, points[0], 32, 16);
    for (size_t p = 0; p < FREQUENCIES; p++) {
      lanes re = load(points[p]), im = load(points[p] + 16);
      // What multiplies the real part of an input, for both parts of the outputs, and its imaginary part.
      lanes real[2] = {ZIP_LOW(re, -im), ZIP_HIGH(re, -im)};
      lanes imaginary[2] = {ZIP_LOW(im, re), ZIP_HIGH(im, re)};
      float *place = u + packed_place(FOURIER_SIDE, 2 * ins, 2 * first, p) + (size_t)(2 * c) * PI_PANEL;
      for (int i = 0; i < count; i++) {
        memcpy(place + 2 * i * PI_PANEL, (float *)&real[i / 2] + i % 2 * PI_PANEL, PI_PANEL * sizeof(float));
        memcpy(place + (2 * i + 1) * PI_PANEL, (float *)&imaginary[i / 2] + i % 2 * PI_PANEL,
               PI_PANEL * sizeof(float));
      }
    }
  }
}

INLINE void pack_kernels(const tiled *w, const float *weights, size_t panel, int taps,
                         int side, float *u) {
  if (side == WINOGRAD_SIDE)
    pack_panel(w, weights, panel, taps, u);
  else
    pack_frequencies(w, weights, panel, taps, u);
}
