#pragma once
#include "include/smoothing.h"

// out[1 ... width] = row y filtered along the columns; out[0] and out[width + 1] repeat the edges.
static inline void filter_columns(pi_smoothing s, const float *x, int y, float *restrict out) {
  size_t width = (size_t)s.width;
  const float *restrict row = x + (size_t)y * width;
  const float *restrict above = y > 0 ? row - width : row;
  const float *restrict below = y + 1 < s.height ? row + width : row;
  float side = s.side, middle = 1 - 2 * side;
  for (size_t i = 0; i < width; i++) out[i + 1] = middle * row[i] + side * (above[i] + below[i]);
  out[0] = out[1];
  out[width + 1] = out[width];
}
