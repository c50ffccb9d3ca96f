// Reading rows of planes into scratch memory: borders, pending normalisations and rectifiers are
// resolved here, so that no algorithm knows of them.
#pragma once
#include "../include/convolution.h"
#include "lanes.h"

INLINE size_t at_most(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t divide_up(size_t a, size_t b) { return (a + b - 1) / b; }
INLINE size_t round_up(size_t a, size_t b) { return divide_up(a, b) * b; }
// How many parts with sums of their own `blocks` are cut into, in the passes that sum over them: by the
// shape alone, so that the bytes do not depend on the threads.
INLINE size_t parts_of(size_t blocks) {
  return blocks < 2 ? 1 : blocks >= 14 ? 8 : (blocks / 2 + 1) / 2 * 2;
}
// Channels in whole vectors.
INLINE size_t lanes_of(int channels) { return round_up((size_t)channels, 16); }

// The position inside 0 ..< extent that position i reads, or -1 for a zero.
INLINE int inside(int i, int extent, pi_border border) {
  if (i >= 0 && i < extent) return i;
  int inner = -1;
  if (border == pi_border_reflection) inner = i < 0 ? -i : 2 * extent - 2 - i;
  if (border == pi_border_replication) inner = i < 0 ? 0 : extent - 1;
  return inner >= 0 && inner < extent ? inner : -1;
}

enum { LONGEST_PHASE = 96 };  // numbers of each phase of one call of read_phases

// What is read: channel planes of a tensor under a border's rule. Channel 0 is number `first` of the
// `channels` that the terms are for.
typedef struct {
  pi_planes planes;
  int channels, height, width;
  pi_border border;
  int first;
} reader;

INLINE float rectify(float x, float slope) { return x > 0 ? x : slope * x; }

// How a channel is read; see pi_planes.
typedef struct {
  float factor, offset, slope;
} reading;

INLINE reading reading_of(const reader *r, int c) {
  reading how = {1, 0, r->planes.slope};
  const float *terms = r->planes.terms;
  if (terms) {
    const float *its = terms + r->first + c;
    how.factor = its[r->channels];
    how.offset = its[2 * r->channels] - its[0] * how.factor;
  }
  return how;
}

INLINE int reads_as_is(const reader *r) { return !r->planes.terms && !r->planes.rectified; }

// out = the numbers at positions first ..< first + count of a row that lies inside.
INLINE void read_inside(const reader *r, reading how, size_t first, size_t count, float *restrict out) {
  const float *restrict x = r->planes.values + first;
  if (r->planes.terms) {
    for (size_t i = 0; i < count; i++) out[i] = rectify(x[i] * how.factor + how.offset, how.slope);
  } else if (r->planes.rectified) {
    const float *restrict y = r->planes.rectified + first;
    for (size_t i = 0; i < count; i++) out[i] = y[i] > 0 ? x[i] : how.slope * x[i];
  } else {
    memcpy(out, x, count * sizeof *out);
  }
}

// out = the numbers of channel c, row y, columns x ..< x + count, any of which may lie outside.
INLINE void read_row(const reader *r, int c, int y, int x, int count, float *restrict out) {
  int row = inside(y, r->height, r->border);
  if (row < 0) {
    memset(out, 0, (size_t)count * sizeof *out);
    return;
  }
  size_t start = ((size_t)c * (size_t)r->height + (size_t)row) * (size_t)r->width;
  reading how = reading_of(r, c);
  int from = x < 0 ? (-x < count ? -x : count) : 0;
  int to = r->width - x < count ? r->width - x : count;
  if (to > from)
    read_inside(r, how, start + (size_t)(x + from), (size_t)(to - from), out + from);
  if (from == 0 && to == count) return;
  for (int i = 0; i < count; i++) {
    if (i == from && to > from) i = to;
    if (i >= count) break;
    int column = inside(x + i, r->width, r->border);
    if (column < 0)
      out[i] = 0;
    else
      read_inside(r, how, start + (size_t)column, 1, out + i);
  }
}

// out = every second of the 2 count numbers of p, from number `second` (0 or 1) on.
INLINE void pick(const float *restrict p, int second, int count, float *restrict out) {
  if (count < 16) {
    for (int i = 0; i < count; i++) out[i] = p[2 * i + second];
    return;
  }
  for (int i = 0; i < count; i += 16) {
    // The last vector overlaps the one before.
    if (i > count - 16) i = count - 16;
    lanes a = load(p + 2 * i), b = load(p + 2 * i + 16);
    store(out + i, second ? ODD_LANES(a, b) : EVEN_LANES(a, b));
  }
}

// As read_row, parted into even and odd columns: `count` of each, from column 2 even_x and 2 odd_x + 1 on,
// which are not far apart.
INLINE void read_phases(const reader *r, int c, int y, int even_x, int odd_x, int count, float *restrict even,
                        float *restrict odd) {
  float staged[2 * LONGEST_PHASE];
  const float *row = staged;
  int x = 2 * (even_x < odd_x ? even_x : odd_x), end = 2 * ((even_x < odd_x ? odd_x : even_x) + count);
  if (reads_as_is(r) && y >= 0 && y < r->height && x >= 0 && end <= r->width)
    row = r->planes.values + ((size_t)c * (size_t)r->height + (size_t)y) * (size_t)r->width + x;
  else
    read_row(r, c, y, x, end - x, staged);
  pick(row + (2 * even_x - x), 0, count, even);
  pick(row + (2 * odd_x - x), 1, count, odd);
}

// Asks for the numbers p[0 ..< count] before they are needed, into the second-level cache: in the first
// they would drive out one another, since planes lie a power of two apart.
INLINE void fetch(const float *p, size_t count) {
  for (size_t i = 0; i < count; i += 16) __builtin_prefetch(p + i, 0, 2);
  if (count) __builtin_prefetch(p + count - 1, 0, 2);
}

// Likewise what read_inside will read.
INLINE void fetch_inside(const reader *r, size_t first, size_t count) {
  fetch(r->planes.values + first, count);
  if (r->planes.rectified) fetch(r->planes.rectified + first, count);
}

// Likewise what read_row will read, as far as it lies inside.
INLINE void fetch_row(const reader *r, int c, int y, int x, int count) {
  if (y < 0 || y >= r->height) return;
  int from = x < 0 ? 0 : x, to = x + count < r->width ? x + count : r->width;
  if (to <= from) return;
  size_t place = ((size_t)c * (size_t)r->height + (size_t)y) * (size_t)r->width + (size_t)from;
  fetch_inside(r, place, (size_t)(to - from));
}
