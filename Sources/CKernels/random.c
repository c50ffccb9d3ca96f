#include "include/random.h"

#include <math.h>

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

void pi_random_normal(uint64_t seed, uint64_t first, float deviation, const float *base, float *out,
                      size_t count) {
  for (size_t i = 0; i < count; i += 2) {
    // One hash a pair: the high half gives the radius, the low half the angle.
    uint64_t bits = hash(seed, (first + i) / 2);
    float radius = sqrtf(-2 * logf(((float)(bits >> 40) + 0.5f) * 0x1p-24f));
    float angle = (float)((bits >> 8) & 0xFFFFFF) * (0x1p-24f * 6.28318530717958647692f);
    out[i] = (base ? base[i] : 0) + deviation * radius * cosf(angle);
    if (i + 1 < count) out[i + 1] = (base ? base[i + 1] : 0) + deviation * radius * sinf(angle);
  }
}
