// The transforms of Winograd convolutions (Lavin and Gray, CVPR 2016) with six points an axis, sixteen
// tiles or kernels at a time: a kernel of `taps` and outputs of `tile` pixels, taps + tile = 7.
//
// They are those of Toom and Cook for the points 0, A, -A, B, -B and infinity. With A = 11/16 and B = 11/8
// the error is less than half of that with the usual 1 and 2, nearly that of a direct sum in single
// precision, and the constants are exact or nearly so.
#pragma once
#include "lanes.h"

enum { WINOGRAD_SIDE = 6, POINTS = 36, MOST_TILE = 5, MOST_KERNEL = 5 };

#define A (11 / 16.0f)
#define B (11 / 8.0f)
#define OVER_ZERO (1 / (A * A * B * B))
#define OVER_A (1 / (2 * A * A * (A * A - B * B)))
#define OVER_B (1 / (2 * B * B * (B * B - A * A)))

// Points of a row of a tile of the input.
INLINE void input_points(const lanes d[6], lanes out[6]) {
  lanes even_a = d[4] - B * B * d[2], odd_a = d[3] - B * B * d[1];
  lanes even_b = d[4] - A * A * d[2], odd_b = d[3] - A * A * d[1];
  out[0] = A * A * B * B * d[0] + (d[4] - (A * A + B * B) * d[2]);
  out[1] = even_a + A * odd_a;
  out[2] = even_a - A * odd_a;
  out[3] = even_b + B * odd_b;
  out[4] = even_b - B * odd_b;
  out[5] = A * A * B * B * d[1] + (d[5] - (A * A + B * B) * d[3]);
}

// The values of a polynomial with `count` coefficients at the points, each times a factor.
INLINE void points_of(const lanes *c, int count, float over_zero, float over_a, float over_b,
                      lanes out[6]) {
  lanes even_a = c[0], even_b = c[0], odd_a = c[1], odd_b = c[1];
  if (count > 2) even_a += A * A * c[2], even_b += B * B * c[2];
  if (count > 3) odd_a += A * A * c[3], odd_b += B * B * c[3];
  if (count > 4) even_a += A * A * A * A * c[4], even_b += B * B * B * B * c[4];
  out[0] = over_zero * c[0];
  out[1] = over_a * (even_a + A * odd_a);
  out[2] = over_a * (even_a - A * odd_a);
  out[3] = over_b * (even_b + B * odd_b);
  out[4] = over_b * (even_b - B * odd_b);
  out[5] = c[count - 1];
}

// The adjoint of points_of.
INLINE void coefficients_of(const lanes m[6], int count, float over_zero, float over_a, float over_b,
                            lanes *out) {
  lanes even_a = over_a * (m[1] + m[2]), odd_a = over_a * A * (m[1] - m[2]);
  lanes even_b = over_b * (m[3] + m[4]), odd_b = over_b * B * (m[3] - m[4]);
  out[0] = over_zero * m[0] + even_a + even_b;
  out[1] = odd_a + odd_b;
  if (count > 2) out[2] = A * A * even_a + B * B * even_b;
  if (count > 3) out[3] = A * A * odd_a + B * B * odd_b;
  if (count > 4) out[4] = A * A * A * A * even_a + B * B * B * B * even_b;
  out[count - 1] += m[5];
}

INLINE void kernel_points(const lanes *g, int taps, lanes out[6]) {
  points_of(g, taps, OVER_ZERO, OVER_A, OVER_B, out);
}
INLINE void kernel_taps(const lanes m[6], int taps, lanes *out) {
  coefficients_of(m, taps, OVER_ZERO, OVER_A, OVER_B, out);
}
INLINE void output_pixels(const lanes m[6], int tile, lanes *out) {
  coefficients_of(m, tile, 1, 1, 1, out);
}
INLINE void gradient_points(const lanes *y, int tile, lanes out[6]) {
  points_of(y, tile, 1, 1, 1, out);
}

#undef A
#undef B

// The six columns of sixteen tiles that begin `step` numbers apart: a tile's side, or 8.
INLINE void split_tiles(const float *p, int step, lanes d[6]) {
  lanes rest[5];
  switch (step) {
    case 2:
      UNROLLED for (int j = 0; j < 6; j += 2) {
        lanes a = load(p + j), b = load(p + j + 16);
        d[j] = EVEN_LANES(a, b);
        d[j + 1] = ODD_LANES(a, b);
      }
      return;
    case 3: split_threes(p, d); split_threes(p + 3, d + 3); return;
    case 4:
      split_fours(p, d);
      split_fours(p + 4, rest);
      d[4] = rest[0];
      d[5] = rest[1];
      return;
    case 5:
      split_fives(p, d);
      split_fives(p + 5, rest);
      d[5] = rest[0];
      return;
    default: split_eights(p, d);
  }
}

INLINE void join_tiles(const lanes *pixels, int tile, float *p) {
  switch (tile) {
    case 2: join_twos(pixels[0], pixels[1], p); return;
    case 3: join_threes(pixels, p); return;
    case 4: join_fours(pixels, p); return;
    default: join_fives(pixels, p);
  }
}

// Along which axes pixels stand for points, in the weights pass: a kernel of one tap, the second of two, needs
// no transform, since the products of pixels are as few, and are summed in one place. Point i is pixel i of
// the input then, and pixel i - 1 of the gradient; point 0 is left out.
typedef struct {
  int rows, columns;
} pixelwise;

// Runs `call` with PIXELS as a constant.
#define FOR_PIXELWISE(p, call)                                     \
  switch (2 * (p).rows + (p).columns) {                            \
    case 0: { const pixelwise PIXELS = {0, 0}; call; } break;      \
    case 1: { const pixelwise PIXELS = {0, 1}; call; } break;      \
    case 2: { const pixelwise PIXELS = {1, 0}; call; } break;      \
    case 3: { const pixelwise PIXELS = {1, 1}; call; } break;      \
  }

// out[p pitch] = point p of the sixteen 6x6 tiles whose rows are `line` numbers apart.
INLINE void transform_input(const float *lines, size_t line, int step, pixelwise pixels, float *out,
                            size_t pitch) {
  lanes t[6][6];
  UNROLLED for (int i = pixels.rows; i < 6; i++) {
    lanes d[6];
    split_tiles(lines + (size_t)i * line, step, d);
    if (pixels.columns)
      UNROLLED for (int j = 0; j < 6; j++) t[i][j] = d[j];
    else
      input_points(d, t[i]);
  }
  UNROLLED for (int j = pixels.columns; j < 6; j++) {
    lanes column[6], points[6];
    UNROLLED for (int i = pixels.rows; i < 6; i++) column[i] = t[i][j];
    if (!pixels.rows) input_points(column, points);
    UNROLLED for (int i = pixels.rows; i < 6; i++)
      store(out + (size_t)(6 * i + j) * pitch, pixels.rows ? column[i] : points[i]);
  }
}

// rows[i row + tile t + j] = pixel (i, j) of the sixteen tiles whose points are in[p pitch].
INLINE void transform_output(const float *in, size_t pitch, int tile, float *rows, size_t row) {
  lanes t[MOST_TILE][6];
  UNROLLED for (int j = 0; j < 6; j++) {
    lanes m[6], column[MOST_TILE];
    UNROLLED for (int i = 0; i < 6; i++) m[i] = load(in + (size_t)(6 * i + j) * pitch);
    output_pixels(m, tile, column);
    for (int i = 0; i < tile; i++) t[i][j] = column[i];
  }
  for (int i = 0; i < tile; i++) {
    lanes pixels[MOST_TILE];
    output_pixels(t[i], tile, pixels);
    join_tiles(pixels, tile, rows + (size_t)i * row);
  }
}
