// The gradient to the weights on tiles: products of the points of input tiles and gradient tiles, summed over
// tiles, turned back into kernels at the end. With stride 2 the phases of the input are multiplied one after
// another.
#pragma once
#include "tiled_passes.h"

enum {
  WEIGHT_SUMS_MOST = 10 << 20,  // numbers of the sums of all parts, where there are more than two
  FEWEST_PIXELWISE = 48,        // planes of x of a phase, which repay that the gradient is transformed for each
};

// The phases that are multiplied one after another, and the planes of each.
INLINE int multiplied_phases(const tiled *w) { return w->x.by_phase ? 4 : 1; }
INLINE int multiplied_planes(const tiled *w) { return w->x.count / multiplied_phases(w); }

// 3x3 taps, whose tiles are the largest, have a single one along an axis in the first of its phases.
INLINE int has_pixels(const tiled *w, int tile) {
  return tile == MOST_TILE && w->x.by_phase && w->x.phased >= FEWEST_PIXELWISE;
}
INLINE pixelwise pixels_of(const tiled *w, int tile, int phase) {
  int has = has_pixels(w, tile);
  return (pixelwise){has && phase >> 1 == 0, has && (phase & 1) == 0};
}

// Where the products of a point are summed, and how many such places a phase has.
INLINE size_t sum_place(pixelwise pixels, size_t point) {
  size_t row = pixels.rows ? 0 : point / WINOGRAD_SIDE, column = pixels.columns ? 0 : point % WINOGRAD_SIDE;
  return row * (pixels.columns ? 1 : WINOGRAD_SIDE) + column;
}
// Whether an earlier point has the same place; the first, 0, is left out where there are pixels.
INLINE int shares_place(pixelwise pixels, size_t point) {
  return (pixels.rows && point / WINOGRAD_SIDE > 1) || (pixels.columns && point % WINOGRAD_SIDE > 1);
}
INLINE size_t sum_places(const tiled *w, int phase) {
  return w->side == WINOGRAD_SIDE ? sum_place(pixels_of(w, w->tile, phase), POINTS - 1) + 1 : FREQUENCIES;
}

// Numbers of the sums of one place: [in][lanes of outs, those of each of the numbers of a point].
INLINE size_t sum_pitch(const tiled *w) {
  size_t ins = round_up((size_t)multiplied_planes(w), PI_PANEL), outs = lanes_of(w->dy.count);
  return ins * outs * (size_t)point_parts(w->side) + PAD;
}
// Where the sums of a phase begin.
INLINE size_t sums_before(const tiled *w, int phase) {
  size_t places = 0;
  for (int before = 0; before < phase; before++) places += sum_places(w, before);
  return places * sum_pitch(w);
}
// Numbers of one part's sums: [phase][place][in][outs].
INLINE size_t weight_sums(const tiled *w) { return sums_before(w, multiplied_phases(w)); }

INLINE size_t weight_parts(const tiled *w) {
  size_t parts = parts_of(tiled_blocks(w)), room = WEIGHT_SUMS_MOST / weight_sums(w);
  return parts <= room || parts <= 2 ? parts : room < 4 ? 2 : room / 2 * 2;
}

INLINE int weight_tiles(int side) { return block_tiles(side, pi_pass_weights); }

// Tiles lie a little apart: a power of two between them would put them into few sets of the cache.
INLINE size_t gradient_step(const tiled *w, int side) {
  return lanes_of(w->dy.count) * (size_t)point_parts(side) + PAD;
}
INLINE size_t gradient_pitch(const tiled *w, int side) {
  return (size_t)(weight_tiles(side) * point_parts(side)) * gradient_step(w, side);
}
// Room of a staged row of sixteen tiles, and of those of sixteen planes.
INLINE int gradient_line(int tile) { return GROUP * tile; }
INLINE size_t gradient_lines(int tile) { return (size_t)(16 * tile * gradient_line(tile)); }
// Room of those that are turned into columns: of one group and sixteen planes, or of all where they are needed
// again.
INLINE size_t turned_lines(const tiled *w) {
  size_t needed = (size_t)most_groups(w->side, w->pass) * lanes_of(w->dy.count) / 16;
  size_t count = has_pixels(w, w->tile) ? needed : 1;
  return count * gradient_lines(w->tile);
}
// The planes of x that are transformed at a time: with stride 2 those of a phase of the rows.
INLINE int transformed_planes(const tiled *w) { return w->x.by_phase ? w->x.count / 2 : w->x.count; }

INLINE size_t tiled_weights_scratch(const tiled *w) {
  size_t numbers = input_pitch(w->side, pi_pass_weights, transformed_planes(w)) + gradient_pitch(w, w->side);
  return point_count(w->side) * numbers + gradient_lines(w->tile) + turned_lines(w) + lines_of(w->side);
}

// lines[(n tile + i) gradient_line(tile) + tile t + j] = pixel (i, j) of tile t of the gradient's plane + n, of
// those that are read together.
INLINE void stage_gradient(const tiled *w, size_t group, int plane, int tile, float *lines) {
  tile_run run = {0, 0, 0, 0};
  int lane = 0, line = gradient_line(tile);
  while (next_run(&w->grid, group, &run)) {
    for (int i = 0; i < tile; i++)
      read_planes(&w->dy, plane, w->dy_y + tile * run.row + i, w->dy_x + tile * run.column,
                  tile * run.count, lines + i * line + tile * run.lane, (size_t)(tile * line));
    lane = run.lane + run.count;
  }
  for (int i = 0; i < planes_together(&w->dy, plane) * tile; i++)
    memset(lines + i * line + tile * lane, 0, (size_t)(tile * (GROUP - lane)) * sizeof *lines);
}

// The points of one tile of sixteen planes: pixel (i, j) lies at turned[(i line + j) 16].
INLINE void gradient_tile(const float *turned, int line, int tile, pixelwise pixels, float *out, size_t pitch) {
  lanes t[6][MOST_TILE];
  UNROLLED for (int j = 0; j < tile; j++) {
    lanes y[MOST_TILE], points[6];
    UNROLLED for (int i = 0; i < tile; i++) y[i] = load(turned + (i * line + j) * 16);
    if (!pixels.rows) gradient_points(y, tile, points);
    UNROLLED for (int i = pixels.rows; i < 6; i++) t[i][j] = pixels.rows ? y[i - 1] : points[i];
  }
  UNROLLED for (int i = pixels.rows; i < 6; i++) {
    lanes points[6];
    if (!pixels.columns) gradient_points(t[i], tile, points);
    UNROLLED for (int j = pixels.columns; j < 6; j++)
      store(out + (size_t)(6 * i + j) * pitch, pixels.columns ? t[i][j - 1] : points[j]);
  }
}

// Likewise its frequencies. Those of the input are multiplied by their conjugates: the real part of an input
// by (re, -im), the imaginary part, whose products follow `part` later, by (im, re).
INLINE void gradient_frequencies(const float *turned, int line, int tile, float *out, size_t pitch,
                                 size_t part) {
  half_spectrum s;
  clear_rows(tile, &s);
  for (int i = 0; i < tile; i += 2) {
    lanes rows[2][16] = {0};
    for (int n = 0; n < 2; n++)
      UNROLLED for (int j = 0; j < tile; j++) rows[n][j] = load(turned + ((i + n) * line + j) * 16);
    transform_rows(rows[0], rows[1], i, &s);
  }
  float points[FREQUENCIES][32] __attribute__((aligned(64)));
  transform_columns(&s, points[0], 32, 16);
  for (size_t p = 0; p < FREQUENCIES; p++) {
    lanes re = load(points[p]), im = load(points[p] + 16);
    float *place = out + p * pitch;
    store(place, re);
    store(place + 16, -im);
    store(place + part, im);
    store(place + part + 16, re);
  }
}

// turned[i gradient_line(tile) + tile t + j][k] = pixel (i, j) of tile t of the gradient's plane first + k;
// db += their sums.
INLINE void turn_tiles(const tiled *w, size_t group, int first, int tile, float *turned, float *lines,
                       float *db) {
  int line = gradient_line(tile);
  for (int k = 0; k < 16; k += planes_together(&w->dy, first + k)) {
    float *its = lines + k * tile * line;
    if (first + k < w->dy.count) {
      fetch_tiles(&w->dy, &w->grid, group, first + k + PLANES_BEFORE, w->dy_y, w->dy_x, tile, tile);
      stage_gradient(w, group, first + k, tile, its);
    } else {
      memset(its, 0, (size_t)(tile * line) * sizeof *its);
    }
  }
  lanes total = all(0);
  for (int i = 0; i < tile; i++)
    for (int x = 0; x < tile * GROUP; x += 16) {
      lanes v[16];
      UNROLLED for (int k = 0; k < 16; k++)
        v[k] = load(lines + (k * tile + i) * line + x);
      transpose(v);
      UNROLLED for (int j = 0; j < 16; j++) {
        store(turned + (i * line + x + j) * 16, v[j]);
        total += v[j];
      }
    }
  store(db + first, load(db + first) + total);
}

// m[point][part][tile][plane]: the points of the gradient's tiles for a phase of x, planes in the lanes.
INLINE void transform_gradient(const tiled *w, int phase, size_t block, int tile, int side, float *m,
                               float *turned, float *lines, float *db) {
  size_t pitch = gradient_pitch(w, side), step = gradient_step(w, side);
  int line = gradient_line(tile), parts = point_parts(side);
  pixelwise pixels = pixels_of(w, tile, phase);
  for (int nth = 0; nth < block_groups(w, block); nth++)
    for (int first = 0; first < w->dy.count; first += 16) {
      float *out = m + (size_t)(nth * GROUP) * step + first * parts;
      if (phase == 0) turn_tiles(w, group_of_block(w, block, nth), first, tile, turned, lines, db);
      for (int n = 0; n < GROUP; n++) {
        const float *its = turned + tile * n * 16;
        if (side == WINOGRAD_SIDE)
          FOR_PIXELWISE(pixels, gradient_tile(its, line, tile, PIXELS, out + (size_t)n * step, pitch))
        else
          gradient_frequencies(its, line, tile, out + (size_t)n * step, pitch,
                               (size_t)weight_tiles(side) * step);
      }
      if (has_pixels(w, tile)) turned += gradient_lines(tile);
    }
}

// sums[place][in][out] (+)= the products of the points of a block, for a phase of x. Where they are
// frequencies, it is whole, and the products of both parts are summed as if they were those of twice the tiles.
INLINE void add_products(const tiled *w, int phase, const float *v, const float *m, int side, size_t tiles,
                         float *sums, int adds) {
  size_t points = point_count(side), parts = (size_t)point_parts(side), room = (size_t)weight_tiles(side);
  size_t in_pitch = input_pitch(side, pi_pass_weights, transformed_planes(w)), pitch = sum_pitch(w);
  size_t step = gradient_step(w, side), out_pitch = gradient_pitch(w, side);
  size_t outs = lanes_of(w->dy.count) * parts;
  pixelwise pixels = pixels_of(w, w->tile, phase);
  for (size_t p = 0; p < points; p++) {
    // What is not summed here would be part of taps that no kernel has.
    if (vanishes(w, phase * w->x.phased, p)) continue;
    size_t place = side == WINOGRAD_SIDE ? sum_place(pixels, p) : p;
    int adds_here = adds || shares_place(pixels, p);
    for (int c = 0; c < multiplied_planes(w); c += PI_PANEL) {
      int some;
      for (size_t k = 0; k < outs; k += (size_t)(some * GROUP)) {
        some = next_vectors((outs - k) / GROUP);
        product_rows(PI_PANEL, v + p * in_pitch + (size_t)c * parts * room, parts * room, 1,
                     m + p * out_pitch + k, step, some, tiles * parts,
                     sums + place * pitch + (size_t)c * outs + k, outs, adds_here);
      }
    }
  }
}

// Of a whole block, where the count of the products is a constant.
static __attribute__((noinline)) void add_whole_block(const tiled *w, int phase, const float *v, const float *m,
                                                      float *sums, int adds) {
  if (w->side == WINOGRAD_SIDE)
    add_products(w, phase, v, m, WINOGRAD_SIDE, (size_t)weight_tiles(WINOGRAD_SIDE), sums, adds);
  else
    add_products(w, phase, v, m, FOURIER_SIDE, (size_t)weight_tiles(FOURIER_SIDE), sums, adds);
}

// The blocks of one part: its sums, and db (=) sums of the gradient by plane.
INLINE void tiled_weights_part(const tiled *w, size_t part, int tile, int side, float *sums, float *db,
                               float *scratch) {
  size_t points = point_count(side), outs = lanes_of(w->dy.count);
  float *v = scratch, *m = v + points * input_pitch(side, pi_pass_weights, transformed_planes(w));
  float *turned = m + points * gradient_pitch(w, side), *lines = turned + turned_lines(w);
  size_t blocks = tiled_blocks(w), parts = weight_parts(w);
  size_t begin = blocks * part / parts, end = blocks * (part + 1) / parts;
  memset(db, 0, outs * sizeof *db);
  for (size_t block = begin; block < end; block++)
    for (int phase = 0; phase < multiplied_phases(w); phase++) {
      if (phase % 2 == 0)
        transform_block(w, pi_pass_weights, &w->x, w->x.by_phase ? phase / 2 : -1, pixels_of(w, tile, phase),
                        block, tile, side, v, lines + gradient_lines(tile));
      if (phase == 0 || has_pixels(w, tile))
        transform_gradient(w, phase, block, tile, side, m, turned, lines, db);
      const float *its = v + (size_t)(phase % 2 * multiplied_planes(w) * weight_tiles(side));
      int groups = block_groups(w, block), adds = block != begin;
      if (groups < most_groups(side, pi_pass_weights))
        add_products(w, phase, its, m, side, (size_t)(groups * GROUP), sums + sums_before(w, phase), adds);
      else
        add_whole_block(w, phase, its, m, sums + sums_before(w, phase), adds);
    }
}

// The gradients of the multiplied kernels between the input plane x and the output planes y ..< y + 16:
// kernels[tap][lane], summed over the parts.
INLINE void kernels_of(const tiled *w, const float *sums, int x, int y, int taps, float *kernels) {
  size_t outs = lanes_of(w->dy.count), size = weight_sums(w), pitch = sum_pitch(w), parts = weight_parts(w);
  int phase = w->x.by_phase ? x & 3 : 0, plane = w->x.by_phase ? x / 4 : x;
  pixelwise pixels = pixels_of(w, w->tile, phase);
  const float *its = sums + sums_before(w, phase) + (size_t)plane * outs + (size_t)y;
  lanes t[MOST_KERNEL][6];
  UNROLLED for (int j = 0; j < 6; j++) {
    lanes m[6], column[MOST_KERNEL];
    UNROLLED for (int i = 0; i < 6; i++) {
      const float *place = its + sum_place(pixels, (size_t)(6 * i + j)) * pitch;
      m[i] = load(place);
      for (size_t part = 1; part < parts; part++) m[i] += load(place + part * size);
    }
    kernel_taps(m, taps, column);
    UNROLLED for (int i = 0; i < taps; i++) t[i][j] = pixels.rows ? m[0] : column[i];
  }
  UNROLLED for (int i = 0; i < taps; i++) {
    lanes row[MOST_KERNEL];
    kernel_taps(t[i], taps, row);
    UNROLLED for (int j = 0; j < taps; j++)
      store(kernels + (i * taps + j) * 16, pixels.columns ? t[i][0] : row[j]);
  }
}

// Likewise from frequencies.
INLINE void kernels_of_frequencies(const tiled *w, const float *sums, int x, int y, int taps,
                                   float *kernels) {
  size_t outs = 2 * lanes_of(w->dy.count), size = weight_sums(w), pitch = sum_pitch(w);
  size_t parts = weight_parts(w);
  float points[FREQUENCIES][32] __attribute__((aligned(64)));
  for (size_t p = 0; p < FREQUENCIES; p++)
    for (size_t k = 0; k < 2; k++) {
      const float *place = sums + p * pitch + (size_t)x * outs + 2 * (size_t)y + 16 * k;
      lanes total = load(place);
      for (size_t part = 1; part < parts; part++) total += load(place + part * size);
      store(points[p] + 16 * k, total);
    }
  half_spectrum s;
  restore_columns(points[0], 32, 16, &s);
  for (int i = 0; i < taps; i += 2) {
    lanes pixels[2][16];
    restore_rows(&s, i, pixels[0], pixels[1]);
    for (int n = 0; n < 2 && i + n < taps; n++)
      for (int j = 0; j < taps; j++) store(kernels + ((i + n) * taps + j) * 16, FOURIER_SCALE * pixels[n][j]);
  }
}

// The adjoint of add_kernel: kernel[tap] += taps[place step].
INLINE void collect_kernel(const tiled *w, int x, int y, const float *taps, size_t step, float *dw) {
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
INLINE void tiled_weights_finish(const tiled *w, const float *sums, int first, int count, int taps,
                                 int side, float *dw, int adds) {
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
        float kernels[MOST_TAPS * MOST_TAPS * 16];
        if (side == WINOGRAD_SIDE)
          kernels_of(w, sums, x, y, taps, kernels);
        else
          kernels_of_frequencies(w, sums, x, y, taps, kernels);
        for (int n = 0; n < 16 && y + n < w->dy.count; n++) collect_kernel(w, x, y + n, kernels + n, 16, dw);
      }
  }
}
