#include "include/elementwise.h"

#include <math.h>

#include "wide.h"

PI_WIDE void pi_add_to(const float *restrict x, float *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

PI_WIDE void pi_add(const float *x, const float *y, float *z, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = x[i] + y[i];
}

PI_WIDE void pi_multiply(const float *x, const float *y, float *z, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = x[i] * y[i];
}

PI_WIDE void pi_scale(const float *x, float scale, float shift, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = scale * x[i] + shift;
}

// Sixty-four partial sums a block: short dependency chains, and errors that do not grow with count.
enum { lanes = 64, block = 1024 };

// Adds term(i) over 0 ..< count.
#define PI_SUM(term)                                                        \
  double total = 0;                                                         \
  for (size_t start = 0; start < count; start += block) {                   \
    size_t end = count - start < block ? count : start + block, i = start;  \
    float partial[lanes] = {0};                                             \
    for (; i + lanes <= end; i += lanes)                                    \
      for (size_t k = 0; k < lanes; k++) partial[k] += term(i + k);         \
    for (size_t k = 0; i + k < end; k++) partial[k] += term(i + k);         \
    double sum = 0;                                                         \
    for (size_t k = 0; k < lanes; k++) sum += (double)partial[k];           \
    total += sum;                                                           \
  }                                                                         \
  return total

PI_WIDE double pi_dot(const float *x, const float *y, size_t count) {
#define PRODUCT(i) x[i] * y[i]
  PI_SUM(PRODUCT);
}

PI_WIDE double pi_sum(const float *x, size_t count) {
#define ELEMENT(i) x[i]
  PI_SUM(ELEMENT);
}

PI_WIDE double pi_sum_of_squares(const float *x, float mean, size_t count) {
#define SQUARE(i) (x[i] - mean) * (x[i] - mean)
  PI_SUM(SQUARE);
}

PI_WIDE double pi_dot_centred(const float *x, const float *y, float mean, size_t count) {
#define CENTRED_PRODUCT(i) x[i] * (y[i] - mean)
  PI_SUM(CENTRED_PRODUCT);
}

PI_WIDE double pi_sum_of_squared_differences(const float *x, const float *y, size_t count) {
#define SQUARED_DIFFERENCE(i) (x[i] - y[i]) * (x[i] - y[i])
  PI_SUM(SQUARED_DIFFERENCE);
}

static inline float absolute(float d, int smooth) {
  float size = fabsf(d);
  if (!smooth) return size;
  return size < 1 ? 0.5f * d * d : size - 0.5f;
}

PI_WIDE double pi_absolute_error(const float *x, const float *y, int smooth, size_t count) {
#define ABSOLUTE(i) absolute(x[i] - y[i], smooth)
  PI_SUM(ABSOLUTE);
}

PI_WIDE void pi_absolute_error_gradient(const float *x, const float *y, int smooth, float factor,
                                        float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float d = x[i] - y[i], sign = (float)((d > 0) - (d < 0));
    dx[i] = factor * (smooth && fabsf(d) < 1 ? d : sign);
  }
}

PI_WIDE void pi_combine(const float *x, float a, const float *y, float b, float c, float *z,
                        size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = a * x[i] + b * y[i] + c;
}

PI_WIDE void pi_leaky_relu(const float *x, float slope, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

PI_WIDE void pi_leaky_relu_pullback(const float *y, const float *dy, float slope, float *dx,
                                    size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}

PI_WIDE void pi_clip(const float *x, float low, float high, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float raised = x[i] < low ? low : x[i];
    y[i] = raised > high ? high : raised;
  }
}

PI_WIDE void pi_clip_pullback(const float *x, float low, float high, const float *dy, float *dx,
                              size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = x[i] >= low && x[i] <= high ? dy[i] : 0;
}

PI_WIDE void pi_adam(float *restrict w, const float *restrict gradient, float *restrict m,
                     float *restrict v, size_t count, float blend1, float keep2, float blend2,
                     float step_size, float correction, float epsilon) {
  for (size_t i = 0; i < count; i++) {
    float g = gradient[i];
    m[i] += blend1 * (g - m[i]);
    v[i] = keep2 * v[i] + blend2 * (g * g);
    w[i] -= step_size * (m[i] / (square_root(v[i]) * correction + epsilon));
  }
}

PI_WIDE void pi_preimage_step(float *restrict w, const float *restrict gradient, float *restrict v,
                              float *restrict s, size_t count, float keep, float damping) {
  for (size_t i = 0; i < count; i++) {
    float g = gradient[i];
    s[i] = keep * s[i] + g * g;
    v[i] = keep * v[i] - g / (damping + square_root(s[i]));
    w[i] += v[i];
  }
}

PI_WIDE void pi_project(float *x, size_t plane, int channels, size_t count, float radius) {
  for (size_t i = 0; i < count; i++) {
    float square = 0;
    for (int c = 0; c < channels; c++) square += x[(size_t)c * plane + i] * x[(size_t)c * plane + i];
    if (square <= radius * radius) continue;
    float factor = radius / square_root(square);
    for (int c = 0; c < channels; c++) x[(size_t)c * plane + i] *= factor;
  }
}
