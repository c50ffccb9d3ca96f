#pragma once

// Kernels over one plane [height, width]; the large plane is [factor height, factor width].

// large = small, each pixel repeated factor times both ways; and the adjoint (=).
void pi_upsample_nearest(const float *small, int height, int width, int factor, float *large);
void pi_upsample_nearest_adjoint(const float *large, int height, int width, int factor,
                                 float *small);

// Bilinear with half-pixel centres and clamped edges; and the adjoint (=).
// scratch holds 2 * factor * width numbers.
void pi_upsample_bilinear(const float *small, int height, int width, int factor, float *large,
                          float *scratch);
void pi_upsample_bilinear_adjoint(const float *large, int height, int width, int factor,
                                  float *small, float *scratch);

// One axis of a separable linear map: target i is the sum of weights[i taps + t] times the source
// positions[i taps + t], for t in 0 ..< taps.
typedef struct {
  int sources, targets, taps;
  const int *positions;
  const float *weights;
} pi_axis;

// y [rows.targets, columns.targets] of x [rows.sources, columns.sources].
// scratch holds rows.sources * columns.targets numbers.
void pi_resample(const pi_axis *rows, const pi_axis *columns, const float *x, float *y,
                 float *scratch);
// dx (=).
void pi_resample_adjoint(const pi_axis *rows, const pi_axis *columns, const float *dy, float *dx,
                         float *scratch);
