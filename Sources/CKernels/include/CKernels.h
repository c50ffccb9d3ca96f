#pragma once
#include "activations.h"
#include "convolution.h"
#include "elementwise.h"
#include "pool.h"
#include "pooling.h"
#include "random.h"
#include "resampling.h"
