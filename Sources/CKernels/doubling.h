#pragma once
#include <stddef.h>

// One row enlarged to twice its width: linear between half-pixel centres, with clamped edges.
static inline void double_row(const float *restrict x, size_t width, float *restrict out) {
  out[0] = x[0];
  for (size_t i = 0; i + 1 < width; i++) {
    out[2 * i + 1] = 0.75f * x[i] + 0.25f * x[i + 1];
    out[2 * i + 2] = 0.25f * x[i] + 0.75f * x[i + 1];
  }
  out[2 * width - 1] = x[width - 1];
}

// The adjoint of double_row (=); d holds 2 width numbers.
static inline void double_row_adjoint(const float *restrict d, size_t width, float *restrict out) {
  if (width == 1) {
    out[0] = d[0] + d[1];
    return;
  }
  size_t last = width - 1;
  out[0] = d[0] + 0.75f * d[1] + 0.25f * d[2];
  for (size_t i = 1; i < last; i++)
    out[i] = 0.25f * (d[2 * i - 1] + d[2 * i + 2]) + 0.75f * (d[2 * i] + d[2 * i + 1]);
  out[last] = d[2 * last + 1] + 0.75f * d[2 * last] + 0.25f * d[2 * last - 1];
}
