// The gradient to the data tap by tap, for the borders and strides that no faster algorithm takes: a
// folded position need not have the remainder by the stride of the one it folds to.
#pragma once
#include "sums.h"

// One channel of the gradient, whole: sums are those of one block.
static void run_direct(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t,
                       float *shared) {
  const pi_convolution *g = &plan->geometry;
  size_t plane = (size_t)g->height * (size_t)g->width;
  float *sums = shared + (size_t)g->channels * plane;
  if (stage == 2) combine_sums(plan, piece, 1, sums, t);
  if (stage != 1) return;
  int ins = g->channels / g->groups, outs = g->out_channels / g->groups;
  int channel = (int)piece, group = channel / ins;
  reader dy = {t->dy, g->out_channels, g->out_height, g->out_width, pi_border_zero, 0};
  float *dx = shared + piece * plane;
  memset(dx, 0, plane * sizeof *dx);
  for (int k = group * outs; k < (group + 1) * outs; k++) {
    const float *w = t->w + (size_t)(k * ins + channel % ins) * (size_t)(g->kernel_height * g->kernel_width);
    for (int y = 0; y < g->out_height; y++)
      for (int x = 0; x < g->out_width; x++) {
        float gradient;
        read_row(&dy, k, y, x, 1, &gradient);
        for (int r = 0; r < g->kernel_height; r++)
          for (int s = 0; s < g->kernel_width; s++) {
            int row = inside(y * g->stride + r - g->padding_height, g->height, g->border);
            int column = inside(x * g->stride + s - g->padding_width, g->width, g->border);
            if (row >= 0 && column >= 0)
              dx[(size_t)row * (size_t)g->width + (size_t)column] +=
                  gradient * w[r * g->kernel_width + s];
          }
      }
  }
  emitter e = make_emitter(g, pi_pass_data, t, channel);
  emit_row(&e, 0, plane, dx);
  finish_emitter(&e, sums + piece * SUMS);
}
