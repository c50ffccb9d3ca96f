// Sixteen numbers at a time, in the instruction set of the file that includes this.
#pragma once
#include <stddef.h>
#include <string.h>

// Every function that takes or returns lanes is inlined, so that no calling convention is at stake.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("unroll")

INLINE lanes load(const float *p) { return *(const lanes *)p; }
INLINE void store(float *p, lanes v) { *(lanes *)p = v; }
INLINE lanes all(float x) {
  return (lanes){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

#define EVEN_LANES(a, b) \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD_LANES(a, b) \
  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define ZIP_LOW(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// out[j] = the numbers p[j], p[4 + j], p[8 + j], ...: column j of sixteen rows of four.
INLINE void split_fours(const float *p, lanes out[4]) {
  lanes a = load(p), b = load(p + 16), c = load(p + 32), d = load(p + 48);
  lanes even0 = EVEN_LANES(a, b), odd0 = ODD_LANES(a, b);
  lanes even1 = EVEN_LANES(c, d), odd1 = ODD_LANES(c, d);
  out[0] = EVEN_LANES(even0, even1);
  out[1] = EVEN_LANES(odd0, odd1);
  out[2] = ODD_LANES(even0, even1);
  out[3] = ODD_LANES(odd0, odd1);
}

// The first two columns of split_fours.
INLINE void split_first_two(const float *p, lanes *first, lanes *second) {
  lanes a = load(p), b = load(p + 16), c = load(p + 32), d = load(p + 48);
  *first = EVEN_LANES(EVEN_LANES(a, b), EVEN_LANES(c, d));
  *second = EVEN_LANES(ODD_LANES(a, b), ODD_LANES(c, d));
}

// The inverse of split_fours.
INLINE void join_fours(const lanes in[4], float *p) {
  lanes low02 = ZIP_LOW(in[0], in[2]), high02 = ZIP_HIGH(in[0], in[2]);
  lanes low13 = ZIP_LOW(in[1], in[3]), high13 = ZIP_HIGH(in[1], in[3]);
  store(p, ZIP_LOW(low02, low13));
  store(p + 16, ZIP_HIGH(low02, low13));
  store(p + 32, ZIP_LOW(high02, high13));
  store(p + 48, ZIP_HIGH(high02, high13));
}

// Turns rows into columns: v[i][j] becomes v[j][i]. Each round mixes halves of halves.
INLINE void transpose(lanes v[16]) {
  lanes t[16];
  UNROLLED for (int round = 0; round < 4; round++) {
    UNROLLED for (int i = 0; i < 8; i++) {
      t[2 * i] = ZIP_LOW(v[i], v[i + 8]);
      t[2 * i + 1] = ZIP_HIGH(v[i], v[i + 8]);
    }
    UNROLLED for (int i = 0; i < 16; i++) v[i] = t[i];
  }
}
