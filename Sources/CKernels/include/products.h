#pragma once
#include <stddef.h>

// c [rows, columns] = beta c + alpha a [rows, inner] b [inner, columns], or with bᵀ where b is given as
// [columns, inner]; all dense, row by row.
void pi_product(size_t rows, size_t columns, size_t inner, float alpha, const float *a, const float *b,
                int is_transposed, float beta, float *c);
