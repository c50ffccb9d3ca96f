#pragma once
#include <stddef.h>

// Writes numbers that lie side by side one below the other: target[row * stride + column] =
// source[lines[column] + row], for count columns and rows.
//
// A band of few columns is read in the order in which it lies, and of the lines of the cache that are
// written the whole where the band is one of them.
void pi_transpose_band(
    const float *source, const ptrdiff_t *lines, size_t count, size_t rows, float *target,
    size_t stride);
