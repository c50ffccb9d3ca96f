#pragma once

// Pooling of one plane [height, width] to [out_height, out_width] by windows of
// kernel_height x kernel_width whose corner is at (y stride - padding, x stride - padding); windows are clipped to the plane.
typedef struct {
  int height, width, out_height, out_width, kernel_height, kernel_width, stride, padding;
  // Averages divide by the window's size clipped to the padded plane (Caffe's and PyTorch's rule)
  // where not 0, else by the number of pixels inside.
  int counts_padding;
} pi_pooling;

// Writes the greatest number of each window and, as bits of an int32_t in winners, where it lies in
// the plane; the first of equals wins.
void pi_max_pool(const pi_pooling *g, const float *x, float *y, float *winners);
// dx (=), from the winners of the forward pass.
void pi_max_pool_pullback(const pi_pooling *g, const float *winners, const float *dy, float *dx);

void pi_average_pool(const pi_pooling *g, const float *x, float *y);
void pi_average_pool_pullback(const pi_pooling *g, const float *dy, float *dx);
