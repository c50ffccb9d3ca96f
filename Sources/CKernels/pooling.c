#include "include/pooling.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  int first, end;  // inside the plane
  int full;        // the extent clipped to the padded plane
} span;

static inline span window(int position, int extent, int kernel, const pi_pooling *g) {
  int first = position * g->stride - g->padding, end = first + kernel;
  int padded = extent + g->padding;
  span s = {first < 0 ? 0 : first, end > extent ? extent : end,
            (end > padded ? padded : end) - first};
  return s;
}

void pi_max_pool(const pi_pooling *g, const float *x, float *y, float *winners) {
  for (int row = 0; row < g->out_height; row++) {
    span v = window(row, g->height, g->kernel_height, g);
    for (int column = 0; column < g->out_width; column++) {
      span h = window(column, g->width, g->kernel_width, g);
      float best = -INFINITY;
      int32_t winner = v.first * g->width + h.first;
      for (int i = v.first; i < v.end; i++)
        for (int j = h.first; j < h.end; j++) {
          float value = x[(size_t)i * (size_t)g->width + (size_t)j];
          if (value > best || isnan(value)) {
            best = value;
            winner = i * g->width + j;
          }
        }
      size_t out = (size_t)row * (size_t)g->out_width + (size_t)column;
      y[out] = best;
      memcpy(winners + out, &winner, sizeof winner);
    }
  }
}

void pi_max_pool_pullback(const pi_pooling *g, const float *winners, const float *dy, float *dx) {
  memset(dx, 0, (size_t)g->height * (size_t)g->width * sizeof *dx);
  for (size_t out = 0; out < (size_t)g->out_height * (size_t)g->out_width; out++) {
    int32_t winner;
    memcpy(&winner, winners + out, sizeof winner);
    dx[winner] += dy[out];
  }
}

static inline float share(const pi_pooling *g, span v, span h) {
  int count = g->counts_padding ? v.full * h.full : (v.end - v.first) * (h.end - h.first);
  return 1 / (float)count;
}

void pi_average_pool(const pi_pooling *g, const float *x, float *y) {
  for (int row = 0; row < g->out_height; row++) {
    span v = window(row, g->height, g->kernel_height, g);
    for (int column = 0; column < g->out_width; column++) {
      span h = window(column, g->width, g->kernel_width, g);
      float sum = 0;
      for (int i = v.first; i < v.end; i++)
        for (int j = h.first; j < h.end; j++) sum += x[(size_t)i * (size_t)g->width + (size_t)j];
      y[(size_t)row * (size_t)g->out_width + (size_t)column] = sum * share(g, v, h);
    }
  }
}

void pi_average_pool_pullback(const pi_pooling *g, const float *dy, float *dx) {
  memset(dx, 0, (size_t)g->height * (size_t)g->width * sizeof *dx);
  for (int row = 0; row < g->out_height; row++) {
    span v = window(row, g->height, g->kernel_height, g);
    for (int column = 0; column < g->out_width; column++) {
      span h = window(column, g->width, g->kernel_width, g);
      float part = dy[(size_t)row * (size_t)g->out_width + (size_t)column] * share(g, v, h);
      for (int i = v.first; i < v.end; i++)
        for (int j = h.first; j < h.end; j++) dx[(size_t)i * (size_t)g->width + (size_t)j] += part;
    }
  }
}
