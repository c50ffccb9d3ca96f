#include "include/pooling.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wide.h"

// Windows that lie inside the plane are taken side by side, one of their rows after the other, where they
// are of the two common kinds; all others, and those at the edges, window by window.

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

// The output columns that are taken side by side.
typedef struct {
  int first, end;
} columns;

static inline columns inside(const pi_pooling *g) {
  columns none = {0, 0};
  int is_common = g->stride == 2 && (g->kernel_width == 2 || g->kernel_width == 3);
  if (!is_common || g->width + g->padding < g->kernel_width) return none;
  columns c = {(g->padding + 1) / 2, (g->width + g->padding - g->kernel_width) / 2 + 1};
  if (c.end > g->out_width) c.end = g->out_width;
  return c.first < c.end ? c : none;
}

// Where the first of these windows begins in its row.
static inline int start(const pi_pooling *g, columns c) { return 2 * c.first - g->padding; }

// MARK: Maximum

typedef struct {
  float value;
  int32_t place;
} candidate;

// The first of equals wins, and the last that is no number.
static inline candidate better(candidate best, candidate other) {
  int wins = other.value > best.value || other.value != other.value;
  candidate c = {wins ? other.value : best.value, wins ? other.place : best.place};
  return c;
}

static inline candidate get(const float *y, const float *winners, int column) {
  candidate c = {y[column], 0};
  memcpy(&c.place, winners + column, sizeof c.place);
  return c;
}

static inline void put(candidate c, float *y, float *winners, int column) {
  y[column] = c.value;
  memcpy(winners + column, &c.place, sizeof c.place);
}

// A row of windows that begin at `place` in the plane and every two columns from there.
static inline void max_of_row(const float *restrict x, int place, int kernel, int count, int begins,
                              float *restrict y, float *restrict winners) {
  for (int c = 0; c < count; c++) {
    candidate best = {x[place + 2 * c], place + 2 * c};
    for (int j = 1; j < kernel; j++) {
      candidate next = {x[place + 2 * c + j], place + 2 * c + j};
      best = better(best, next);
    }
    put(begins ? best : better(get(y, winners, c), best), y, winners, c);
  }
}

static inline void max_of_windows(const pi_pooling *g, const float *x, span v, columns these, float *y,
                                  float *winners) {
  for (int column = these.first; column < these.end; column++) {
    span h = window(column, g->width, g->kernel_width, g);
    candidate best = {-INFINITY, v.first * g->width + h.first};
    for (int i = v.first; i < v.end; i++)
      for (int place = i * g->width + h.first; place < i * g->width + h.end; place++) {
        candidate next = {x[place], place};
        best = better(best, next);
      }
    put(best, y, winners, column);
  }
}

PI_WIDE void pi_max_pool(const pi_pooling *g, const float *x, float *y, float *winners) {
  columns in = inside(g), left = {0, in.first}, right = {in.end, g->out_width};
  for (int row = 0; row < g->out_height; row++, y += g->out_width, winners += g->out_width) {
    span v = window(row, g->height, g->kernel_height, g);
    for (int i = v.first; i < v.end; i++) {
      int place = i * g->width + start(g, in), count = in.end - in.first, begins = i == v.first;
      if (g->kernel_width == 2)
        max_of_row(x, place, 2, count, begins, y + in.first, winners + in.first);
      else
        max_of_row(x, place, 3, count, begins, y + in.first, winners + in.first);
    }
    max_of_windows(g, x, v, left, y, winners);
    max_of_windows(g, x, v, right, y, winners);
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

// MARK: Average

static inline float share(const pi_pooling *g, span v, span h) {
  int count = g->counts_padding ? v.full * h.full : (v.end - v.first) * (h.end - h.first);
  return 1 / (float)count;
}

static inline void sum_row(const float *restrict x, int kernel, int count, float *restrict y) {
  for (int c = 0; c < count; c++)
    for (int j = 0; j < kernel; j++) y[c] += x[2 * c + j];
}

static inline void average_windows(const pi_pooling *g, const float *x, span v, columns these, float *y) {
  for (int column = these.first; column < these.end; column++) {
    span h = window(column, g->width, g->kernel_width, g);
    float sum = 0;
    for (int i = v.first; i < v.end; i++)
      for (int j = h.first; j < h.end; j++) sum += x[i * g->width + j];
    y[column] = sum * share(g, v, h);
  }
}

PI_WIDE void pi_average_pool(const pi_pooling *g, const float *x, float *y) {
  columns in = inside(g), left = {0, in.first}, right = {in.end, g->out_width};
  for (int row = 0; row < g->out_height; row++, y += g->out_width) {
    span v = window(row, g->height, g->kernel_height, g);
    for (int c = in.first; c < in.end; c++) y[c] = 0;
    for (int i = v.first; i < v.end; i++) {
      const float *from = x + i * g->width + start(g, in);
      if (g->kernel_width == 2)
        sum_row(from, 2, in.end - in.first, y + in.first);
      else
        sum_row(from, 3, in.end - in.first, y + in.first);
    }
    float factor = share(g, v, window(in.first, g->width, g->kernel_width, g));
    for (int c = in.first; c < in.end; c++) y[c] *= factor;
    average_windows(g, x, v, left, y);
    average_windows(g, x, v, right, y);
  }
}

static inline void spread_row(const float *restrict dy, float factor, int count, float *restrict dx) {
  for (int c = 0; c < count; c++) {
    dx[2 * c] = dy[c] * factor;
    dx[2 * c + 1] = dy[c] * factor;
  }
}

static inline void spread_windows(const pi_pooling *g, const float *dy, span v, columns these, float *dx) {
  for (int column = these.first; column < these.end; column++) {
    span h = window(column, g->width, g->kernel_width, g);
    float part = dy[column] * share(g, v, h);
    for (int i = v.first; i < v.end; i++)
      for (int j = h.first; j < h.end; j++) dx[i * g->width + j] += part;
  }
}

PI_WIDE void pi_average_pool_pullback(const pi_pooling *g, const float *dy, float *dx) {
  memset(dx, 0, (size_t)g->height * (size_t)g->width * sizeof *dx);
  columns in = {0, 0};
  // Others overlap.
  if (g->kernel_width == 2 && g->kernel_height == 2) in = inside(g);
  columns left = {0, in.first}, right = {in.end, g->out_width};
  for (int row = 0; row < g->out_height; row++, dy += g->out_width) {
    span v = window(row, g->height, g->kernel_height, g);
    float factor = share(g, v, window(in.first, g->width, g->kernel_width, g));
    for (int i = v.first; i < v.end; i++)
      spread_row(dy + in.first, factor, in.end - in.first, dx + i * g->width + start(g, in));
    spread_windows(g, dy, v, left, dx);
    spread_windows(g, dy, v, right, dx);
  }
}
