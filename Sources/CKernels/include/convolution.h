#pragma once
#include <stddef.h>

// How positions outside the picture are read.
typedef enum { pi_border_zero, pi_border_reflection, pi_border_replication } pi_border;

// The geometry of a convolution of one picture [C, H, W] with weights [K, C / groups, R, S] to
// [K, outH, outW]; every number is positive except the padding, which may be 0. Reflection needs
// padding below the extent.
typedef struct {
  int channels, height, width;
  int out_channels, out_height, out_width;
  int kernel_height, kernel_width;
  int stride, padding_height, padding_width;
  int groups;
  pi_border border;
  // Where 1, the channels from `plain` on are given at half the size and read as if each pixel were
  // repeated both ways; height and width are those after it.
  int enlarges, plain;
} pi_convolution;

// Planes [channels, height, width] as a convolution reads them.
typedef struct {
  const float *values;
  // [3, channels], centre, factor and offset; where not NULL, x is read as
  // rectified((x - centre) factor + offset) with the slope in 0 ... 1 (1: not rectified).
  const float *terms;
  // Where not NULL, x is read as x times the slope where the number of this tensor is not positive:
  // the gradient through a rectifier whose output this is.
  const float *rectified;
  float slope;
} pi_planes;

// The tensors of all passes; a pass reads and writes those that it names.
typedef struct {
  pi_planes x;            // the input; where it is enlarged, the channels from `plain` on
  const float *plain;     // where it is enlarged: the channels before
  const float *w, *bias;  // bias may be NULL
  float *y;               // forward: the output, rectified with out_slope (1: not)
  float out_slope;
  float *moments;         // forward, may be NULL: [2, K], mean and variance of each channel of y
  pi_planes dy;           // data and weights: the gradient of the output
  float *dx;              // data: = or, with adds, += the gradient of x.values
  float *dplain;          // data: the same of plain, with adds_plain
  float *dterms;          // data, where x has terms: = the gradient of the terms
  float *dw, *db;         // weights: = or, with adds, +=; db may be NULL
  int adds, adds_plain;
} pi_tensors;

typedef enum { pi_pass_forward, pi_pass_data, pi_pass_weights } pi_pass;

// How a pass is computed: in three stages of independent pieces, each stage after the one before.
// `shared` numbers of memory are common to all pieces, `scratch` are needed by each thread.
typedef struct {
  pi_convolution geometry;
  pi_pass pass;
  int algorithm;
  int instruction_set;
  size_t pieces[3];
  size_t shared, scratch;
} pi_convolution_plan;

// Whether a convolution with `enlarges` set can be planned: 0 it can not, 1 it can, 2 it is faster than one
// of the enlarged tensor.
int pi_convolution_enlarges(const pi_convolution *g);

// The best that the processor has: 0 portable, 1 AVX2 with FMA, 2 AVX-512. A plan has this one, and may be
// given a lesser one.
int pi_best_instruction_set(void);
pi_convolution_plan pi_plan_convolution(const pi_convolution *g, pi_pass pass);
// "Winograd F(4x4, 3x3)" and the like.
const char *pi_convolution_algorithm(const pi_convolution_plan *plan);
void pi_run_convolution(const pi_convolution_plan *plan, int stage, size_t piece,
                        const pi_tensors *t, float *shared, float *scratch);
