#pragma once
#include <stddef.h>
#include <stdint.h>

// Counter-based random numbers: element i of stream `seed` is a hash of (seed, i), so that any part
// of a stream can be made on any thread with the same result.

// out[i] = low + (high - low) u(seed, first + i) with u uniform in [0, 1), for i in 0 ..< count.
void pi_random_uniform(uint64_t seed, uint64_t first, float low, float high, float *out,
                       size_t count);

// out[i] = base[i] + deviation * n(seed, first + i) with n standard normal (Box-Muller on pairs of
// the stream); base may be NULL (zero) or equal to out. first is even.
void pi_random_normal(uint64_t seed, uint64_t first, float deviation, const float *base, float *out,
                      size_t count);
