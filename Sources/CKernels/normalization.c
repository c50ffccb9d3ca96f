#include "include/normalization.h"

#include <string.h>

#include "doubling.h"
#include "plane_sums.h"
#include "wide.h"

static inline void read_numbers(const float *restrict x, pi_reading how, float *restrict y, size_t count) {
  float offset = how.offset - how.centre * how.factor;
  for (size_t i = 0; i < count; i++) {
    float t = x[i] * how.factor + offset;
    y[i] = t > 0 ? t : how.slope * t;
  }
}

// One row of pi_read_pullback; its sums are short, so that single precision does.
static inline void pull_back(const float *restrict x, pi_reading how, const float *restrict dy, int adds,
                             float *restrict dx, size_t count, double sums[2]) {
#pragma clang fp reassociate(on)
  float offset = how.offset - how.centre * how.factor, sum = 0, products = 0;
  if (adds)
    for (size_t i = 0; i < count; i++) {
      float g = x[i] * how.factor + offset > 0 ? dy[i] : how.slope * dy[i];
      sum += g;
      products += g * (x[i] - how.centre);
      dx[i] += how.factor * g;
    }
  else
    for (size_t i = 0; i < count; i++) {
      float g = x[i] * how.factor + offset > 0 ? dy[i] : how.slope * dy[i];
      sum += g;
      products += g * (x[i] - how.centre);
      dx[i] = how.factor * g;
    }
  sums[0] += (double)sum;
  sums[1] += (double)products;
}

enum { STRIP = 1024 };

PI_WIDE void pi_read(const float *x, pi_reading how, float *y, size_t count) {
  read_numbers(x, how, y, count);
}

PI_WIDE void pi_read_pullback(const float *x, pi_reading how, const float *dy, int adds, float *dx,
                              size_t count, double sums[2]) {
  for (size_t i = 0; i < count; i += STRIP)
    pull_back(x + i, how, dy + i, adds, dx + i, count - i < STRIP ? count - i : STRIP, sums);
}

// MARK: Enlarging by two

size_t pi_branch_scratch(const pi_branch *b) { return 4 * (size_t)(b->width * b->factor); }

// The small rows that large row y lies between, and the weight of the lower.
static inline float between(int y, int height, int *low, int *high) {
  *low = y == 0 ? 0 : (y - 1) / 2;
  *high = y == 0 ? 0 : *low + 1 < height ? *low + 1 : height - 1;
  return y & 1 ? 0.75f : 0.25f;
}

PI_WIDE void pi_join(const pi_branch *b, const float *x, pi_reading how, float *y, float *scratch,
                     double moments[2]) {
  size_t width = (size_t)b->width, columns = width * (size_t)b->factor;
  int rows = b->height * b->factor, held[2] = {-1, -1};
  float *staged = scratch, *stretched[2] = {scratch + columns, scratch + 2 * columns};
  plane_sums sums = {0, 0, 0};
  for (int row = 0; row < rows; row++) {
    float *restrict out = y + (size_t)row * columns;
    if (b->factor == 1) {
      read_numbers(x + (size_t)row * width, how, out, width);
    } else if (!b->bilinear) {
      if (row & 1) {
        memcpy(out, out - columns, columns * sizeof *out);
      } else {
        read_numbers(x + (size_t)(row / 2) * width, how, staged, width);
        for (size_t i = 0; i < width; i++) out[2 * i] = out[2 * i + 1] = staged[i];
      }
    } else {
      int near[2];
      float part = between(row, b->height, &near[0], &near[1]);
      for (int k = 0; k < 2; k++)
        if (held[near[k] & 1] != near[k]) {
          read_numbers(x + (size_t)near[k] * width, how, staged, width);
          double_row(staged, width, stretched[near[k] & 1]);
          held[near[k] & 1] = near[k];
        }
      const float *restrict low = stretched[near[0] & 1], *restrict high = stretched[near[1] & 1];
      for (size_t i = 0; i < columns; i++) out[i] = part * low[i] + (1 - part) * high[i];
    }
    if (row == 0) sums.shift = out[0];
    add_row(out, columns, &sums);
  }
  moments[0] = plane_mean(&sums, (size_t)rows * columns);
  moments[1] = plane_variance(&sums, (size_t)rows * columns);
}

PI_WIDE void pi_join_pullback(const pi_branch *b, const float *x, pi_reading how, const float *dy, int adds,
                              float *dx, float *scratch, double sums[2]) {
  size_t width = (size_t)b->width, columns = width * (size_t)b->factor;
  float *restrict sum = scratch, *gradient = scratch + columns;
  for (int row = 0; row < b->height; row++) {
    const float *from = dy + (size_t)row * width;
    if (b->factor == 2) {
      const float *restrict d = dy + (size_t)(2 * row) * columns;
      from = gradient;
      if (!b->bilinear) {
        for (size_t i = 0; i < width; i++)
          gradient[i] = d[2 * i] + d[2 * i + 1] + d[columns + 2 * i] + d[columns + 2 * i + 1];
      } else {
        // Of the rows that the clamped edges repeat, the nearest takes all.
        int first = row == 0, last = row == b->height - 1;
        float above = first ? 1 : 0.75f, below = last ? 1 : 0.75f;
        for (size_t i = 0; i < columns; i++) sum[i] = above * d[i] + below * d[columns + i];
        if (!first)
          for (size_t i = 0; i < columns; i++) sum[i] += 0.25f * (d - columns)[i];
        if (!last)
          for (size_t i = 0; i < columns; i++) sum[i] += 0.25f * d[2 * columns + i];
        double_row_adjoint(sum, width, gradient);
      }
    }
    pull_back(x + (size_t)row * width, how, from, adds, dx + (size_t)row * width, width, sums);
  }
}
