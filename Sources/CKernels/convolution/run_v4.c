// AVX-512: thirty-two registers of sixteen numbers.
#include <string.h>

#include "instruction_sets.h"
#if HAS_X86_VARIANTS
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define PRODUCT_ROWS 8
#define PRODUCT_STEPS 1
#define RUN pi_run_convolution_v4
#include "run.h"
#pragma clang attribute pop
#endif
