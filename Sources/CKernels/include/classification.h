#pragma once
#include <stddef.h>

// y = w x + bias for one vector x [in], weights [out, in], for the outputs first ..< first + count.
void pi_dense(const float *w, const float *x, const float *bias, size_t in, size_t first,
              size_t count, float *y);
// dx (=): w^T dy for the inputs first ..< first + count; w is [out, in].
void pi_dense_data(const float *w, const float *dy, size_t in, size_t out, size_t first,
                   size_t count, float *dx);

// Softmax over channels at the positions 0 ..< count of planes [channels, plane], or its logarithm.
void pi_softmax(const float *x, size_t plane, int channels, size_t count, int logarithm, float *y);
void pi_softmax_pullback(const float *y, const float *dy, size_t plane, int channels, size_t count,
                         int logarithm, float *dx);

// Local response normalisation over the n channels about each, at positions 0 ..< count:
// y = x / (k + a sum x^2)^b; saved receives k + a sum x^2.
typedef struct {
  int channels, window;
  float a, b, k;
} pi_response;
void pi_response_normalize(const pi_response *g, const float *x, size_t plane, size_t count,
                           float *y, float *saved);
void pi_response_normalize_pullback(const pi_response *g, const float *x, const float *saved,
                                    const float *dy, size_t plane, size_t count, float *dx);

// g [c, c] = factor f f^T for f [c, plane]; and df (=) = factor (dg + dg^T) f.
void pi_gram(const float *f, size_t c, size_t plane, float factor, float *g);
void pi_gram_pullback(const float *f, const float *dg, size_t c, size_t plane, float factor,
                      float *df);

// Makes each matrix product of OpenBLAS run on the thread that calls it. To be called once.
void pi_blas_prepare(void);
