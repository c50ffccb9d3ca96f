#include "include/random.h"

#include <string.h>

#include "wide.h"

// SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014) over a Weyl sequence.
static inline uint64_t hash(uint64_t seed, uint64_t index) {
  uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// The 24 highest bits as a number in [0, 1).
static inline float unit(uint64_t bits) { return (float)(bits >> 40) * 0x1p-24f; }

void pi_random_uniform(uint64_t seed, uint64_t first, float low, float high, float *out,
                       size_t count) {
  for (size_t i = 0; i < count; i++)
    out[i] = low + (high - low) * unit(hash(seed, first + i));
}

// Normal numbers come in pairs by the method of Box and Muller (1958). The functions it needs are summed
// from their series, without branches, so that many pairs are computed at a time; products and sums are not
// contracted, so that all machines round alike.

// log(u) for u in (0, 1]: 2 artanh of (m - 1) / (m + 1) for a mantissa m about 1, and the exponent's part.
static inline float logarithm(float u) {
#pragma clang fp contract(off)
  uint32_t bits;
  memcpy(&bits, &u, sizeof bits);
  // The mantissa is brought to sqrt(1/2) ... sqrt(2).
  int32_t exponent = (int32_t)(bits - 0x3F3504F3) >> 23;
  bits -= (uint32_t)exponent << 23;
  float m;
  memcpy(&m, &bits, sizeof m);
  float s = (m - 1) / (m + 1), q = s * s;
  float sum = 1 + q * (1 / 3.0f + q * (1 / 5.0f + q * (1 / 7.0f + q * (1 / 9.0f))));
  return 2 * s * sum + 0.69314718056f * (float)exponent;
}

// Cosine and sine of `turn` 2^-24 of a full turn: those of an angle in -1/8 ... 1/8 of a turn, moved to its
// quarter.
static inline void circle(uint32_t turn, float *cosine, float *sine) {
#pragma clang fp contract(off)
  uint32_t quarter = (turn + (1u << 21)) >> 22;
  float x = (float)((int32_t)turn - (int32_t)(quarter << 22)) * (0x1p-24f * 6.28318530718f), q = x * x;
  float s = x * (1 + q * (-1 / 6.0f + q * (1 / 120.0f + q * (-1 / 5040.0f + q * (1 / 362880.0f)))));
  float c = 1 + q * (-1 / 2.0f + q * (1 / 24.0f + q * (-1 / 720.0f + q * (1 / 40320.0f))));
  float along = quarter & 1 ? s : c, across = quarter & 1 ? c : s;
  *cosine = (quarter + 1) & 2 ? -along : along;
  *sine = quarter & 2 ? -across : across;
}

enum { PAIRS = 64 };  // computed at a time

PI_WIDE void pi_random_normal(uint64_t seed, uint64_t first, float deviation, const float *base, float *out,
                              size_t count) {
#pragma clang fp contract(off)
  for (size_t start = 0; start < count; start += 2 * PAIRS) {
    // One hash a pair: the high half gives the radius, the low half the angle.
    uint32_t high[PAIRS], low[PAIRS];
    float numbers[2 * PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
      uint64_t bits = hash(seed, (first + start) / 2 + i);
      high[i] = (uint32_t)(bits >> 40);
      low[i] = (uint32_t)(bits >> 8) & 0xFFFFFF;
    }
    for (size_t i = 0; i < PAIRS; i++) {
      float cosine, sine;
      float radius = deviation * square_root(-2 * logarithm(((float)high[i] + 0.5f) * 0x1p-24f));
      circle(low[i], &cosine, &sine);
      numbers[2 * i] = radius * cosine;
      numbers[2 * i + 1] = radius * sine;
    }
    size_t some = count - start < 2 * PAIRS ? count - start : 2 * PAIRS;
    for (size_t i = 0; i < some; i++) out[start + i] = (base ? base[start + i] : 0) + numbers[i];
  }
}
