#include "include/activations.h"

#include <math.h>

#include "wide.h"

static inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }

void pi_sigmoid(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = sigmoid(x[i]);
}

PI_WIDE void pi_sigmoid_pullback(const float *y, const float *dy, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

void pi_tanh(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = tanhf(x[i]);
}

PI_WIDE void pi_tanh_pullback(const float *y, const float *dy, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
}

void pi_elu(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : expm1f(x[i]);
}

PI_WIDE void pi_elu_pullback(const float *y, const float *dy, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : dy[i] * (y[i] + 1);
}

void pi_swish(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] * sigmoid(x[i]);
}

void pi_swish_pullback(const float *x, const float *dy, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float s = sigmoid(x[i]);
    dx[i] = dy[i] * (s + x[i] * s * (1 - s));
  }
}
