#pragma once
#include "convolution.h"

// What is done at full size in a 3x3 convolution of channels that are enlarged bilinearly: the output for
// repeated pixels is smoothed, and what the plain channels and the rims add is added.
typedef struct {
  int outs, height, width;
  const float *repeated;   // [outs, height, width]
  const float *rims[4];    // top, bottom, left and right: [outs, width] or [outs, height]; or NULL
  int plain_channels;
  pi_border border;        // how the plain channels are read outside
  const float *plain;      // [plain_channels, height, width], read through
  const float *terms;      // [3, plain_channels]: centre, factor and offset
  const float *weights;    // [outs, plain_channels, 3, 3]
  const float *bias;       // [outs] or NULL
  float *y;                // = [outs, height, width]
  float *moments;          // = [2, outs]: mean and variance of each channel
} pi_bilinear;

enum { PI_BILINEAR_OUTS = 8 };  // outputs of a piece

size_t pi_bilinear_scratch(const pi_bilinear *b);
void pi_bilinear_piece(const pi_bilinear *b, int piece, float *scratch);
