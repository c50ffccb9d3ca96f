// The tiles of a convolution: where they lie, and the rows of sixteen of them in scratch memory.
#pragma once
#include "fourier.h"
#include "rows.h"
#include "winograd.h"

enum {
  GROUP = 16,  // tiles in the lanes of a vector
  LONGEST_ROW = (GROUP - 1) * FOURIER_TILE + FOURIER_SIDE,
};

// Room of a row of a tile that has no neighbour, of a staged row, and of all that are staged.
INLINE int slot_of(int side) { return side == WINOGRAD_SIDE ? 8 : FOURIER_SIDE; }
INLINE size_t line_of(int side) { return (size_t)(GROUP * slot_of(side) + 16); }
INLINE size_t lines_of(int side) { return 2 * (size_t)side * line_of(side); }

// The tiles that cover an output, row by row; tile (0, 0) begins at (origin_y, origin_x) and the next ones
// `step` further.
typedef struct {
  int origin_y, origin_x, rows, columns, step;
} tile_grid;

static inline tile_grid make_grid(int origin_y, int origin_x, int end_y, int end_x, int step) {
  return (tile_grid){origin_y, origin_x, (end_y - origin_y + step - 1) / step,
                     (end_x - origin_x + step - 1) / step, step};
}

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

// Planes at the tiles' resolution: the phases of larger planes first, four each, then planes as they are.
// Plane (y, x) of phase f is read from (y + shift[f / 2], x + shift[f % 2]) on.
typedef struct {
  reader larger, own;
  int phased;        // larger planes
  int first;         // the first of `own` (of a group)
  int count;         // planes in all
  int by_phase;      // all are phased, and those of a phase are multiplied together
  int shift[2];
} plane_set;

INLINE int plane_phases(const plane_set *s) { return 4 * s->phased; }

// Where a plane is multiplied, and the plane that is multiplied at a place.
INLINE int place_of(const plane_set *s, int plane) {
  return s->by_phase ? (plane & 3) * s->phased + plane / 4 : plane;
}
INLINE int plane_at(const plane_set *s, int place) {
  return s->by_phase ? place % s->phased * 4 + place / s->phased : place;
}

// How many planes are read together from one on: both phases of the columns, or one plane.
INLINE int planes_together(const plane_set *s, int plane) { return plane < plane_phases(s) ? 2 : 1; }

// `count` numbers of row y from column x on, of a plane and those that are read together with it, each `apart`
// from the one before.
INLINE void read_planes(const plane_set *s, int plane, int y, int x, int count, float *out, size_t apart) {
  if (plane < plane_phases(s)) {
    int phase = plane >> 1 & 1;
    read_phases(&s->larger, plane / 4, 2 * (y + s->shift[phase]) + phase, x + s->shift[0], x + s->shift[1],
                count, out, out + apart);
  } else {
    read_row(&s->own, s->first + plane - plane_phases(s), y, x, count, out);
  }
}

INLINE void fetch_plane(const plane_set *s, int plane, int y, int x, int count) {
  if (plane >= s->count) return;
  if (plane < plane_phases(s)) {
    int phase_y = plane >> 1 & 1, phase_x = plane & 1;
    // The other phase of the columns lies in the same cache lines.
    if (phase_x == 0)
      fetch_row(&s->larger, plane / 4, 2 * (y + s->shift[phase_y]) + phase_y, 2 * (x + s->shift[0]),
                2 * count);
  } else {
    fetch_row(&s->own, s->first + plane - plane_phases(s), y, x, count);
  }
}

// lines[(n side + i) line_of(side) + k t + j] = pixel (i, j) of tile t of plane + n, of those that are read
// together; tiles begin at (y, x) + tile (row, column), and k, the result, is `tile` where the sixteen are
// neighbours and slot_of(side) elsewhere.
INLINE int stage_tiles(const plane_set *s, const tile_grid *g, size_t group, int plane, int y, int x,
                       int tile, int side, float *lines) {
  tile_run run = {0, 0, 0, 0};
  int lane = 0, slot = slot_of(side), together = planes_together(s, plane);
  size_t length = line_of(side), apart = (size_t)side * length;
  while (next_run(g, group, &run)) {
    int top = y + tile * run.row, left = x + tile * run.column;
    for (int i = 0; i < side; i++) {
      float *line = lines + (size_t)i * length;
      if (run.count == GROUP) {
        read_planes(s, plane, top + i, left, tile * (GROUP - 1) + side, line, apart);
      } else {
        float rows[2 * LONGEST_ROW];
        read_planes(s, plane, top + i, left, tile * (run.count - 1) + side, rows, LONGEST_ROW);
        for (int n = 0; n < together; n++)
          for (int t = 0; t < run.count; t++)
            memcpy(line + (size_t)n * apart + slot * (run.lane + t), rows + n * LONGEST_ROW + tile * t,
                   (size_t)side * sizeof *rows);
      }
    }
    if (run.count == GROUP) return tile;
    lane = run.lane + run.count;
  }
  // Lanes without a tile.
  for (int i = 0; i < together * side; i++)
    memset(lines + (size_t)i * length + slot * lane, 0, (size_t)(slot * (GROUP - lane)) * sizeof *lines);
  return slot;
}

// Fetches what the tiles of a group will read of a plane in `height` rows.
INLINE void fetch_tiles(const plane_set *s, const tile_grid *g, size_t group, int plane, int y, int x,
                        int side, int height) {
  tile_run run = {0, 0, 0, 0};
  while (next_run(g, group, &run))
    for (int i = 0; i < height; i++)
      fetch_plane(s, plane, y + side * run.row + i, x + side * run.column,
                  side * (run.count - 1) + height);
}
