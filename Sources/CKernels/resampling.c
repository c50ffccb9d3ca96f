#include "include/resampling.h"

#include <stddef.h>
#include <string.h>

#include "doubling.h"
#include "wide.h"

PI_WIDE void pi_upsample_nearest(const float *small, int height, int width, int factor,
                                 float *large) {
  size_t columns = (size_t)width * (size_t)factor;
  for (int y = 0; y < height; y++) {
    const float *source = small + (size_t)y * (size_t)width;
    float *target = large + (size_t)y * (size_t)factor * columns;
    if (factor == 2)
      for (int x = 0; x < width; x++) target[2 * x] = target[2 * x + 1] = source[x];
    else
      for (int x = 0; x < width; x++)
        for (int k = 0; k < factor; k++) target[x * factor + k] = source[x];
    for (int k = 1; k < factor; k++)
      memcpy(target + (size_t)k * columns, target, columns * sizeof *target);
  }
}

PI_WIDE void pi_upsample_nearest_adjoint(const float *large, int height, int width, int factor,
                                         float *small) {
  size_t columns = (size_t)width * (size_t)factor;
  for (int y = 0; y < height; y++) {
    float *target = small + (size_t)y * (size_t)width;
    memset(target, 0, (size_t)width * sizeof *target);
    for (int k = 0; k < factor; k++) {
      const float *source = large + ((size_t)y * (size_t)factor + (size_t)k) * columns;
      if (factor == 2)
        for (int x = 0; x < width; x++) target[x] += source[2 * x] + source[2 * x + 1];
      else
        for (int x = 0; x < width; x++)
          for (int j = 0; j < factor; j++) target[x] += source[x * factor + j];
    }
  }
}

// Large position i lies between the small positions low and high, at `part` of the way.
typedef struct {
  int low, high;
  float part;
} between;

static inline between locate(int i, int extent, int factor) {
  float position = ((float)i + 0.5f) / (float)factor - 0.5f;
  if (position < 0) position = 0;
  int low = (int)position;
  return (between){low, low + 1 < extent ? low + 1 : extent - 1, position - (float)low};
}

// One row enlarged along x.
static inline void stretch(const float *source, int width, int factor, float *target) {
  if (factor == 2) {
    double_row(source, (size_t)width, target);
    return;
  }
  for (int x = 0; x < width * factor; x++) {
    between b = locate(x, width, factor);
    target[x] = (1 - b.part) * source[b.low] + b.part * source[b.high];
  }
}

// The adjoint of stretch, into a target of zeros.
static inline void gather_up(const float *source, int width, int factor, float *target) {
  if (factor == 2) {
    double_row_adjoint(source, (size_t)width, target);
    return;
  }
  for (int x = 0; x < width * factor; x++) {
    between b = locate(x, width, factor);
    target[b.low] += (1 - b.part) * source[x];
    target[b.high] += b.part * source[x];
  }
}

PI_WIDE void pi_upsample_bilinear(const float *small, int height, int width, int factor,
                                  float *large, float *scratch) {
  size_t columns = (size_t)width * (size_t)factor;
  // Two stretched rows, kept by the parity of their number.
  float *rows[2] = {scratch, scratch + columns};
  int held[2] = {-1, -1};
  for (int y = 0; y < height * factor; y++) {
    between b = locate(y, height, factor);
    int needed[2] = {b.low, b.high};
    for (int k = 0; k < 2; k++)
      if (held[needed[k] & 1] != needed[k]) {
        stretch(small + (size_t)needed[k] * (size_t)width, width, factor, rows[needed[k] & 1]);
        held[needed[k] & 1] = needed[k];
      }
    const float *low = rows[b.low & 1], *high = rows[b.high & 1];
    float *target = large + (size_t)y * columns;
    for (size_t x = 0; x < columns; x++) target[x] = (1 - b.part) * low[x] + b.part * high[x];
  }
}

PI_WIDE void pi_upsample_bilinear_adjoint(const float *large, int height, int width, int factor,
                                          float *small, float *scratch) {
  size_t columns = (size_t)width * (size_t)factor;
  float *sum = scratch;
  memset(small, 0, (size_t)height * (size_t)width * sizeof *small);
  for (int row = 0; row < height; row++) {
    // The large rows that lie between row - 1 and row + 1.
    int first = (row - 1) * factor, last = (row + 2) * factor;
    if (first < 0) first = 0;
    if (last > height * factor) last = height * factor;
    memset(sum, 0, columns * sizeof *sum);
    for (int y = first; y < last; y++) {
      between b = locate(y, height, factor);
      float weight = (b.low == row ? 1 - b.part : 0) + (b.high == row ? b.part : 0);
      if (weight == 0) continue;
      const float *source = large + (size_t)y * columns;
      for (size_t x = 0; x < columns; x++) sum[x] += weight * source[x];
    }
    gather_up(sum, width, factor, small + (size_t)row * (size_t)width);
  }
}

PI_WIDE void pi_resample(const pi_axis *rows, const pi_axis *columns, const float *x, float *y,
                         float *scratch) {
  size_t width = (size_t)columns->targets;
  for (int row = 0; row < rows->sources; row++) {
    const float *source = x + (size_t)row * (size_t)columns->sources;
    for (int column = 0; column < columns->targets; column++) {
      size_t first = (size_t)column * (size_t)columns->taps;
      float sum = 0;
      for (int t = 0; t < columns->taps; t++)
        sum += columns->weights[first + (size_t)t] * source[columns->positions[first + (size_t)t]];
      scratch[(size_t)row * width + (size_t)column] = sum;
    }
  }
  for (int row = 0; row < rows->targets; row++) {
    size_t first = (size_t)row * (size_t)rows->taps;
    float *target = y + (size_t)row * width;
    memset(target, 0, width * sizeof *target);
    for (int t = 0; t < rows->taps; t++) {
      const float *source = scratch + (size_t)rows->positions[first + (size_t)t] * width;
      float weight = rows->weights[first + (size_t)t];
      for (size_t column = 0; column < width; column++) target[column] += weight * source[column];
    }
  }
}

PI_WIDE void pi_resample_adjoint(const pi_axis *rows, const pi_axis *columns, const float *dy,
                                 float *dx, float *scratch) {
  size_t width = (size_t)columns->targets;
  memset(scratch, 0, (size_t)rows->sources * width * sizeof *scratch);
  memset(dx, 0, (size_t)rows->sources * (size_t)columns->sources * sizeof *dx);
  for (int row = 0; row < rows->targets; row++) {
    size_t first = (size_t)row * (size_t)rows->taps;
    const float *source = dy + (size_t)row * width;
    for (int t = 0; t < rows->taps; t++) {
      float *target = scratch + (size_t)rows->positions[first + (size_t)t] * width;
      float weight = rows->weights[first + (size_t)t];
      for (size_t column = 0; column < width; column++) target[column] += weight * source[column];
    }
  }
  for (int row = 0; row < rows->sources; row++) {
    float *target = dx + (size_t)row * (size_t)columns->sources;
    for (int column = 0; column < columns->targets; column++) {
      size_t first = (size_t)column * (size_t)columns->taps;
      float value = scratch[(size_t)row * width + (size_t)column];
      for (int t = 0; t < columns->taps; t++)
        target[columns->positions[first + (size_t)t]] += columns->weights[first + (size_t)t] * value;
    }
  }
}
