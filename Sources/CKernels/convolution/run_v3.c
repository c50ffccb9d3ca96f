// AVX2 and FMA: sixteen registers of eight numbers.
#include <string.h>

#include "instruction_sets.h"
#if HAS_X86_VARIANTS
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define PRODUCT_ROWS 4
#define PRODUCT_STEPS 4
#define RUN pi_run_convolution_v3
#include "run.h"
#pragma clang attribute pop
#endif
