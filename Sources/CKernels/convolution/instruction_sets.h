// The instruction sets that the convolutions are compiled for, one file each.
#pragma once
#include "../include/convolution.h"

#if defined(__x86_64__) && defined(__clang__)
#define HAS_X86_VARIANTS 1
#else
#define HAS_X86_VARIANTS 0
#endif

typedef void pi_run(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t,
                    float *shared, float *scratch);
pi_run pi_run_convolution_v4, pi_run_convolution_v3, pi_run_convolution_base;
