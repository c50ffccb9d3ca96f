#pragma once
#include <stddef.h>

// Smooth activations over count numbers; each pullback (=) takes what its formula needs: the output
// y, or for swish the input x. Outputs may be their inputs.
void pi_sigmoid(const float *x, float *y, size_t count);
void pi_sigmoid_pullback(const float *y, const float *dy, float *dx, size_t count);
void pi_tanh(const float *x, float *y, size_t count);
void pi_tanh_pullback(const float *y, const float *dy, float *dx, size_t count);
// x > 0 ? x : exp(x) - 1.
void pi_elu(const float *x, float *y, size_t count);
void pi_elu_pullback(const float *y, const float *dy, float *dx, size_t count);
// x * sigmoid(x).
void pi_swish(const float *x, float *y, size_t count);
void pi_swish_pullback(const float *x, const float *dy, float *dx, size_t count);
