#include "transposition.h"

#include <string.h>

typedef float four __attribute__((vector_size(16)));

static four load(const float *from) {
  four value;
  memcpy(&value, from, sizeof value);
  return value;
}

static void store(float *to, four value) { memcpy(to, &value, sizeof value); }

// Four columns by four rows.
static void transpose_tile(
    const float *source, const ptrdiff_t *lines, float *target, size_t stride) {
  const four a = load(source + lines[0]), b = load(source + lines[1]);
  const four c = load(source + lines[2]), d = load(source + lines[3]);
  const four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(target, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
  store(target + stride, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
  store(target + 2 * stride, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store(target + 3 * stride, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

void pi_transpose_band(
    const float *source, const ptrdiff_t *lines, size_t count, size_t rows, float *target,
    size_t stride) {
  size_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    float *to = target + row * stride;
    size_t column = 0;
    for (; column + 4 <= count; column += 4) {
      transpose_tile(source + row, lines + column, to + column, stride);
    }
    for (; column < count; column++) {
      for (size_t i = 0; i < 4; i++) to[i * stride + column] = source[lines[column] + row + i];
    }
  }
  for (; row < rows; row++) {
    for (size_t column = 0; column < count; column++) {
      target[row * stride + column] = source[lines[column] + row];
    }
  }
}
