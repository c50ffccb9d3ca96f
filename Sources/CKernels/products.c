#include "include/products.h"

#include <cblas.h>

void pi_product(size_t rows, size_t columns, size_t inner, float alpha, const float *a, const float *b,
                int is_transposed, float beta, float *c) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, is_transposed ? CblasTrans : CblasNoTrans, (int)rows, (int)columns,
              (int)inner, alpha, a, (int)inner, b, (int)(is_transposed ? inner : columns), beta, c, (int)columns);
}
