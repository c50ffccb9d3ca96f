#include "include/penalties.h"

#include <math.h>
#include <string.h>

#include "convolution/rows.h"
#include "wide.h"

enum { CHUNK = 256 };  // numbers taken at a time

// x = x^(exponent / 2), without calls to powf for the exponents in use.
INLINE void take_half_powers(float *restrict x, size_t count, float exponent) {
#define EACH(value) \
  for (size_t i = 0; i < count; i++) x[i] = value
  if (exponent == -1)
    EACH(1 / square_root(x[i]));
  else if (exponent == 0)
    EACH(1);
  else if (exponent == 1)
    EACH(square_root(x[i]));
  else if (exponent == 4)
    EACH(x[i] * x[i]);
  else if (exponent == 6)
    EACH(x[i] * x[i] * x[i]);
  else if (exponent != 2)
    EACH(powf(x[i], exponent / 2));
}

static inline double sum_of(const float *x, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)x[i];
  return sum;
}

// MARK: Total variation

// The forward differences of the `count` pixels of a row from `start` on, and the sums of their squares.
INLINE void take_differences(const float *x, int height, int width, int row, size_t start, size_t count,
                             float *restrict dx, float *restrict dy, float *restrict squares) {
  const float *its = x + (size_t)row * (size_t)width + start, *below = row + 1 < height ? its + width : its;
  size_t inner = start + count < (size_t)width ? count : count - 1;
  dx[count - 1] = 0;
  for (size_t i = 0; i < inner; i++) dx[i] = its[i + 1] - its[i];
  for (size_t i = 0; i < count; i++) {
    dy[i] = below[i] - its[i];
    squares[i] = dx[i] * dx[i] + dy[i] * dy[i];
  }
}

PI_WIDE double pi_total_variation(const float *x, int height, int width, float beta) {
  double total = 0;
  for (int row = 0; row < height; row++) {
    double sum = 0;
    for (size_t start = 0; start < (size_t)width; start += CHUNK) {
      float dx[CHUNK], dy[CHUNK], squares[CHUNK];
      size_t count = at_most(CHUNK, (size_t)width - start);
      take_differences(x, height, width, row, start, count, dx, dy, squares);
      take_half_powers(squares, count, beta);
      sum += sum_of(squares, count);
    }
    total += sum;
  }
  return total;
}

PI_WIDE void pi_total_variation_gradient(const float *x, int height, int width, float beta,
                                         float floor, float factor, float *gradient) {
  memset(gradient, 0, (size_t)width * sizeof *gradient);
  for (int row = 0; row < height; row++) {
    float left = 0;  // what the pixel before adds
    for (size_t start = 0; start < (size_t)width; start += CHUNK) {
      float dx[CHUNK], dy[CHUNK], weights[CHUNK];
      size_t count = at_most(CHUNK, (size_t)width - start);
      take_differences(x, height, width, row, start, count, dx, dy, weights);
      for (size_t i = 0; i < count && beta < 2; i++) weights[i] = weights[i] < floor ? floor : weights[i];
      take_half_powers(weights, count, beta - 2);
      for (size_t i = 0; i < count; i++) {
        float weight = factor * beta * weights[i];
        dx[i] *= weight;
        dy[i] *= weight;
      }
      // The row above has written what it adds to this one.
      float *restrict its = gradient + (size_t)row * (size_t)width + start;
      its[0] += left - (dx[0] + dy[0]);
      for (size_t i = 1; i < count; i++) its[i] += dx[i - 1] - (dx[i] + dy[i]);
      if (row + 1 < height) memcpy(its + width, dy, count * sizeof *dy);
      left = dx[count - 1];
    }
  }
}

// MARK: α-norm

// The sums over the channels of the squares of `count` pixels.
INLINE void take_squares(const float *x, size_t plane, int channels, size_t count, float *restrict squares) {
  memset(squares, 0, count * sizeof *squares);
  for (int c = 0; c < channels; c++)
    for (size_t i = 0; i < count; i++) squares[i] += x[(size_t)c * plane + i] * x[(size_t)c * plane + i];
}

PI_WIDE double pi_alpha_norm(const float *x, size_t plane, int channels, size_t count,
                             float alpha) {
  double total = 0;
  for (size_t start = 0; start < count; start += CHUNK) {
    float squares[CHUNK];
    size_t some = at_most(CHUNK, count - start);
    take_squares(x + start, plane, channels, some, squares);
    take_half_powers(squares, some, alpha);
    total += sum_of(squares, some);
  }
  return total;
}

PI_WIDE void pi_alpha_norm_gradient(const float *x, size_t plane, int channels, size_t count,
                                    float alpha, float factor, float *gradient) {
  for (size_t start = 0; start < count; start += CHUNK) {
    float weights[CHUNK];
    size_t some = at_most(CHUNK, count - start);
    take_squares(x + start, plane, channels, some, weights);
    take_half_powers(weights, some, alpha - 2);
    for (int c = 0; c < channels; c++)
      for (size_t i = 0; i < some; i++) {
        size_t at = start + i + (size_t)c * plane;
        gradient[at] = factor * alpha * weights[i] * x[at];
      }
  }
}
