#pragma once
#include <stddef.h>

// sum over a plane [height, width] of (dx^2 + dy^2)^(beta / 2), forward differences, those of the
// last row and column zero.
double pi_total_variation(const float *x, int height, int width, float beta);
// gradient = factor times its gradient; where beta < 2, dx^2 + dy^2 counts as at least floor.
void pi_total_variation_gradient(const float *x, int height, int width, float beta, float floor,
                                 float factor, float *gradient);

// sum over 0 ..< count of (sum over c of x[c plane + i]^2)^(alpha / 2).
double pi_alpha_norm(const float *x, size_t plane, int channels, size_t count, float alpha);
// gradient = factor times its gradient, for alpha >= 2.
void pi_alpha_norm_gradient(const float *x, size_t plane, int channels, size_t count, float alpha,
                            float factor, float *gradient);
