// Winograd convolutions of stride 1 and 2, in blocks of 48 tiles, which the second-level cache about holds.
//
// Where the input is enlarged by repeating its pixels, the output has four phases, by the remainders of its
// row and column by two. Each phase is a convolution of the small input with a smaller kernel, since taps
// that read the same pixel add up (3x3 becomes 2x2, 5x5 3x3, 7x7 4x4), and all phases read the same tiles:
// they are four output planes. A channel that is not enlarged has four phases as well: four input planes.
//
// With stride 2 the input has four phases, and the output is one plane: a convolution of stride 1 with the
// same smaller kernels.
#pragma once
#include "margins.h"
#include "product.h"
#include "tiles.h"

enum {
  BLOCK_OUTS = 32,  // planes multiplied at a time
  PAD = 16,         // keeps the points off one set of the cache
  MOST_TAPS = 7,    // of a given kernel, along one axis
};

// What a tile of `side` pixels becomes: so many points, of one or two numbers each.
INLINE size_t point_count(int side) { return side == SIDE ? POINTS : FREQUENCIES; }
INLINE int point_parts(int side) { return side == SIDE ? 1 : 2; }
// The most groups of tiles of a block, and its tiles: what the second-level cache about holds of all points.
INLINE int most_groups(int side, pi_pass pass) {
  return side == SIDE ? MOST_VECTORS : pass == pi_pass_weights ? 1 : 2;
}
INLINE int block_tiles(int side, pi_pass pass) { return most_groups(side, pass) * GROUP; }

typedef struct {
  const pi_convolution *g;
  pi_pass pass;
  int side;            // of the tiles that are transformed
  int taps, tile;      // of the kernels that are multiplied: taps + tile = side + 1
  int padding;
  int scale;           // 2 where there are phases
  int starts[2];       // phases: where the kernel of each output phase begins to read, from its own pixel on
  signed char places[3][2][MOST_TAPS];  // phases: see tap_place; input phases 0, 1 and none
  plane_set x, dy;     // a pass transforms x or dy or both
  int mingles;         // whether the pass puts together the phases of what comes out
  tile_grid grid;      // over the output of the pass
  int in_y, in_x;      // where tile (0, 0) begins to read x, or dy in the data pass
  int dy_y, dy_x;      // weights: where it begins to read dy
  int out_height, out_width;
  pi_border fold;      // data: how positions outside the output fold back into it
  margins margins;     // data, where they fold afterwards: of the planes that are written,
  float *wide;         // and where those lie
} winograd;

INLINE int half_down(int i) { return i >> 1; }

// The tap of the multiplied kernel, along one axis, that tap `i` of the given kernel is part of, between an
// input plane of phase `in` (-1: enlarged) and an output plane of phase `out`; -1 for none.
INLINE int tap_place(const winograd *w, int in, int out, int i) {
  int distance = out + i - w->padding - (in < 0 ? 0 : in);
  if (in >= 0 && distance & 1) return -1;
  return half_down(distance) - w->starts[out];
}

// Numbers of one part's sums in the weights pass: [point][in][part][out lanes], lane by lane.
INLINE size_t weight_sums(const winograd *w) {
  return point_count(w->side) * (round_up((size_t)w->x.count, PI_PANEL) * lanes_of(w->dy.count) *
                                     (size_t)point_parts(w->side) + PAD);
}

static inline int tile_side(const pi_convolution *g) {
  return g->kernel_height == FOURIER_TAPS && g->stride == 1 && !g->enlarges ? FOURIER_SIDE : SIDE;
}

static inline winograd make_winograd(const pi_convolution *g, pi_pass pass, const pi_tensors *t, int group) {
  winograd w = {.g = g, .pass = pass, .padding = g->padding_height};
  int kernel = g->kernel_height, scale = g->enlarges ? 2 : g->stride;
  int ins = g->channels / g->groups, outs = g->out_channels / g->groups;
  w.scale = scale;
  w.mingles = pass == pi_pass_data ? g->stride == 2 : g->enlarges;
  w.starts[0] = half_down(-w.padding);
  w.starts[1] = half_down(1 - w.padding);
  w.taps = scale == 2 ? half_down(w.padding) - w.starts[0] + 1 : kernel;
  w.side = tile_side(g);
  w.tile = w.side + 1 - w.taps;
  for (int in = 0; scale == 2 && in < 3; in++)
    for (int out = 0; out < 2; out++)
      for (int i = 0; i < kernel; i++)
        w.places[in][out][i] = (signed char)tap_place(&w, in == 2 ? -1 : in, out, i);
  int height = g->height / scale, width = g->width / scale;
  pi_border border = scale == 2 ? small_border(g) : g->border;

  w.x.own = (reader){t->x, g->channels, height, width, border, g->enlarges ? g->plain : 0};
  w.x.first = group * ins;
  if (scale == 2) {
    w.x.larger = (reader){t->x, g->channels, g->height, g->width, g->border, 0};
    if (g->enlarges) w.x.larger.planes.values = t->plain;
    w.x.phased = g->enlarges ? g->plain : ins;
    w.x.by_phase = !g->enlarges;
  }
  w.x.count = ins + 3 * w.x.phased;
  w.dy.own = (reader){t->dy, g->out_channels, g->out_height, g->out_width, pi_border_zero, 0};
  w.dy.first = group * outs;
  w.dy.larger = w.dy.own;
  w.dy.phased = g->enlarges ? outs : 0;
  w.dy.count = g->enlarges ? 4 * outs : outs;

  int step = w.mingles ? 2 * w.tile : w.tile;
  if (pass == pi_pass_data) {
    w.margins = margins_of(g, pass);
    int is_wide = has_margins(w.margins), unit = w.mingles ? 1 : scale;
    w.out_height = (g->height + 2 * w.margins.y) / unit;
    w.out_width = (g->width + 2 * w.margins.x) / unit;
    w.fold = w.padding == 0 || is_wide ? pi_border_zero : w.mingles ? g->border : border;
    int folds = w.fold != pi_border_zero;
    int y = fold_origin(height, w.tile, w.fold), x = fold_origin(width, w.tile, w.fold);
    // Even, and a stride of 2 reads nothing past the far edges.
    if (w.mingles) y = x = folds ? -2 : 0;
    int beyond = folds && !w.mingles ? 1 : 0;
    w.grid = make_grid(y, x, w.out_height + beyond, w.out_width + beyond, step);
    w.in_y = (w.mingles ? y / 2 : y) - w.margins.y / scale - (w.taps - 1);
    w.in_x = (w.mingles ? x / 2 : x) - w.margins.x / scale - (w.taps - 1);
    if (!g->enlarges) {
      w.in_y += scale == 2 ? -w.starts[0] : w.padding;
      w.in_x += scale == 2 ? -w.starts[0] : g->padding_width;
    }
  } else {
    w.out_height = g->out_height;
    w.out_width = g->out_width;
    w.fold = pi_border_zero;
    w.in_y = scale == 2 ? w.starts[0] : -w.padding;
    w.in_x = scale == 2 ? w.starts[0] : -g->padding_width;
    if (g->enlarges) w.dy_y = w.dy_x = w.in_y;
    int origin = g->enlarges ? 2 * w.in_y + w.padding : 0;
    w.grid = make_grid(origin, origin, g->out_height, g->out_width, step);
  }
  for (int f = 0; f < 2; f++) w.dy.shift[f] = -w.starts[f];
  return w;
}

// What a pass transforms and what comes out of it.
INLINE const plane_set *pass_input(const winograd *w, pi_pass pass) {
  return pass == pi_pass_data ? &w->dy : &w->x;
}
INLINE const plane_set *pass_output(const winograd *w, pi_pass pass) {
  return pass == pi_pass_data ? &w->x : &w->dy;
}

// With stride 2, whether at a point all kernels of the phase of x that `place` lies in are 0: along each axis
// phase 0 lacks the first tap that phase 1 has, or phase 1 the last of phase 0; point 0 is that of the first
// tap alone, and the last that of the last.
INLINE int vanishes(const winograd *w, pi_pass pass, int place, size_t point) {
  if (!w->x.by_phase) return 0;
  int phase = place / w->x.phased, lesser = ~w->padding & 1;
  // In the data pass kernels are turned.
  int at = lesser == (pass == pi_pass_data) ? 0 : SIDE - 1;
  return (phase >> 1 == lesser && (int)point / SIDE == at) ||
         ((phase & 1) == lesser && (int)point % SIDE == at);
}

INLINE size_t winograd_blocks(const winograd *w) {
  return divide_up(grid_groups(&w->grid), (size_t)most_groups(w->side, w->pass));
}

// Group `nth` of a block. Blocks are as even as they can be: small pictures have few of them.
INLINE size_t group_of_block(const winograd *w, size_t block, int nth) {
  return grid_groups(&w->grid) * block / winograd_blocks(w) + (size_t)nth;
}

INLINE int block_groups(const winograd *w, size_t block) {
  return (int)(group_of_block(w, block + 1, 0) - group_of_block(w, block, 0));
}

// MARK: Weights

// Where the rows or the columns (axis 1 or 0) of the given kernel go between two planes.
INLINE const signed char *places_of(const winograd *w, int x, int y, int axis) {
  int in = x < plane_phases(&w->x) ? x >> axis & 1 : 2, out = y < plane_phases(&w->dy) ? y >> axis & 1 : 0;
  return w->places[in][out];
}

// Where the given kernel between two planes lies among the weights of a group.
INLINE size_t kernel_place(const winograd *w, int x, int y) {
  const pi_convolution *g = w->g;
  int ins = g->channels / g->groups, phases = plane_phases(&w->x);
  int in = x < phases ? x / 4 : w->x.phased + x - phases;
  int out = y < plane_phases(&w->dy) ? y / 4 : y;
  return (size_t)(out * ins + in) * (size_t)(g->kernel_height * g->kernel_width);
}

// The kernel that is multiplied between two planes: taps[place step] += kernel[tap].
INLINE void add_kernel(const winograd *w, const float *weights, int x, int y, float *taps, size_t step) {
  const float *source = weights + kernel_place(w, x, y);
  int kernel = w->g->kernel_height;
  if (w->scale == 1) {
    for (int i = 0; i < kernel * kernel; i++) taps[(size_t)i * step] = source[i];
    return;
  }
  const signed char *rows = places_of(w, x, y, 1), *columns = places_of(w, x, y, 0);
  for (int i = 0; i < kernel; i++)
    for (int j = 0; j < kernel && rows[i] >= 0; j++)
      if (columns[j] >= 0)
        taps[(size_t)(rows[i] * w->taps + columns[j]) * step] += source[i * kernel + j];
}

// The packed weights lie as they are multiplied: [block of outs][point][panel][in][8], where ins and outs
// are the numbers of all planes' points.
INLINE size_t packed_weights(int side, int ins, int outs) {
  int parts = point_parts(side);
  return round_up((size_t)(parts * outs), BLOCK_OUTS) * point_count(side) * (size_t)(parts * ins);
}

// The panels of outputs that are packed at a time.
INLINE size_t winograd_panels(const winograd *w, int outs) {
  return divide_up((size_t)(outs * point_parts(w->side)), PI_PANEL);
}

// Numbers that the blocks leave to be combined.
INLINE size_t winograd_sums(const winograd *w, int outs) {
  return winograd_blocks(w) * (size_t)w->g->groups * (size_t)outs * SUMS;
}

// Where those of a point and an output, the first of its panel, begin.
INLINE size_t packed_place(int side, int ins, int out, size_t point) {
  size_t block = (size_t)(out / BLOCK_OUTS), inner = (size_t)(out % BLOCK_OUTS);
  return ((block * point_count(side) + point) * BLOCK_OUTS + inner) * (size_t)ins;
}

// Transforms the weights of the outputs of one panel. In the data pass kernels are turned by half a turn.
INLINE void pack_panel(const winograd *w, pi_pass pass, const float *weights, size_t panel, int taps,
                       float *u) {
  int ins = pass_input(w, pass)->count, outs = pass_output(w, pass)->count;
  int first = (int)panel * PI_PANEL, some = outs - first < PI_PANEL ? outs - first : PI_PANEL;
  int last = taps * taps - 1;
  for (int c = 0; c < ins; c += 2) {
    int pair = ins - c < 2 ? 1 : 2;
    float given[MOST_KERNEL * MOST_KERNEL][16];
    memset(given, 0, (size_t)(taps * taps) * sizeof *given);
    for (int i = 0; i < pair; i++)
      for (int k = 0; k < some; k++)
        if (pass == pi_pass_data)
          add_kernel(w, weights, plane_at(&w->x, first + k), c + i, &given[0][8 * i + k], 16);
        else
          add_kernel(w, weights, plane_at(&w->x, c + i), first + k, &given[0][8 * i + k], 16);
    lanes t[6][MOST_KERNEL];
    UNROLLED for (int j = 0; j < taps; j++) {
      lanes column[MOST_KERNEL], points[6];
      UNROLLED for (int i = 0; i < taps; i++) {
        int tap = i * taps + j;
        column[i] = load(given[pass == pi_pass_data ? last - tap : tap]);
      }
      kernel_points(column, taps, points);
      UNROLLED for (int i = 0; i < 6; i++) t[i][j] = points[i];
    }
    for (int i = 0; i < 6; i++) {
      lanes points[6];
      kernel_points(t[i], taps, points);
      UNROLLED for (int j = 0; j < 6; j++) {
        float *place = u + packed_place(SIDE, ins, first, (size_t)(6 * i + j)) + (size_t)c * PI_PANEL;
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
INLINE void pack_frequencies(const winograd *w, pi_pass pass, const float *weights, size_t panel, int taps,
                             float *u) {
  enum { SOME = 4 };
  int ins = pass_input(w, pass)->count, outs = pass_output(w, pass)->count;
  int first = (int)panel * SOME, some = outs - first < SOME ? outs - first : SOME;
  int last = taps * taps - 1;
  for (int c = 0; c < ins; c += SOME) {
    int count = ins - c < SOME ? ins - c : SOME;
    float given[MOST_TAPS * MOST_TAPS][16] __attribute__((aligned(64)));
    memset(given, 0, sizeof given);
    for (int i = 0; i < count; i++)
      for (int k = 0; k < some; k++)
        if (pass == pi_pass_data)
          add_kernel(w, weights, plane_at(&w->x, first + k), c + i, &given[0][SOME * i + k], 16);
        else
          add_kernel(w, weights, plane_at(&w->x, c + i), first + k, &given[0][SOME * i + k], 16);
    half_spectrum s;
    clear_rows(taps, &s);
    for (int i = 0; i < taps; i += 2) {
      lanes rows[2][16] = {0};
      for (int n = 0; n < 2 && i + n < taps; n++)
        for (int j = 0; j < taps; j++) {
          int tap = (i + n) * taps + j;
          rows[n][j] = FOURIER_SCALE * load(given[pass == pi_pass_data ? last - tap : tap]);
        }
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

INLINE void pack_kernels(const winograd *w, pi_pass pass, const float *weights, size_t panel, int taps,
                         int side, float *u) {
  if (side == SIDE)
    pack_panel(w, pass, weights, panel, taps, u);
  else
    pack_frequencies(w, pass, weights, panel, taps, u);
}

// MARK: Forward and data

INLINE size_t input_pitch(int side, pi_pass pass, int ins) {
  return round_up((size_t)ins, PI_PANEL) * (size_t)(point_parts(side) * block_tiles(side, pass)) + PAD;
}
INLINE size_t output_pitch(int side) {
  return (size_t)(BLOCK_OUTS * block_tiles(side, pi_pass_forward) + PAD);
}

enum {
  MOST_ROWS = 2 * MOST_TILE,  // as many as Fourier's tiles have
  ROW = MOST_ROWS * GROUP,    // room of a row of sixteen output tiles
};

INLINE size_t winograd_scratch(int side, int ins) {
  return point_count(side) * (input_pitch(side, pi_pass_forward, ins) + output_pitch(side)) +
         (size_t)side * line_of(side);
}

enum { PLANES_BEFORE = 4 };  // how many planes earlier a tile is fetched

// v[point][plane][tile] of the groups of a block.
INLINE void transform_block(const winograd *w, pi_pass pass, const plane_set *s, size_t block, int tile,
                            int side, float *v, float *lines) {
  size_t pitch = input_pitch(side, pass, s->count), line = line_of(side);
  int groups = block_groups(w, block);
  for (int c = 0; c < s->count; c++)
    for (int nth = 0; nth < groups; nth++) {
      float *out = v + (place_of(s, c) * point_parts(side) * most_groups(side, pass) + nth) * GROUP;
      size_t group = group_of_block(w, block, nth);
      fetch_tiles(s, &w->grid, group, c + PLANES_BEFORE, w->in_y, w->in_x, tile, side);
      int step = stage_tiles(s, &w->grid, group, c, w->in_y, w->in_x, tile, side, lines);
      if (side != SIDE)
        fourier_input(lines, line, step, out, pitch, (size_t)block_tiles(side, pass));
      else if (step == tile)
        transform_input(lines, line, tile, out, pitch);
      else
        transform_input(lines, line, slot_of(side), out, pitch);
    }
}

INLINE emitter emitter_of(const winograd *w, pi_pass pass, const pi_tensors *t, int plane) {
  return has_margins(w->margins) ? wide_emitter(w->g, w->margins, w->wide, plane)
                                 : make_emitter(w->g, pass, t, plane);
}

// Adds what lies outside the output to the positions inside that the border's rule reads there.
INLINE void fold_run(const winograd *w, int y, int x, int columns, float *rows, int from) {
  int reach = w->fold == pi_border_reflection ? 2 : 1, tile = w->grid.step, edges = w->mingles ? 1 : 2;
  for (int edge = 0; edge < edges; edge++) {
    int outside = edge ? w->out_height : -1, step = edge ? -reach : reach, i = outside - y;
    if (i < 0 || i >= tile || i + step < 0 || i + step >= tile) continue;
    for (int k = from; k < from + columns; k++) rows[(i + step) * ROW + k] += rows[i * ROW + k];
  }
  for (int edge = 0; edge < edges; edge++) {
    int outside = edge ? w->out_width : -1, step = edge ? -reach : reach, k = outside - x;
    if (k < 0 || k >= columns || k + step < 0 || k + step >= columns) continue;
    for (int i = 0; i < tile; i++) rows[i * ROW + from + k + step] += rows[i * ROW + from + k];
  }
}

// Writes the tiles of a group that lie in the output: rows[i ROW + step t + j] is pixel (i, j) of tile t.
INLINE void write_tiles(const winograd *w, size_t group, float *rows, emitter *e) {
  tile_run run = {0, 0, 0, 0};
  int step = w->grid.step;
  while (next_run(&w->grid, group, &run)) {
    int y = w->grid.origin_y + step * run.row, x = w->grid.origin_x + step * run.column;
    int columns = step * run.count, from = step * run.lane;
    if (w->fold != pi_border_zero) fold_run(w, y, x, columns, rows, from);
    int first = x < 0 ? -x : 0, end = w->out_width - x < columns ? w->out_width - x : columns;
    if (end <= first) continue;
    for (int i = 0; i < step; i++)
      if (y + i >= 0 && y + i < w->out_height)
        emit_pixels(e, y + i, x + first, end - first, rows + i * ROW + from + first);
  }
}

// Fetches where the tiles of a block will be written.
INLINE void fetch_output(const winograd *w, size_t block, const emitter *e) {
  int step = w->grid.step;
  for (int nth = 0; nth < block_groups(w, block); nth++) {
    tile_run run = {0, 0, 0, 0};
    while (next_run(&w->grid, group_of_block(w, block, nth), &run)) {
      int y = w->grid.origin_y + step * run.row, x = w->grid.origin_x + step * run.column;
      int first = x < 0 ? 0 : x, end = x + step * run.count;
      if (end > w->out_width) end = w->out_width;
      for (int i = y < 0 ? 0 : y; i < y + step && i < w->out_height; i++)
        if (end > first) fetch_pixels_of(e, i, first, end - first);
    }
  }
}

// The pixels of one output channel in the sixteen tiles of a group, its phases mingled. m are the points of
// its first plane; those of the others lie `apart` planes after.
INLINE void output_rows(const winograd *w, const float *m, int apart, int tile, int side, float *rows) {
  size_t pitch = output_pitch(side), room = (size_t)block_tiles(side, pi_pass_forward);
  if (side == FOURIER_SIDE) {
    fourier_output(m, pitch, room, rows, ROW);
    return;
  }
  if (!w->mingles) {
    transform_output(m, pitch, tile, rows, ROW);
    return;
  }
  // The first row and column of the tiles belong to this phase, the others follow in turn.
  int first = w->grid.origin_y & 1;
  float phases[2][MOST_TILE * GROUP * MOST_TILE] __attribute__((aligned(64)));
  for (int y = 0; y < 2; y++) {
    int phase_y = first ^ y;
    for (int x = 0; x < 2; x++)
      transform_output(m + (size_t)((2 * phase_y + (first ^ x)) * apart) * room, pitch, tile, phases[x],
                       (size_t)(GROUP * tile));
    for (int i = 0; i < tile; i++)
      for (int k = 0; k < tile; k++) {
        size_t at = (size_t)(i * tile + k) * GROUP;
        join_twos(load(phases[0] + at), load(phases[1] + at), rows + (2 * i + y) * ROW + 2 * GROUP * k);
      }
  }
}

// One block of tiles of one group of channels; u are the packed weights. Leaves sums by block and plane, or
// channel where phases are mingled.
INLINE void winograd_block(const winograd *w, pi_pass pass, const pi_tensors *t, int group, size_t block,
                           int tile, int side, const float *u, float *sums, float *scratch) {
  const plane_set *in = pass_input(w, pass), *out = pass_output(w, pass);
  size_t points = point_count(side), out_pitch = output_pitch(side);
  size_t pitch = input_pitch(side, pi_pass_forward, in->count);
  int parts = point_parts(side), room = block_tiles(side, pi_pass_forward), groups = block_groups(w, block);
  float *v = scratch, *m = v + points * pitch, *lines = m + points * out_pitch;
  // What is multiplied, and the numbers of a target.
  int ins = in->count * parts, outs = out->count * parts;
  int phases = w->mingles ? 4 : 1, planes = phases * parts, targets = out->count / phases;
  int count = in->by_phase ? in->phased : ins;  // multiplied at a time
  transform_block(w, pi_pass_forward, in, block, tile, side, v, lines);
  for (int first = 0; first < outs; first += BLOCK_OUTS) {
    int some = outs - first < BLOCK_OUTS ? outs - first : BLOCK_OUTS;
    for (size_t p = 0; p < points; p++) {
      for (int k = some * (int)p / (int)points; k < some * (int)(p + 1) / (int)points; k++)
        if (k % planes == 0) {
          emitter e = emitter_of(w, pass, t, group * targets + (first + k) / planes);
          fetch_output(w, block, &e);
        }
      for (int k = 0; k < some; k += PI_PANEL) {
        float *target = m + p * out_pitch + k * room;
        int place = out->by_phase ? k / PI_PANEL * out->phased + first / planes : first + k, adds = 0;
        const float *its = u + packed_place(side, ins, place, p);
        for (int c = 0; c < ins; c += count) {
          if (vanishes(w, pass, in->by_phase ? c : place, p)) continue;
          product_rows8(its + c * PI_PANEL, 1, PI_PANEL, v + p * pitch + c * room, (size_t)room, groups,
                        (size_t)count, target, (size_t)room, adds);
          adds = 1;
        }
        if (!adds) memset(target, 0, (size_t)(PI_PANEL * room) * sizeof *target);
      }
    }
    for (int k = 0; k < some; k += planes) {
      int target = (first + k) / planes;
      const float *its = m + (out->by_phase ? k / planes : k) * room;
      emitter e = emitter_of(w, pass, t, group * targets + target);
      for (int nth = 0; nth < groups; nth++) {
        float rows[MOST_ROWS * ROW + FOURIER_SIDE] __attribute__((aligned(64)));
        output_rows(w, its + nth * GROUP, out->by_phase ? PI_PANEL : 1, tile, side, rows);
        write_tiles(w, group_of_block(w, block, nth), rows, &e);
      }
      finish_emitter(&e, sums + (block * (size_t)(targets * w->g->groups) +
                                 (size_t)(group * targets + target)) * SUMS);
    }
  }
}

// Runs `call` with the sides of the tiles as constants.
#define FOR_TILE(w, call)                                              \
  switch ((w)->tile) {                                                 \
    case 2: { enum { TILE = 2, TAPS = 5, FROM = 6 }; call; } break;    \
    case 3: { enum { TILE = 3, TAPS = 4, FROM = 6 }; call; } break;    \
    case 4: { enum { TILE = 4, TAPS = 3, FROM = 6 }; call; } break;    \
    case 5: { enum { TILE = 5, TAPS = 2, FROM = 6 }; call; } break;    \
    case 10: { enum { TILE = 10, TAPS = 7, FROM = 16 }; call; } break; \
  }
