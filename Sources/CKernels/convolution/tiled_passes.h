// The forward pass of convolutions on tiles, and that to the data.
#pragma once
#include "product.h"
#include "tiled_kernels.h"

// Numbers that the blocks leave to be combined.
INLINE size_t tiled_sums(const tiled *w, int outs) {
  return tiled_blocks(w) * (size_t)w->g->groups * (size_t)outs * SUMS;
}

INLINE size_t input_pitch(int side, pi_pass pass, int ins) {
  return round_up((size_t)ins, PI_PANEL) * (size_t)(point_parts(side) * block_tiles(side, pass)) + PAD;
}
INLINE size_t output_pitch(int side) {
  return (size_t)(BLOCK_OUTS * block_tiles(side, pi_pass_forward) + PAD);
}

enum {
  MOST_ROWS = 2 * MOST_TILE,  // as many as Fourier's tiles have
  ROW = MOST_ROWS * GROUP,    // room of a row of sixteen output tiles
};

INLINE size_t tiled_scratch(int side, int ins) {
  return point_count(side) * (input_pitch(side, pi_pass_forward, ins) + output_pitch(side)) +
         lines_of(side);
}

enum { PLANES_BEFORE = 4 };  // how many planes earlier a tile is fetched

// v[point][plane][tile] of the groups of a block: of all planes, or of the phases of the rows of parity `turn`
// alone. Of those, pixels may stand for points, along the columns in the first phase.
INLINE void transform_block(const tiled *w, pi_pass pass, const plane_set *s, int turn, pixelwise pixels,
                            size_t block, int tile, int side, float *v, float *lines) {
  int is_whole = turn < 0, groups = block_groups(w, block);
  size_t pitch = input_pitch(side, pass, is_whole ? s->count : s->count / 2), line = line_of(side);
  for (int c = is_whole ? 0 : 2 * turn, together; c < s->count; c += is_whole ? together : 4) {
    together = planes_together(s, c);
    for (int nth = 0; nth < groups; nth++) {
      size_t group = group_of_block(w, block, nth);
      fetch_tiles(s, &w->grid, group, c + PLANES_BEFORE, w->in_y, w->in_x, tile, side);
      int step = stage_tiles(s, &w->grid, group, c, w->in_y, w->in_x, tile, side, lines);
      for (int n = 0; n < together; n++) {
        const float *its = lines + (size_t)(n * side) * line;
        int place = place_of(s, c + n) - (is_whole ? 0 : 2 * turn * s->phased);
        float *out = v + (place * point_parts(side) * most_groups(side, pass) + nth) * GROUP;
        pixelwise its_pixels = {pixels.rows, pixels.columns && n == 0};
        if (side != WINOGRAD_SIDE)
          fourier_input(its, line, step, out, pitch, (size_t)block_tiles(side, pass));
        else if (step == tile)
          FOR_PIXELWISE(its_pixels, transform_input(its, line, tile, PIXELS, out, pitch))
        else
          FOR_PIXELWISE(its_pixels, transform_input(its, line, slot_of(side), PIXELS, out, pitch))
      }
    }
  }
}

INLINE emitter emitter_of(const tiled *w, const pi_tensors *t, int plane) {
  return has_margins(w->margins) ? wide_emitter(w->g, w->margins, w->wide, plane)
                                 : make_emitter(w->g, w->pass, t, plane);
}

// Adds what lies outside the output to the positions inside that the border's rule reads there.
INLINE void fold_run(const tiled *w, int y, int x, int columns, float *rows, int from) {
  int reach = w->fold == pi_border_reflection ? 2 : 1, tile = w->grid.step, edges = w->mingles ? 1 : 2;
  for (int edge = 0; edge < edges; edge++) {
    int outside = edge ? w->out_height : -1, step = edge ? -reach : reach, i = outside - y;
    if (i < 0 || i >= tile || i + step < 0 || i + step >= tile) continue;
    for (int k = from; k < from + columns; k++) rows[(i + step) * ROW + k] += rows[i * ROW + k];
  }
  for (int edge = 0; edge < edges; edge++) {
    int outside = edge ? w->out_width : -1, step = edge ? -reach : reach, k = outside - x;
    if (k < 0 || k >= columns || k + step < 0 || k + step >= columns) continue;
    for (int i = 0; i < tile; i++) rows[i * ROW + from + k + step] += rows[i * ROW + from + k];
  }
}

// Writes the tiles of a group that lie in the output: rows[i ROW + step t + j] is pixel (i, j) of tile t.
INLINE void write_tiles(const tiled *w, size_t group, float *rows, emitter *e) {
  tile_run run = {0, 0, 0, 0};
  int step = w->grid.step;
  while (next_run(&w->grid, group, &run)) {
    int y = w->grid.origin_y + step * run.row, x = w->grid.origin_x + step * run.column;
    int columns = step * run.count, from = step * run.lane;
    if (w->fold != pi_border_zero) fold_run(w, y, x, columns, rows, from);
    int first = x < 0 ? -x : 0, end = w->out_width - x < columns ? w->out_width - x : columns;
    if (end <= first) continue;
    for (int i = 0; i < step; i++)
      if (y + i >= 0 && y + i < w->out_height)
        emit_pixels(e, y + i, x + first, end - first, rows + i * ROW + from + first);
  }
}

// Fetches where the tiles of a block will be written.
INLINE void fetch_output(const tiled *w, size_t block, const emitter *e) {
  int step = w->grid.step;
  for (int nth = 0; nth < block_groups(w, block); nth++) {
    tile_run run = {0, 0, 0, 0};
    while (next_run(&w->grid, group_of_block(w, block, nth), &run)) {
      int y = w->grid.origin_y + step * run.row, x = w->grid.origin_x + step * run.column;
      int first = x < 0 ? 0 : x, end = x + step * run.count;
      if (end > w->out_width) end = w->out_width;
      for (int i = y < 0 ? 0 : y; i < y + step && i < w->out_height; i++)
        if (end > first) fetch_pixels_of(e, i, first, end - first);
    }
  }
}

// The pixels of one output channel in the sixteen tiles of a group, its phases mingled. m are the points of
// its first plane; those of the others lie `apart` planes after.
INLINE void output_rows(const tiled *w, const float *m, int apart, int tile, int side, float *rows) {
  size_t pitch = output_pitch(side), room = (size_t)block_tiles(side, pi_pass_forward);
  if (side == FOURIER_SIDE) {
    fourier_output(m, pitch, room, rows, ROW);
    return;
  }
  if (!w->mingles) {
    transform_output(m, pitch, tile, rows, ROW);
    return;
  }
  // The first row and column of the tiles belong to this phase, the others follow in turn.
  int first = w->grid.origin_y & 1;
  float phases[2][MOST_TILE * GROUP * MOST_TILE] __attribute__((aligned(64)));
  for (int y = 0; y < 2; y++) {
    int phase_y = first ^ y;
    for (int x = 0; x < 2; x++)
      transform_output(m + (size_t)((2 * phase_y + (first ^ x)) * apart) * room, pitch, tile, phases[x],
                       (size_t)(GROUP * tile));
    for (int i = 0; i < tile; i++)
      for (int k = 0; k < tile; k++) {
        size_t at = (size_t)(i * tile + k) * GROUP;
        join_twos(load(phases[0] + at), load(phases[1] + at), rows + (2 * i + y) * ROW + 2 * GROUP * k);
      }
  }
}

// One block of tiles of one group of channels; u are the packed weights. Leaves sums by block and plane, or
// channel where phases are mingled.
INLINE void tiled_block(const tiled *w, const pi_tensors *t, int group, size_t block,
                        int tile, int side, const float *u, float *sums, float *scratch) {
  const plane_set *in = pass_input(w), *out = pass_output(w);
  size_t points = point_count(side), out_pitch = output_pitch(side);
  size_t pitch = input_pitch(side, pi_pass_forward, in->count);
  int parts = point_parts(side), room = block_tiles(side, pi_pass_forward), groups = block_groups(w, block);
  float *v = scratch, *m = v + points * pitch, *lines = m + points * out_pitch;
  // What is multiplied, and the numbers of a target.
  int ins = in->count * parts, outs = out->count * parts;
  int phases = w->mingles ? 4 : 1, planes = phases * parts, targets = out->count / phases;
  int count = in->by_phase ? in->phased : ins;  // multiplied at a time
  transform_block(w, pi_pass_forward, in, -1, (pixelwise){0, 0}, block, tile, side, v, lines);
  for (int first = 0; first < outs; first += BLOCK_OUTS) {
    int some = outs - first < BLOCK_OUTS ? outs - first : BLOCK_OUTS;
    for (size_t p = 0; p < points; p++) {
      for (int k = some * (int)p / (int)points; k < some * (int)(p + 1) / (int)points; k++)
        if (k % planes == 0) {
          emitter e = emitter_of(w, t, group * targets + (first + k) / planes);
          fetch_output(w, block, &e);
        }
      for (int k = 0; k < some; k += PI_PANEL) {
        float *target = m + p * out_pitch + k * room;
        int place = out->by_phase ? k / PI_PANEL * out->phased + first / planes : first + k, adds = 0;
        const float *its = u + packed_place(side, ins, place, p);
        for (int c = 0; c < ins; c += count) {
          if (vanishes(w, in->by_phase ? c : place, p)) continue;
          product_rows(PI_PANEL, its + c * PI_PANEL, 1, PI_PANEL, v + p * pitch + c * room, (size_t)room,
                       groups, (size_t)count, target, (size_t)room, adds);
          adds = 1;
        }
        if (!adds) memset(target, 0, (size_t)(PI_PANEL * room) * sizeof *target);
      }
    }
    for (int k = 0; k < some; k += planes) {
      int target = (first + k) / planes;
      const float *its = m + (out->by_phase ? k / planes : k) * room;
      emitter e = emitter_of(w, t, group * targets + target);
      for (int nth = 0; nth < groups; nth++) {
        float rows[MOST_ROWS * ROW + FOURIER_SIDE] __attribute__((aligned(64)));
        output_rows(w, its + nth * GROUP, out->by_phase ? PI_PANEL : 1, tile, side, rows);
        write_tiles(w, group_of_block(w, block, nth), rows, &e);
      }
      finish_emitter(&e, sums + (block * (size_t)(targets * w->g->groups) +
                                 (size_t)(group * targets + target)) * SUMS);
    }
  }
}
