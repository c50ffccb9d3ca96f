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

// Shrinking of one plane [height, width] to [out_height, out_width] by a separable filter: pixel
// (y, x) takes the taps from (y factor - padding, x factor - padding) on, clamped at the edges.
typedef struct {
  int height, width, out_height, out_width, factor, padding, taps;
} pi_shrinking;

// scratch holds height * out_width numbers.
void pi_shrink(const pi_shrinking *g, const float *filter, const float *x, float *y,
               float *scratch);
// dx (=).
void pi_shrink_adjoint(const pi_shrinking *g, const float *filter, const float *dy, float *dx,
                       float *scratch);
