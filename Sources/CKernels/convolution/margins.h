// Where the gradient to the data is computed outside the picture too: each position there adds to the one
// inside that the border's rule reads. Tiles do so as they are written where both lie in one tile; elsewhere
// planes with margins are written, and folded at the end.
#pragma once
#include "sums.h"
#include "winograd.h"

// The border as planes of half the size see it: a reflection about the outermost pixel, which is repeated.
INLINE pi_border small_border(const pi_convolution *g) {
  return g->border == pi_border_reflection ? pi_border_replication : g->border;
}

// How far before the picture the tiles of a gradient begin, so that both edges fold inside a tile: a
// position outside and the one it folds to must lie in the same tile. 1 where there is no such place.
INLINE int fold_origin(int extent, int tile, pi_border border) {
  if (border == pi_border_zero) return 0;
  int reach = border == pi_border_reflection ? 2 : 1;
  for (int before = 1; before <= tile - reach; before++)
    if ((extent + before) % tile >= reach) return -before;
  return 1;
}

// Whether both edges of the gradient fold inside tiles.
INLINE int folds_in_tiles(const pi_convolution *g) {
  if (g->border == pi_border_zero || (g->padding_height == 0 && g->padding_width == 0)) return 1;
  if (g->padding_height != 1 || g->padding_width != 1) return 0;
  // Even sides, which tiles from -2 on suit; nothing past the far edges is read.
  if (g->stride == 2) return 1;
  int scale = g->enlarges ? 2 : 1, tile = g->enlarges ? MOST_TILE : WINOGRAD_SIDE + 1 - g->kernel_height;
  pi_border border = g->enlarges ? small_border(g) : g->border;
  return fold_origin(g->height / scale, tile, border) <= 0 &&
         fold_origin(g->width / scale, tile, border) <= 0;
}

// The pixels on each side that planes with margins have more, even where there are phases.
typedef struct {
  int y, x;
} margins;

INLINE margins margins_of(const pi_convolution *g, pi_pass pass) {
  if (pass != pi_pass_data || folds_in_tiles(g)) return (margins){0, 0};
  int unit = g->enlarges || g->stride == 2 ? 2 : 1;
  return (margins){(int)round_up((size_t)g->padding_height, (size_t)unit),
                   (int)round_up((size_t)g->padding_width, (size_t)unit)};
}

INLINE int has_margins(margins m) { return m.y || m.x; }

INLINE size_t wide_plane(const pi_convolution *g, margins m) {
  return (size_t)(g->height + 2 * m.y) * (size_t)(g->width + 2 * m.x);
}

// Writes a plane, or a phase of one, as plane_set counts them, to those with margins.
INLINE emitter wide_emitter(const pi_convolution *g, margins m, float *wide, int plane) {
  int scale = g->enlarges ? 2 : 1, phase = g->enlarges ? plane & 3 : 0, width = g->width + 2 * m.x;
  size_t place = (size_t)(plane / (scale * scale)) * wide_plane(g, m) +
                 (size_t)(phase >> 1) * (size_t)width + (size_t)(phase & 1);
  return (emitter){.stride = scale, .width = width, .target = wide + place};
}

// The last stage: folds the margins of a channel into its picture, writes that, and leaves the gradients of
// its terms. `sums` have room for all channels.
INLINE void fold_margins(const pi_convolution *given, const pi_tensors *tensors, margins m, float *wide,
                         int channel, float *sums) {
  pi_convolution whole = *given, *g = &whole;
  pi_tensors t = *tensors;
  // Where there are phases, they are those of all channels.
  if (g->enlarges) {
    g->enlarges = 0;
    t.x.values = t.plain;
    t.dx = t.dplain;
    t.adds = t.adds_plain;
  }
  size_t width = (size_t)(g->width + 2 * m.x);
  float *plane = wide + (size_t)channel * wide_plane(g, m);
  for (int y = -m.y; y < g->height + m.y; y++) {
    int row = inside(y, g->height, g->border);
    if (row == y || row < 0) continue;
    float *restrict target = plane + (size_t)(row + m.y) * width;
    const float *restrict source = plane + (size_t)(y + m.y) * width;
    for (size_t i = 0; i < width; i++) target[i] += source[i];
  }
  emitter e = make_emitter(g, pi_pass_data, &t, channel);
  for (int y = 0; y < g->height; y++) {
    float *row = plane + (size_t)(y + m.y) * width + (size_t)m.x;
    for (int i = 1; i <= m.x; i++) {
      int beyond = g->width - 1 + i, left = inside(-i, g->width, g->border);
      int right = inside(beyond, g->width, g->border);
      if (left >= 0) row[left] += row[-i];
      if (right >= 0) row[right] += row[beyond];
    }
    emit_pixels(&e, y, 0, g->width, row);
  }
  finish_emitter(&e, sums + (size_t)channel * SUMS);
  if (t.x.terms) combine_terms(sums, 1, g, channel, 1, t.x.terms, t.dterms);
}
