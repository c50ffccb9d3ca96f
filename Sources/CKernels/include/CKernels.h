#pragma once
#include "convolution.h"
#include "elementwise.h"
#include "pool.h"
#include "random.h"
