// Winograd F(4x4, 3x3) (Lavin and Gray, CVPR 2016) on sixteen tiles at a time: the tiles' places and
// the transforms.
#pragma once
#include "rows.h"

enum {
  POINTS = 36,          // products a tile and pair of channels
  GROUP = 16,           // tiles in the lanes of a vector
  LINE = 160,           // room for a staged row: columns 0-3 of each tile, and from 80 on 4-7
  SECOND_HALF = 80,
};

// The tiles that cover the output, row by row; tile (0, 0) begins at output (origin_y, origin_x).
typedef struct {
  int origin_y, origin_x, rows, columns;
} tile_grid;

INLINE size_t grid_groups(const tile_grid *g) {
  return divide_up((size_t)g->rows * (size_t)g->columns, GROUP);
}

// A run of `count` tiles of one row in the lanes from `lane` on.
typedef struct {
  int lane, count, row, column;
} tile_run;

// Steps to the next run of the group; begins with run.count = run.lane = 0. Returns 0 at the end.
INLINE int next_run(const tile_grid *g, size_t group, tile_run *run) {
  int lane = run->lane + run->count;
  size_t tile = group * GROUP + (size_t)lane;
  if (lane >= GROUP || tile >= (size_t)g->rows * (size_t)g->columns) return 0;
  run->lane = lane;
  run->row = (int)(tile / (size_t)g->columns);
  run->column = (int)(tile % (size_t)g->columns);
  run->count = GROUP - lane < g->columns - run->column ? GROUP - lane : g->columns - run->column;
  return 1;
}

// lines[i][4 t + j] = pixel (i, j) of tile t, and at SECOND_HALF its pixels (i, 4 + j); tiles of
// `height` rows that begin at (y0, x0) + 4 (row, column). Returns where the second halves lie: where
// the sixteen tiles are neighbours, four numbers on.
INLINE int stage_tiles(const reader *r, const tile_grid *g, size_t group, int c, int y0, int x0,
                       int height, float *lines) {
  tile_run run = {0, 0, 0, 0};
  int lane = 0;
  while (next_run(g, group, &run)) {
    int y = y0 + 4 * run.row, x = x0 + 4 * run.column;
    for (int i = 0; i < height; i++) {
      float *line = lines + i * LINE;
      if (run.count == GROUP) {
        read_row(r, c, y + i, x, 4 * GROUP + 2, line);
      } else {
        float row[4 * GROUP + 4];
        read_row(r, c, y + i, x, 4 * run.count + 2, row);
        row[4 * run.count + 2] = row[4 * run.count + 3] = 0;
        memcpy(line + 4 * run.lane, row, (size_t)(4 * run.count) * sizeof *row);
        memcpy(line + SECOND_HALF + 4 * run.lane, row + 4, (size_t)(4 * run.count) * sizeof *row);
      }
    }
    lane = run.lane + run.count;
    if (run.count == GROUP) return 4;
  }
  // Lanes without a tile.
  for (int i = 0; i < height; i++)
    for (int k = 4 * lane; k < 4 * GROUP; k++)
      lines[i * LINE + k] = lines[i * LINE + SECOND_HALF + k] = 0;
  return SECOND_HALF;
}

// The transforms are those of Toom and Cook for the points 0, A, -A, B, -B and infinity. With A = 11/16
// and B = 11/8 the error is less than half of that with the usual 1 and 2, nearly that of a direct sum in
// single precision, and every constant of the data transforms is exact.
#define A (11 / 16.0f)
#define B (11 / 8.0f)
#define A2 (A * A)
#define B2 (B * B)

INLINE void input_points(const lanes d[6], lanes out[6]) {
  lanes even_a = d[4] - B2 * d[2], odd_a = d[3] - B2 * d[1];
  lanes even_b = d[4] - A2 * d[2], odd_b = d[3] - A2 * d[1];
  out[0] = A2 * B2 * d[0] + (d[4] - (A2 + B2) * d[2]);
  out[1] = even_a + A * odd_a;
  out[2] = even_a - A * odd_a;
  out[3] = even_b + B * odd_b;
  out[4] = even_b - B * odd_b;
  out[5] = A2 * B2 * d[1] + (d[5] - (A2 + B2) * d[3]);
}

// out[p pitch] = point p of the sixteen 6x6 tiles staged in lines.
INLINE void transform_input(const float *lines, int second, float *out, size_t pitch) {
  lanes t[6][6];
  UNROLLED for (int i = 0; i < 6; i++) {
    lanes d[6];
    split_fours(lines + i * LINE, d);
    split_first_two(lines + i * LINE + second, &d[4], &d[5]);
    input_points(d, t[i]);
  }
  UNROLLED for (int j = 0; j < 6; j++) {
    lanes column[6], points[6];
    UNROLLED for (int i = 0; i < 6; i++) column[i] = t[i][j];
    input_points(column, points);
    UNROLLED for (int i = 0; i < 6; i++) store(out + (size_t)(6 * i + j) * pitch, points[i]);
  }
}

INLINE void output_pixels(const lanes m[6], lanes out[4]) {
  lanes even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
  out[0] = m[0] + even_a + even_b;
  out[1] = A * odd_a + B * odd_b;
  out[2] = A2 * even_a + B2 * even_b;
  out[3] = A2 * A * odd_a + (B2 * B * odd_b + m[5]);
}

// rows[i][4 t + j] = pixel (i, j) of the sixteen 4x4 tiles whose points are in[p pitch].
INLINE void transform_output(const float *in, size_t pitch, float rows[4][4 * GROUP]) {
  lanes t[4][6];
  UNROLLED for (int j = 0; j < 6; j++) {
    lanes m[6], column[4];
    UNROLLED for (int i = 0; i < 6; i++) m[i] = load(in + (size_t)(6 * i + j) * pitch);
    output_pixels(m, column);
    UNROLLED for (int i = 0; i < 4; i++) t[i][j] = column[i];
  }
  UNROLLED for (int i = 0; i < 4; i++) {
    lanes pixels[4];
    output_pixels(t[i], pixels);
    join_fours(pixels, rows[i]);
  }
}

#define OVER_ZERO (1 / (A2 * B2))
#define OVER_A (1 / (2 * A2 * (A2 - B2)))
#define OVER_B (1 / (2 * B2 * (B2 - A2)))

// The points of a 3x3 kernel, one pair of channels a lane.
INLINE void kernel_points(const lanes g[3], lanes out[6]) {
  lanes even_a = g[0] + A2 * g[2], even_b = g[0] + B2 * g[2];
  out[0] = OVER_ZERO * g[0];
  out[1] = OVER_A * (even_a + A * g[1]);
  out[2] = OVER_A * (even_a - A * g[1]);
  out[3] = OVER_B * (even_b + B * g[1]);
  out[4] = OVER_B * (even_b - B * g[1]);
  out[5] = g[2];
}

// The adjoint of kernel_points.
INLINE void kernel_taps(const lanes m[6], lanes out[3]) {
  lanes even_a = OVER_A * (m[1] + m[2]), odd_a = OVER_A * (m[1] - m[2]);
  lanes even_b = OVER_B * (m[3] + m[4]), odd_b = OVER_B * (m[3] - m[4]);
  out[0] = OVER_ZERO * m[0] + even_a + even_b;
  out[1] = A * odd_a + B * odd_b;
  out[2] = A2 * even_a + (B2 * even_b + m[5]);
}

// The adjoint of output_pixels.
INLINE void gradient_points(const lanes y[4], lanes out[6]) {
  lanes even_a = y[0] + A2 * y[2], odd_a = A * (y[1] + A2 * y[3]);
  lanes even_b = y[0] + B2 * y[2], odd_b = B * (y[1] + B2 * y[3]);
  out[0] = y[0];
  out[1] = even_a + odd_a;
  out[2] = even_a - odd_a;
  out[3] = even_b + odd_b;
  out[4] = even_b - odd_b;
  out[5] = y[3];
}

#undef A
#undef B
