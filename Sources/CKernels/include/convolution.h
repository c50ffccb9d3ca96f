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
} pi_convolution;

// A convolution is computed in independent pieces, to be spread over threads: piece i of
// pi_convolution_*_pieces. Each piece needs pi_convolution_scratch numbers of scratch memory.
size_t pi_convolution_scratch(const pi_convolution *g);

// y = w * x + bias (bias NULL: none), by panels of output pixels.
size_t pi_convolution_forward_pieces(const pi_convolution *g);
void pi_convolution_forward(const pi_convolution *g, size_t piece, const float *x, const float *w,
                            const float *bias, float *y, float *scratch);

// dx = the gradient to x, by chunks of input channels (1x1: panels of pixels).
size_t pi_convolution_data_pieces(const pi_convolution *g);
void pi_convolution_data(const pi_convolution *g, size_t piece, const float *dy, const float *w,
                         float *dx, float *scratch);

// dw = the gradient to w (dw += it where accumulates is not 0), by chunks of input channels and of
// output channels.
size_t pi_convolution_weights_pieces(const pi_convolution *g);
void pi_convolution_weights(const pi_convolution *g, size_t piece, const float *x, const float *dy,
                            float *dw, int accumulates, float *scratch);

// Makes each sgemm run on the thread that calls it. To be called once, before any convolution.
void pi_blas_prepare(void);
