// Convolutions of stride 1 and 2 on tiles, whose pixels are transformed into points, Winograd's or Fourier's:
// at each point a convolution is a product of planes and kernels. They are computed in blocks of tiles, which
// the second-level cache about holds.
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
INLINE size_t point_count(int side) { return side == WINOGRAD_SIDE ? POINTS : FREQUENCIES; }
INLINE int point_parts(int side) { return side == WINOGRAD_SIDE ? 1 : 2; }
// The most groups of tiles of a block, and its tiles. Blocks of the data pass are as those of the forward pass.
INLINE int most_groups(int side, pi_pass pass) {
  return side == WINOGRAD_SIDE ? MOST_VECTORS : pass == pi_pass_weights ? 1 : 2;
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
} tiled;

INLINE int half_down(int i) { return i >> 1; }

// The tap of the multiplied kernel, along one axis, that tap `i` of the given kernel is part of, between an
// input plane of phase `in` (-1: enlarged) and an output plane of phase `out`; -1 for none.
INLINE int tap_place(const tiled *w, int in, int out, int i) {
  int distance = out + i - w->padding - (in < 0 ? 0 : in);
  if (in >= 0 && distance & 1) return -1;
  return half_down(distance) - w->starts[out];
}

static inline int tile_side(const pi_convolution *g) {
  return g->kernel_height == FOURIER_TAPS && g->stride == 1 && !g->enlarges ? FOURIER_SIDE : WINOGRAD_SIDE;
}

static inline tiled make_tiled(const pi_convolution *g, pi_pass pass, const pi_tensors *t, int group) {
  tiled w = {.g = g, .pass = pass, .padding = g->padding_height};
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
INLINE const plane_set *pass_input(const tiled *w) {
  return w->pass == pi_pass_data ? &w->dy : &w->x;
}
INLINE const plane_set *pass_output(const tiled *w) {
  return w->pass == pi_pass_data ? &w->x : &w->dy;
}

// With stride 2, whether at a point all kernels of the phase of x that `place` lies in are 0: along each axis
// phase 0 lacks the first tap that phase 1 has, or phase 1 the last of phase 0; point 0 is that of the first
// tap alone, and the last that of the last.
INLINE int vanishes(const tiled *w, int place, size_t point) {
  if (!w->x.by_phase) return 0;
  int phase = place / w->x.phased, lesser = ~w->padding & 1;
  // In the data pass kernels are turned.
  int at = lesser == (w->pass == pi_pass_data) ? 0 : WINOGRAD_SIDE - 1;
  return (phase >> 1 == lesser && (int)point / WINOGRAD_SIDE == at) ||
         ((phase & 1) == lesser && (int)point % WINOGRAD_SIDE == at);
}

INLINE size_t tiled_blocks(const tiled *w) {
  return divide_up(grid_groups(&w->grid), (size_t)most_groups(w->side, w->pass));
}

// Group `nth` of a block. Blocks are as even as they can be: small pictures have few of them.
INLINE size_t group_of_block(const tiled *w, size_t block, int nth) {
  return grid_groups(&w->grid) * block / tiled_blocks(w) + (size_t)nth;
}

INLINE int block_groups(const tiled *w, size_t block) {
  return (int)(group_of_block(w, block + 1, 0) - group_of_block(w, block, 0));
}

// Runs `call` with the sides of the tiles as constants.
#define FOR_TILE(w, call)                                              \
  switch ((w)->tile) {                                                 \
    case 2: { enum { TILE = 2, TAPS = 5, SIDE = 6 }; call; } break;    \
    case 3: { enum { TILE = 3, TAPS = 4, SIDE = 6 }; call; } break;    \
    case 4: { enum { TILE = 4, TAPS = 3, SIDE = 6 }; call; } break;    \
    case 5: { enum { TILE = 5, TAPS = 2, SIDE = 6 }; call; } break;    \
    case 10: { enum { TILE = 10, TAPS = 7, SIDE = 16 }; call; } break; \
  }
