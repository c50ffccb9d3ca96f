// Writing rows of planes: past the caches where none of them would keep the tensor.
#pragma once
#include <stdint.h>

#include "convolution/lanes.h"

// Numbers of a tensor that no cache keeps until it is read: it is written past the caches, which saves
// reading what is overwritten.
enum { FEWEST_STREAMED = 2 << 20 };

typedef float streamed __attribute__((vector_size(64), may_alias));

// target = row.
INLINE void put_row(float *restrict target, const float *restrict row, size_t count, int streams) {
  if (!streams) {
    memcpy(target, row, count * sizeof *row);
    return;
  }
  size_t i = (64 - (size_t)((uintptr_t)target & 63)) / sizeof *row & 15;
  if (i > count) i = count;
  memcpy(target, row, i * sizeof *row);
  for (; i + 16 <= count; i += 16)
    __builtin_nontemporal_store(*(const lanes *)(row + i), (streamed *)(target + i));
  memcpy(target + i, row + i, (count - i) * sizeof *row);
}

// Asks for what put_row writes through the caches all the same: lines that the row fills in part.
INLINE void fetch_ends(const float *target, size_t count) {
  const float *end = target + count;
  if ((uintptr_t)target & 63) __builtin_prefetch(target, 1, 2);
  if ((uintptr_t)end & 63) __builtin_prefetch(end - 1, 1, 2);
}
