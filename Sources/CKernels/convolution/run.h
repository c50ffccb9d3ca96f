// All algorithms in one instruction set. The file that includes this names RUN, and PRODUCT_ROWS and
// PRODUCT_STEPS for its registers.
#pragma once
#include "algorithm.h"
#include "col2im.h"
#include "direct.h"
#include "tiled_weights.h"

// MARK: Tiles

static void run_tiled(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t,
                      float *shared, float *scratch) {
  const pi_convolution *g = &plan->geometry;
  tiled w = make_tiled(g, plan->pass, t, 0);
  int ins = pass_input(&w)->count, outs = pass_output(&w)->count;
  size_t panels = tiled_panels(&w, outs), blocks = tiled_blocks(&w);
  size_t packed = packed_weights(w.side, ins, outs);
  size_t kernels = (size_t)(g->channels / g->groups * (g->out_channels / g->groups) *
                            g->kernel_height * g->kernel_width);
  float *sums = shared + (size_t)g->groups * packed;
  float *wide = sums + tiled_sums(&w, outs);
  if (stage == 0) {
    size_t group = piece / panels;
    FOR_TILE(&w, pack_kernels(&w, t->w + group * kernels, piece % panels, TAPS, SIDE,
                              shared + group * packed));
  } else if (stage == 1) {
    size_t group = piece / blocks;
    w = make_tiled(g, plan->pass, t, (int)group);
    w.wide = wide;
    FOR_TILE(&w, tiled_block(&w, t, (int)group, piece % blocks, TILE, SIDE,
                             shared + group * packed, sums, scratch));
  } else {
    if (has_margins(w.margins))
      fold_margins(g, t, w.margins, wide, (int)piece, sums);
    else
      combine_sums(plan, piece, blocks, sums, t);
  }
}

static void run_tiled_weights(const pi_convolution_plan *plan, int stage, size_t piece,
                              const pi_tensors *t, float *shared, float *scratch) {
  const pi_convolution *g = &plan->geometry;
  tiled w = make_tiled(g, plan->pass, t, 0);
  size_t parts = weight_parts(&w), size = weight_sums(&w), outs = lanes_of(w.dy.count);
  int ins = g->channels / g->groups;
  size_t kernels = (size_t)(ins * (g->out_channels / g->groups) * g->kernel_height * g->kernel_width);
  float *db = shared + (size_t)g->groups * parts * size;
  if (stage == 0) {
    w = make_tiled(g, plan->pass, t, (int)(piece / parts));
    FOR_TILE(&w, tiled_weights_part(&w, piece % parts, TILE, SIDE, shared + piece * size,
                                    db + piece * outs, scratch));
  } else if (stage == 1) {
    size_t chunks = divide_up((size_t)ins, FINISHED_CHANNELS), group = piece / chunks;
    int first = (int)(piece % chunks) * FINISHED_CHANNELS;
    int some = ins - first < FINISHED_CHANNELS ? ins - first : FINISHED_CHANNELS;
    FOR_TILE(&w, tiled_weights_finish(&w, shared + group * parts * size, first, some, TAPS, SIDE,
                                      t->dw + group * kernels, t->adds));
  } else {
    combine_bias(g, parts, g->enlarges ? 4 : 1, db, t);
  }
}

// MARK: Panels

static void run_panels(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t,
                       float *shared, float *scratch) {
  const pi_convolution *g = &plan->geometry;
  size_t ins = (size_t)(g->channels / g->groups), outs = (size_t)(g->out_channels / g->groups);
  size_t taps = (size_t)(g->kernel_height * g->kernel_width);
  if (plan->pass == pi_pass_forward) {
    panel_pass p = panel_forward(g, t);
    size_t panels = divide_up(outs, PI_PANEL), blocks = grid_blocks(p.rows, p.columns);
    size_t packed = panels * packed_panel(&p);
    float *sums = shared + (size_t)g->groups * packed;
    if (stage == 0)
      pack_rows(&p, t->w + piece / panels * outs * ins * taps, ins * taps, taps, g->kernel_width,
                piece % panels, shared + piece / panels * packed);
    else if (stage == 1)
      panel_forward_block(&p, g, t, (int)(piece / blocks), piece % blocks,
                          shared + piece / blocks * packed, sums, scratch);
    else
      combine_sums(plan, piece, blocks, sums, t);
    return;
  }
  size_t panels = divide_up(ins, PI_PANEL), blocks = data_blocks(g), packed = packed_data(g);
  float *sums = shared + (size_t)g->groups * packed;
  if (stage == 0) {
    size_t group = piece / panels;
    for (int y = 0; y < g->stride; y++)
      for (int x = 0; x < g->stride; x++) {
        panel_pass p = panel_data(g, t, y, x);
        pack_rows(&p, t->w + group * outs * ins * taps, taps, ins * taps, g->kernel_width,
                  piece % panels, shared + group * packed + packed_phase(g, y, x));
      }
  } else if (stage == 1) {
    size_t group = piece / blocks;
    panel_data_block(g, t, (int)group, piece % blocks, shared + group * packed, sums, scratch);
  } else {
    combine_sums(plan, piece, blocks, sums, t);
  }
}

static void run_col2im(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t,
                       float *shared, float *scratch) {
  const pi_convolution *g = &plan->geometry;
  panel_pass p = col2im_products(g, t);
  size_t panels = divide_up((size_t)p.outs, PI_PANEL), bands = bands_of(g);
  size_t packed = panels * packed_panel(&p);
  float *sums = shared + (size_t)g->groups * packed;
  if (stage == 0)
    pack_rows(&p, t->w + piece / panels * (size_t)(p.ins * p.outs), 1, (size_t)p.outs, 1, piece % panels,
              shared + piece / panels * packed);
  else if (stage == 1)
    col2im_band(&p, g, t, (int)(piece / bands), piece % bands, shared + piece / bands * packed, sums,
                scratch);
  else
    combine_sums(plan, piece, bands, sums, t);
}

static void run_panel_weights(const pi_convolution_plan *plan, int stage, size_t piece,
                              const pi_tensors *t, float *shared, float *scratch) {
  const pi_convolution *g = &plan->geometry;
  panel_pass p = panel_forward(g, t);
  size_t parts = parts_of(grid_blocks(p.rows, p.columns)), size = panel_weight_sums(&p);
  size_t outs = lanes_of(p.outs);
  float *db = shared + (size_t)g->groups * parts * size;
  if (stage == 0) {
    reader dy = {t->dy, g->out_channels, g->out_height, g->out_width, pi_border_zero, 0};
    panel_weights_part(&p, &dy, (int)(piece / parts), piece % parts, shared + piece * size,
                       db + piece * outs, scratch);
  } else if (stage == 1) {
    size_t rows = panel_rows(&p), chunks = divide_up(rows, FINISHED_ROWS), group = piece / chunks;
    size_t first = piece % chunks * FINISHED_ROWS;
    panel_weights_finish(&p, shared + group * parts * size, size, parts, first,
                         at_most(FINISHED_ROWS, rows - first), t->dw + group * (size_t)p.outs * rows,
                         t->adds);
  } else {
    combine_bias(g, parts, 1, db, t);
  }
}

void RUN(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t, float *shared,
         float *scratch);

void RUN(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t, float *shared,
         float *scratch) {
  int is_weights = plan->pass == pi_pass_weights;
  switch ((algorithm)plan->algorithm) {
    case algorithm_phases:
    case algorithm_tiles:
      (is_weights ? run_tiled_weights : run_tiled)(plan, stage, piece, t, shared, scratch);
      return;
    case algorithm_panels:
      (is_weights ? run_panel_weights : run_panels)(plan, stage, piece, t, shared, scratch);
      return;
    case algorithm_col2im: run_col2im(plan, stage, piece, t, shared, scratch); return;
    case algorithm_direct: run_direct(plan, stage, piece, t, shared); return;
  }
}
