// Sixteen numbers at a time, in the instruction set of the file that includes this.
#pragma once
#include <stddef.h>
#include <string.h>

// Every function that takes or returns lanes is inlined, so that no calling convention is at stake.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));

// Without this the lanes of a function that is not inlined may be cut into halves, which the compiler prefers
// for its own loops.
#define WHOLE_REGISTERS __attribute__((min_vector_width(512)))
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("unroll")
#define PRAGMA(text) _Pragma(#text)
#define UNROLLED_BY(count) PRAGMA(unroll count)

INLINE lanes load(const float *p) { return *(const lanes *)p; }
INLINE void store(float *p, lanes v) { *(lanes *)p = v; }
INLINE lanes all(float x) {
  return (lanes){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

INLINE float lane_sum(lanes v) {
  float sum = 0;
  for (int i = 0; i < 16; i++) sum += v[i];
  return sum;
}

#define EVEN_LANES(a, b) \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD_LANES(a, b) \
  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define ZIP_LOW(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// Lane t of a split is number `step` t + j of memory; the shuffles that pick it out of vector n leave the
// lanes of the vectors before.
#define FOR_LANES(f, ...)                                                                           \
  f(__VA_ARGS__, 0), f(__VA_ARGS__, 1), f(__VA_ARGS__, 2), f(__VA_ARGS__, 3), f(__VA_ARGS__, 4),    \
      f(__VA_ARGS__, 5), f(__VA_ARGS__, 6), f(__VA_ARGS__, 7), f(__VA_ARGS__, 8), f(__VA_ARGS__, 9), \
      f(__VA_ARGS__, 10), f(__VA_ARGS__, 11), f(__VA_ARGS__, 12), f(__VA_ARGS__, 13),               \
      f(__VA_ARGS__, 14), f(__VA_ARGS__, 15)
#define FIRST_INDEX(step, j, t) (step * t + j < 32 ? step * t + j : t)
#define NEXT_INDEX(step, j, n, t) ((step * t + j) / 16 == n ? 16 + (step * t + j) % 16 : t)
#define SPLIT_FIRST(step, j, a, b) __builtin_shufflevector(a, b, FOR_LANES(FIRST_INDEX, step, j))
#define SPLIT_NEXT(step, j, n, a, b) __builtin_shufflevector(a, b, FOR_LANES(NEXT_INDEX, step, j, n))

INLINE void split_threes(const float *p, lanes out[3]) {
  lanes a = load(p), b = load(p + 16), c = load(p + 32);
  out[0] = SPLIT_NEXT(3, 0, 2, SPLIT_FIRST(3, 0, a, b), c);
  out[1] = SPLIT_NEXT(3, 1, 2, SPLIT_FIRST(3, 1, a, b), c);
  out[2] = SPLIT_NEXT(3, 2, 2, SPLIT_FIRST(3, 2, a, b), c);
}

INLINE void split_fives(const float *p, lanes out[5]) {
  lanes a = load(p), b = load(p + 16), c = load(p + 32), d = load(p + 48), e = load(p + 64);
#define FIFTH(j)                                                                              \
  SPLIT_NEXT(5, j, 4, SPLIT_NEXT(5, j, 3, SPLIT_NEXT(5, j, 2, SPLIT_FIRST(5, j, a, b), c), d), e)
  out[0] = FIFTH(0);
  out[1] = FIFTH(1);
  out[2] = FIFTH(2);
  out[3] = FIFTH(3);
  out[4] = FIFTH(4);
#undef FIFTH
}

INLINE void split_fours(const float *p, lanes out[4]) {
  lanes a = load(p), b = load(p + 16), c = load(p + 32), d = load(p + 48);
  lanes even0 = EVEN_LANES(a, b), odd0 = ODD_LANES(a, b);
  lanes even1 = EVEN_LANES(c, d), odd1 = ODD_LANES(c, d);
  out[0] = EVEN_LANES(even0, even1);
  out[1] = EVEN_LANES(odd0, odd1);
  out[2] = ODD_LANES(even0, even1);
  out[3] = ODD_LANES(odd0, odd1);
}

// The first six of eights.
INLINE void split_eights(const float *p, lanes out[6]) {
  lanes even[4], odd[4];
  UNROLLED for (int i = 0; i < 4; i++) {
    lanes a = load(p + 32 * i), b = load(p + 32 * i + 16);
    even[i] = EVEN_LANES(a, b);
    odd[i] = ODD_LANES(a, b);
  }
  lanes a0 = EVEN_LANES(even[0], even[1]), a1 = EVEN_LANES(even[2], even[3]);
  lanes b0 = ODD_LANES(even[0], even[1]), b1 = ODD_LANES(even[2], even[3]);
  lanes c0 = EVEN_LANES(odd[0], odd[1]), c1 = EVEN_LANES(odd[2], odd[3]);
  lanes d0 = ODD_LANES(odd[0], odd[1]), d1 = ODD_LANES(odd[2], odd[3]);
  out[0] = EVEN_LANES(a0, a1);
  out[1] = EVEN_LANES(c0, c1);
  out[2] = EVEN_LANES(b0, b1);
  out[3] = EVEN_LANES(d0, d1);
  out[4] = ODD_LANES(a0, a1);
  out[5] = ODD_LANES(c0, c1);
}

// p = the numbers of a and b in turn.
INLINE void join_twos(lanes a, lanes b, float *p) {
  store(p, ZIP_LOW(a, b));
  store(p + 16, ZIP_HIGH(a, b));
}

// The inverses of the splits. Number n of memory is lane n / step of vector n % step: the shuffles put it
// in its place among those of the vectors before.
#define JOIN_FIRST_INDEX(step, v, t) \
  ((16 * v + t) % step == 1 ? 16 + (16 * v + t) / step : (16 * v + t) / step)
#define JOIN_NEXT_INDEX(step, v, n, t) ((16 * v + t) % step == n ? 16 + (16 * v + t) / step : t)
#define JOIN_FIRST(step, v, a, b) __builtin_shufflevector(a, b, FOR_LANES(JOIN_FIRST_INDEX, step, v))
#define JOIN_NEXT(step, v, n, a, b) \
  __builtin_shufflevector(a, b, FOR_LANES(JOIN_NEXT_INDEX, step, v, n))

INLINE void join_threes(const lanes in[3], float *p) {
  store(p, JOIN_NEXT(3, 0, 2, JOIN_FIRST(3, 0, in[0], in[1]), in[2]));
  store(p + 16, JOIN_NEXT(3, 1, 2, JOIN_FIRST(3, 1, in[0], in[1]), in[2]));
  store(p + 32, JOIN_NEXT(3, 2, 2, JOIN_FIRST(3, 2, in[0], in[1]), in[2]));
}

INLINE void join_fives(const lanes in[5], float *p) {
#define FIFTH(v)                                                                             \
  JOIN_NEXT(5, v, 4,                                                                         \
            JOIN_NEXT(5, v, 3, JOIN_NEXT(5, v, 2, JOIN_FIRST(5, v, in[0], in[1]), in[2]), in[3]), \
            in[4])
  store(p, FIFTH(0));
  store(p + 16, FIFTH(1));
  store(p + 32, FIFTH(2));
  store(p + 48, FIFTH(3));
  store(p + 64, FIFTH(4));
#undef FIFTH
}

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
