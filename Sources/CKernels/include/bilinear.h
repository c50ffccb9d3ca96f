#pragma once
#include "convolution.h"
#include "normalization.h"

// A 3x3 convolution of channels that are enlarged by two, bilinearly (half-pixel centres, clamped edges).
// Enlarging is putting zeros between the pixels and then the filter [1 3 3 1] / 4 both ways, and a filter
// commutes with the convolution. So the small plane is extended by one pixel that repeats its edges; a
// convolution of that with the zeros between, which is the adjoint of one with a stride of 2, makes the
// spread plane [height + 4, width + 4], from two rows and columns outside on; and what is here filters it.

// out = x as it is read, not rectified, [height + 2, width + 2].
void pi_extend(const float *x, int height, int width, pi_reading how, float *out);
// Its adjoint: d, the gradient of out, is changed; dx (may be NULL) = or, with adds, +=; sums = the gradients of
// offset and factor.
void pi_extend_pullback(float *d, const float *x, int height, int width, pi_reading how, int adds, float *dx,
                        double sums[2]);

// What is done at full size: the spread planes are filtered, and what the plain channels and the rims add is
// added.
typedef struct {
  int outs, height, width;
  const float *spread;     // [outs, height + 4, width + 4]
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

// The adjoint of the filter: spread = [height + 4, width + 4] from dy. Returns the sum of dy. scratch holds
// 3 width + 12 numbers; `count` are those of the whole tensor that planes are written to.
double pi_bilinear_spread(const float *dy, int height, int width, size_t count, float *spread, float *scratch);
