// The matrix products inside every convolution. Columns come in vectors of sixteen; rows in panels of eight,
// whose numbers lie together for each step of the sum. How many rows are summed at a time depends on the
// registers: PRODUCT_ROWS, with one vector, or up to three where there are eight rows. PRODUCT_STEPS are
// written out: where a step has few products, counting them takes as long.
#pragma once
#include "lanes.h"

enum { PI_PANEL = 8, MOST_VECTORS = 3 };

// Steps summed in registers at a time: rounding errors of a longer sum would grow with its length.
enum { LONGEST_SUM = 64 };

// rows x (16 vectors) numbers of out (+)= sum over n of a[i row_step + n step] * b[n b_step + j].
#define DEFINE_PRODUCT(name, rows, vectors)                                                         \
  INLINE void name(const float *restrict a, size_t row_step, size_t step, const float *restrict b, \
                   size_t b_step, size_t count, float *restrict out, size_t out_step, int adds) {  \
    size_t parts = (count + LONGEST_SUM - 1) / LONGEST_SUM, n = 0;                                 \
    /* What is added to may have left the near caches. */                                          \
    if (adds)                                                                                      \
      UNROLLED for (int i = 0; i < rows; i++)                                                      \
        UNROLLED for (int j = 0; j < vectors; j++)                                                 \
          __builtin_prefetch(out + (size_t)i * out_step + 16 * j, 1);                              \
    for (size_t part = 1; part <= parts; part++) {                                                 \
      lanes sum[rows][vectors];                                                                    \
      UNROLLED for (int i = 0; i < rows; i++)                                                      \
        UNROLLED for (int j = 0; j < vectors; j++) sum[i][j] = (lanes){0};                         \
      UNROLLED_BY(PRODUCT_STEPS) for (; n < count * part / parts; n++) {                           \
        lanes x[vectors];                                                                          \
        UNROLLED for (int j = 0; j < vectors; j++) x[j] = load(b + n * b_step + 16 * j);           \
        UNROLLED for (int i = 0; i < rows; i++) {                                                  \
          float factor = a[(size_t)i * row_step + n * step];                                       \
          UNROLLED for (int j = 0; j < vectors; j++) sum[i][j] += factor * x[j];                   \
        }                                                                                          \
      }                                                                                            \
      UNROLLED for (int i = 0; i < rows; i++)                                                      \
        UNROLLED for (int j = 0; j < vectors; j++) {                                               \
          float *target = out + (size_t)i * out_step + 16 * j;                                     \
          store(target, adds || part > 1 ? load(target) + sum[i][j] : sum[i][j]);                  \
        }                                                                                          \
    }                                                                                              \
  }

DEFINE_PRODUCT(product_8_3, 8, 3)
DEFINE_PRODUCT(product_8_2, 8, 2)
DEFINE_PRODUCT(product_8_1, 8, 1)
DEFINE_PRODUCT(product_4_3, 4, 3)
DEFINE_PRODUCT(product_4_2, 4, 2)
DEFINE_PRODUCT(product_4_1, 4, 1)
DEFINE_PRODUCT(product_2_1, 2, 1)

// How many vectors to multiply next where `left` remain: three, which load least for each product, but not so
// that a single one is left over.
INLINE int next_vectors(size_t left) {
  return left == MOST_VECTORS + 1 ? 2 : left < MOST_VECTORS ? (int)left : MOST_VECTORS;
}

// So many rows, eight or four, and up to MOST_VECTORS vectors, by what the registers hold.
INLINE void product_rows(int rows, const float *a, size_t row_step, size_t step, const float *b,
                         size_t b_step, int vectors, size_t count, float *out, size_t out_step,
                         int adds) {
#if PRODUCT_ROWS == 8
  if (rows == 8 && vectors == 3)
    product_8_3(a, row_step, step, b, b_step, count, out, out_step, adds);
  else if (rows == 8 && vectors == 2)
    product_8_2(a, row_step, step, b, b_step, count, out, out_step, adds);
  else if (rows == 8)
    product_8_1(a, row_step, step, b, b_step, count, out, out_step, adds);
  else if (vectors == 3)
    product_4_3(a, row_step, step, b, b_step, count, out, out_step, adds);
  else if (vectors == 2)
    product_4_2(a, row_step, step, b, b_step, count, out, out_step, adds);
  else
    product_4_1(a, row_step, step, b, b_step, count, out, out_step, adds);
#else
  for (int i = 0; i < rows; i += PRODUCT_ROWS)
    for (int j = 0; j < vectors; j++) {
      const float *its = a + (size_t)i * row_step;
      float *target = out + (size_t)i * out_step + 16 * j;
#if PRODUCT_ROWS == 4
      product_4_1(its, row_step, step, b + 16 * j, b_step, count, target, out_step, adds);
#else
      product_2_1(its, row_step, step, b + 16 * j, b_step, count, target, out_step, adds);
#endif
    }
#endif
}
