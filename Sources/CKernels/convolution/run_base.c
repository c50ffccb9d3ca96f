// What every processor has: on x86 sixteen registers of four numbers, on ARM thirty-two.
#include <string.h>

#include "instruction_sets.h"
#define PRODUCT_ROWS 2
#define PRODUCT_STEPS 4
#define RUN pi_run_convolution_base
#include "run.h"
