#include "include/penalties.h"

#include <math.h>
#include <string.h>

#include "wide.h"

// x^(exponent / 2), without a call to powf for the exponents in use.
static inline float half_power(float x, float exponent) {
  if (exponent == 0) return 1;
  if (exponent == 1) return square_root(x);
  if (exponent == 2) return x;
  if (exponent == 4) return x * x;
  if (exponent == 6) return x * x * x;
  return powf(x, exponent / 2);
}

static inline float square_gradient(const float *x, int row, int column, int height, int width,
                                    float *dx, float *dy) {
  *dx = column + 1 < width ? x[1] - x[0] : 0;
  *dy = row + 1 < height ? x[width] - x[0] : 0;
  return *dx * *dx + *dy * *dy;
}

PI_WIDE double pi_total_variation(const float *x, int height, int width, float beta) {
  double total = 0;
  for (int row = 0; row < height; row++) {
    double sum = 0;
    for (int column = 0; column < width; column++) {
      float dx, dy;
      const float *pixel = x + (size_t)row * (size_t)width + (size_t)column;
      sum += (double)half_power(square_gradient(pixel, row, column, height, width, &dx, &dy), beta);
    }
    total += sum;
  }
  return total;
}

PI_WIDE void pi_total_variation_gradient(const float *x, int height, int width, float beta,
                                         float floor, float factor, float *gradient) {
  memset(gradient, 0, (size_t)height * (size_t)width * sizeof *gradient);
  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++) {
      float dx, dy;
      size_t i = (size_t)row * (size_t)width + (size_t)column;
      float square = square_gradient(x + i, row, column, height, width, &dx, &dy);
      if (beta < 2 && square < floor) square = floor;
      float weight = factor * beta * half_power(square, beta - 2);
      gradient[i] -= weight * (dx + dy);
      if (column + 1 < width) gradient[i + 1] += weight * dx;
      if (row + 1 < height) gradient[i + (size_t)width] += weight * dy;
    }
}

static inline float square(const float *x, size_t plane, int channels) {
  float sum = 0;
  for (int c = 0; c < channels; c++) sum += x[(size_t)c * plane] * x[(size_t)c * plane];
  return sum;
}

PI_WIDE double pi_alpha_norm(const float *x, size_t plane, int channels, size_t count,
                             float alpha) {
  double total = 0;
  for (size_t i = 0; i < count; i++)
    total += (double)half_power(square(x + i, plane, channels), alpha);
  return total;
}

PI_WIDE void pi_alpha_norm_gradient(const float *x, size_t plane, int channels, size_t count,
                                    float alpha, float factor, float *gradient) {
  for (size_t i = 0; i < count; i++) {
    float weight = factor * alpha * half_power(square(x + i, plane, channels), alpha - 2);
    for (int c = 0; c < channels; c++)
      gradient[i + (size_t)c * plane] = weight * x[i + (size_t)c * plane];
  }
}
