#include "include/smoothing.h"

#include "doubling.h"
#include "wide.h"

static const float side = 3 / 16.0f, middle = 10 / 16.0f;

size_t pi_smoothing_scratch(pi_smoothing s) { return (size_t)s.width + 2; }

// out[1 ... width] = row y filtered along the columns; out[0] and out[width + 1] repeat the edges.
static inline void filter_columns(pi_smoothing s, const float *x, int y, float *restrict out) {
  size_t width = (size_t)s.width;
  const float *restrict row = x + (size_t)y * width;
  const float *restrict above = y > 0 ? row - width : row;
  const float *restrict below = y + 1 < s.height ? row + width : row;
  for (size_t i = 0; i < width; i++) out[i + 1] = middle * row[i] + side * (above[i] + below[i]);
  out[0] = out[1];
  out[width + 1] = out[width];
}

PI_WIDE void pi_smooth(pi_smoothing s, const float *x, float scale, float shift, int adds, float *y,
                       float *scratch) {
  size_t width = (size_t)s.width;
  float outer = scale * side, inner = scale * middle;
  for (int row = 0; row < s.height; row++) {
    filter_columns(s, x, row, scratch);
    const float *restrict from = scratch;
    float *restrict out = y + (size_t)row * width;
    for (size_t i = 0; i < width; i++)
      out[i] = (adds ? out[i] : 0) + inner * from[i + 1] + outer * (from[i] + from[i + 2]) + shift;
  }
}

PI_WIDE double pi_smoothed_squares(pi_smoothing s, const float *x, float mean, float *scratch) {
#pragma clang fp reassociate(on)
  size_t width = (size_t)s.width;
  double total = 0;
  for (int y = 0; y < s.height; y++) {
    filter_columns(s, x, y, scratch);
    const float *restrict from = scratch, *restrict row = x + (size_t)y * width;
    float sum = 0;
    for (size_t i = 0; i < width; i++)
      sum += (row[i] - mean) * (middle * from[i + 1] + side * (from[i] + from[i + 2]) - mean);
    total += (double)sum;
  }
  return total;
}

static inline void differences(pi_edge e, const float *x, float *restrict out) {
  for (size_t i = 0; i < e.count; i++) out[i] = x[e.inner + i * e.step] - x[e.outer + i * e.step];
}

void pi_edge_line(pi_edge e, const float *x, float factor, float *line, float *scratch) {
  differences(e, x, scratch);
  for (size_t i = 0; i < e.count; i++) scratch[i] *= 0.25f * factor;
  double_row(scratch, e.count, line);
}

double pi_edge_line_pullback(pi_edge e, const float *x, float factor, const float *dline,
                             float *dx, float *scratch) {
  float *difference = scratch, *gradient = scratch + e.count;
  differences(e, x, difference);
  double_row_adjoint(dline, e.count, gradient);
  double sum = 0;
  for (size_t i = 0; i < e.count; i++) {
    float g = 0.25f * gradient[i];
    sum += (double)(g * difference[i]);
    if (!dx) continue;
    dx[e.inner + i * e.step] += factor * g;
    dx[e.outer + i * e.step] -= factor * g;
  }
  return sum;
}
