#pragma once
#include <stddef.h>

// Sums of a plane about its first number.
typedef struct {
  float shift;
  double sum, squares;
} plane_sums;

static inline void add_row(const float *restrict y, size_t count, plane_sums *s) {
#pragma clang fp reassociate(on)
  float shift = s->shift, sum = 0, squares = 0;
  for (size_t i = 0; i < count; i++) {
    float d = y[i] - shift;
    sum += d;
    squares += d * d;
  }
  s->sum += (double)sum;
  s->squares += (double)squares;
}

static inline double plane_mean(const plane_sums *s, size_t count) {
  return (double)s->shift + s->sum / (double)count;
}

static inline double plane_variance(const plane_sums *s, size_t count) {
  double mean = s->sum / (double)count;
  return s->squares / (double)count - mean * mean;
}
