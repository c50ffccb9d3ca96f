#include "include/classification.h"

#include <cblas.h>
#include <math.h>

#include "wide.h"

void pi_blas_prepare(void) { openblas_set_num_threads(1); }

void pi_dense(const float *w, const float *x, const float *bias, size_t in, size_t first,
              size_t count, float *y) {
  cblas_sgemv(CblasRowMajor, CblasNoTrans, (int)count, (int)in, 1, w + first * in, (int)in, x, 1, 0,
              y + first, 1);
  if (bias)
    for (size_t i = first; i < first + count; i++) y[i] += bias[i];
}

void pi_dense_data(const float *w, const float *dy, size_t in, size_t out, size_t first,
                   size_t count, float *dx) {
  cblas_sgemv(CblasRowMajor, CblasTrans, (int)out, (int)count, 1, w + first, (int)in, dy, 1, 0,
              dx + first, 1);
}

void pi_softmax(const float *x, size_t plane, int channels, size_t count, int logarithm,
                float *y) {
  for (size_t i = 0; i < count; i++) {
    float most = x[i];
    for (int c = 1; c < channels; c++) most = fmaxf(most, x[(size_t)c * plane + i]);
    double sum = 0;
    for (int c = 0; c < channels; c++) sum += exp((double)(x[(size_t)c * plane + i] - most));
    float shift = (float)log(sum);
    for (int c = 0; c < channels; c++) {
      float value = x[(size_t)c * plane + i] - most - shift;
      y[(size_t)c * plane + i] = logarithm ? value : expf(value);
    }
  }
}

void pi_softmax_pullback(const float *y, const float *dy, size_t plane, int channels, size_t count,
                         int logarithm, float *dx) {
  for (size_t i = 0; i < count; i++) {
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      size_t at = (size_t)c * plane + i;
      sum += (double)(logarithm ? dy[at] : dy[at] * y[at]);
    }
    for (int c = 0; c < channels; c++) {
      size_t at = (size_t)c * plane + i;
      dx[at] = logarithm ? dy[at] - expf(y[at]) * (float)sum : y[at] * (dy[at] - (float)sum);
    }
  }
}

void pi_response_normalize(const pi_response *g, const float *x, size_t plane, size_t count,
                           float *y, float *saved) {
  int reach = g->window / 2;
  for (int c = 0; c < g->channels; c++) {
    int first = c - reach < 0 ? 0 : c - reach;
    int end = c + reach + 1 > g->channels ? g->channels : c + reach + 1;
    for (size_t i = 0; i < count; i++) {
      float sum = 0;
      for (int d = first; d < end; d++) {
        float value = x[(size_t)d * plane + i];
        sum += value * value;
      }
      size_t at = (size_t)c * plane + i;
      saved[at] = g->k + g->a * sum;
      y[at] = x[at] * powf(saved[at], -g->b);
    }
  }
}

void pi_response_normalize_pullback(const pi_response *g, const float *x, const float *saved,
                                    const float *dy, size_t plane, size_t count, float *dx) {
  int reach = g->window / 2;
  for (int c = 0; c < g->channels; c++) {
    int first = c - reach < 0 ? 0 : c - reach;
    int end = c + reach + 1 > g->channels ? g->channels : c + reach + 1;
    for (size_t i = 0; i < count; i++) {
      // x[c] counts in its own output and in the scale of every channel whose window holds it.
      float sum = 0;
      for (int d = first; d < end; d++) {
        size_t at = (size_t)d * plane + i;
        sum += dy[at] * x[at] * powf(saved[at], -g->b - 1);
      }
      size_t at = (size_t)c * plane + i;
      dx[at] = dy[at] * powf(saved[at], -g->b) - 2 * g->a * g->b * x[at] * sum;
    }
  }
}

void pi_gram(const float *f, size_t c, size_t plane, float factor, float *g) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)c, (int)c, (int)plane, factor, f,
              (int)plane, f, (int)plane, 0, g, (int)c);
}

void pi_gram_pullback(const float *f, const float *dg, size_t c, size_t plane, float factor,
                      float *df) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)c, (int)plane, (int)c, factor, dg,
              (int)c, f, (int)plane, 0, df, (int)plane);
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)c, (int)plane, (int)c, factor, dg,
              (int)c, f, (int)plane, 1, df, (int)plane);
}
