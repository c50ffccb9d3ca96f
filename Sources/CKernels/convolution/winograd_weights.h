// The gradient to the weights by Winograd: products of the points of input tiles and gradient tiles,
// summed over tiles, turned back into kernels at the end.
#pragma once
#include "winograd.h"

enum { WEIGHT_SUMS_MOST = 10 << 20 };  // numbers of the sums of all parts, where there are more than two

INLINE size_t weight_parts(const winograd *w) {
  size_t parts = parts_of(winograd_blocks(w)), room = WEIGHT_SUMS_MOST / weight_sums(w);
  return parts <= room || parts <= 2 ? parts : room < 2 ? 2 : room;
}

// Tiles lie a little apart: a power of two between them would put them into few sets of the cache.
INLINE size_t gradient_step(const winograd *w) { return lanes_of(w->dy.count) + PAD; }
INLINE size_t gradient_pitch(const winograd *w) { return BLOCK_TILES * gradient_step(w); }
enum {
  GRADIENT_LINE = GROUP * MOST_TILE,
  GRADIENT_LINES = 16 * MOST_TILE * GRADIENT_LINE,  // staged rows of sixteen planes, and the same turned
};

INLINE size_t winograd_weights_scratch(const winograd *w) {
  return POINTS * (input_pitch(w->x.count) + gradient_pitch(w)) + 2 * GRADIENT_LINES + SIDE * LINE;
}

// lines[i GRADIENT_LINE + tile t + j] = pixel (i, j) of the gradient's tile t.
INLINE void stage_gradient(const winograd *w, size_t group, int plane, int tile, float *lines) {
  tile_run run = {0, 0, 0, 0};
  int lane = 0;
  while (next_run(&w->grid, group, &run)) {
    for (int i = 0; i < tile; i++)
      read_plane(&w->dy, plane, w->dy_y + tile * run.row + i, w->dy_x + tile * run.column,
                 tile * run.count, lines + i * GRADIENT_LINE + tile * run.lane);
    lane = run.lane + run.count;
  }
  for (int i = 0; i < tile; i++)
    memset(lines + i * GRADIENT_LINE + tile * lane, 0, (size_t)(tile * (GROUP - lane)) * sizeof *lines);
}

// m[point][tile][plane]: the points of the gradient's tiles, planes in the lanes; db += their sums.
INLINE void transform_gradient(const winograd *w, size_t block, int tile, float *m, float *lines,
                               float *db) {
  size_t pitch = gradient_pitch(w), step = gradient_step(w);
  float *turned = lines + GRADIENT_LINES;
  for (int nth = 0; nth < block_groups(w, block); nth++)
    for (int first = 0; first < w->dy.count; first += 16) {
      float *out = m + (size_t)(nth * GROUP) * step + first;
      size_t group = group_of_block(w, block, nth);
      for (int k = 0; k < 16; k++) {
        float *its = lines + k * MOST_TILE * GRADIENT_LINE;
        if (first + k < w->dy.count) {
          fetch_tiles(&w->dy, &w->grid, group, first + k + PLANES_BEFORE, w->dy_y, w->dy_x, tile, tile);
          stage_gradient(w, group, first + k, tile, its);
        } else {
          memset(its, 0, MOST_TILE * GRADIENT_LINE * sizeof *its);
        }
      }
      lanes total = all(0);
      for (int i = 0; i < tile; i++)
        for (int x = 0; x < tile * GROUP; x += 16) {
          lanes v[16];
          UNROLLED for (int k = 0; k < 16; k++)
            v[k] = load(lines + (k * MOST_TILE + i) * GRADIENT_LINE + x);
          transpose(v);
          UNROLLED for (int j = 0; j < 16; j++) {
            store(turned + (i * GRADIENT_LINE + x + j) * 16, v[j]);
            total += v[j];
          }
        }
      store(db + first, load(db + first) + total);
      for (int n = 0; n < GROUP; n++) {
        lanes t[6][MOST_TILE];
        UNROLLED for (int j = 0; j < tile; j++) {
          lanes y[MOST_TILE], points[6];
          UNROLLED for (int i = 0; i < tile; i++)
            y[i] = load(turned + (i * GRADIENT_LINE + tile * n + j) * 16);
          gradient_points(y, tile, points);
          UNROLLED for (int i = 0; i < 6; i++) t[i][j] = points[i];
        }
        UNROLLED for (int i = 0; i < 6; i++) {
          lanes points[6];
          gradient_points(t[i], tile, points);
          UNROLLED for (int j = 0; j < 6; j++)
            store(out + (size_t)(6 * i + j) * pitch + (size_t)n * step, points[j]);
        }
      }
    }
}

// sums[point][in][out] (+)= the products of the points of a block.
INLINE void add_products(const winograd *w, const float *v, const float *m, size_t tiles, float *sums,
                         int adds) {
  size_t in_pitch = input_pitch(w->x.count), out_pitch = gradient_pitch(w), step = gradient_step(w);
  size_t outs = lanes_of(w->dy.count), sum_pitch = weight_sums(w) / POINTS;
  for (size_t p = 0; p < POINTS; p++)
    for (int c = 0; c < w->x.count; c += PI_PANEL) {
      // What is not summed here would be part of taps that no kernel has.
      if (vanishes(w, pi_pass_weights, c, p)) continue;
      int some;
      for (size_t k = 0; k < outs; k += (size_t)(some * GROUP)) {
        some = next_vectors((outs - k) / GROUP);
        product_rows8(v + p * in_pitch + (size_t)c * BLOCK_TILES, BLOCK_TILES, 1, m + p * out_pitch + k, step,
                      some, tiles, sums + p * sum_pitch + (size_t)c * outs + k, outs, adds);
      }
    }
}

// Of a whole block, where the count of the products is a constant.
static __attribute__((noinline)) void add_whole_block(const winograd *w, const float *v, const float *m,
                                                      float *sums, int adds) {
  add_products(w, v, m, BLOCK_TILES, sums, adds);
}

// The blocks of one part: sums (=) [point][in][out], and db (=) sums of the gradient by plane.
INLINE void winograd_weights_part(const winograd *w, size_t part, int tile, float *sums, float *db,
                                  float *scratch) {
  size_t in_pitch = input_pitch(w->x.count), out_pitch = gradient_pitch(w);
  size_t outs = lanes_of(w->dy.count);
  float *v = scratch, *m = v + POINTS * in_pitch, *lines = m + POINTS * out_pitch;
  size_t blocks = winograd_blocks(w), parts = weight_parts(w);
  size_t begin = blocks * part / parts, end = blocks * (part + 1) / parts;
  memset(db, 0, outs * sizeof *db);
  for (size_t block = begin; block < end; block++) {
    transform_block(w, &w->x, block, tile, v, lines + 2 * GRADIENT_LINES);
    transform_gradient(w, block, tile, m, lines, db);
    int groups = block_groups(w, block), adds = block != begin;
    if (groups < BLOCK_GROUPS)
      add_products(w, v, m, (size_t)(groups * GROUP), sums, adds);
    else
      add_whole_block(w, v, m, sums, adds);
  }
}

// The gradients of the multiplied kernels between the input plane at x and the output planes y ..< y + 16:
// kernels[tap][lane], summed over the parts.
INLINE void kernels_of(const winograd *w, const float *sums, int x, int y, int taps, float *kernels) {
  size_t outs = lanes_of(w->dy.count), size = weight_sums(w), pitch = size / POINTS;
  size_t parts = weight_parts(w);
  lanes t[MOST_KERNEL][6];
  UNROLLED for (int j = 0; j < 6; j++) {
    lanes m[6], column[MOST_KERNEL];
    UNROLLED for (int i = 0; i < 6; i++) {
      const float *place = sums + (size_t)(6 * i + j) * pitch + (size_t)x * outs + (size_t)y;
      m[i] = load(place);
      for (size_t part = 1; part < parts; part++) m[i] += load(place + part * size);
    }
    kernel_taps(m, taps, column);
    UNROLLED for (int i = 0; i < taps; i++) t[i][j] = column[i];
  }
  UNROLLED for (int i = 0; i < taps; i++) {
    lanes row[MOST_KERNEL];
    kernel_taps(t[i], taps, row);
    UNROLLED for (int j = 0; j < taps; j++) store(kernels + (i * taps + j) * 16, row[j]);
  }
}

// The adjoint of add_kernel: kernel[tap] += taps[place step].
INLINE void collect_kernel(const winograd *w, int x, int y, const float *taps, size_t step, float *dw) {
  float *target = dw + kernel_place(w, x, y);
  int kernel = w->g->kernel_height;
  if (w->scale == 1) {
    for (int i = 0; i < kernel * kernel; i++) target[i] += taps[(size_t)i * step];
    return;
  }
  const signed char *rows = places_of(w, x, y, 1), *columns = places_of(w, x, y, 0);
  for (int i = 0; i < kernel; i++)
    for (int j = 0; j < kernel && rows[i] >= 0; j++)
      if (columns[j] >= 0)
        target[i * kernel + j] += taps[(size_t)(rows[i] * w->taps + columns[j]) * step];
}

// dw for the input channels first ..< first + count of a group, from the sums of all parts.
INLINE void winograd_weights_finish(const winograd *w, const float *sums, int first, int count, int taps,
                                    float *dw, int adds) {
  const pi_convolution *g = w->g;
  size_t size = (size_t)(g->kernel_height * g->kernel_width), ins = (size_t)(g->channels / g->groups);
  int phases = plane_phases(&w->x);
  for (int c = first; c < first + count; c++) {
    if (!adds)
      for (int k = 0; k < g->out_channels / g->groups; k++)
        memset(dw + ((size_t)k * ins + (size_t)c) * size, 0, size * sizeof *dw);
    // The planes of the channel.
    int is_phased = c < w->x.phased, begin = is_phased ? 4 * c : phases + c - w->x.phased;
    int end = begin + (is_phased ? 4 : 1);
    for (int x = begin; x < end; x++)
      for (int y = 0; y < w->dy.count; y += 16) {
        float kernels[MOST_KERNEL * MOST_KERNEL * 16];
        kernels_of(w, sums, place_of(&w->x, x), y, taps, kernels);
        for (int n = 0; n < 16 && y + n < w->dy.count; n++) collect_kernel(w, x, y + n, kernels + n, 16, dw);
      }
  }
}
