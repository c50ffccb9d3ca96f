#pragma once

// A function marked PI_WIDE is compiled for several instruction sets, and the best that the
// processor has is chosen when the program is loaded. Helpers that it calls must be static inline.
#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#define PI_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PI_WIDE
#endif

// As sqrtf, but sets no errno, for which a loop would take one number at a time.
static inline float square_root(float x) { return __builtin_elementwise_sqrt(x); }
