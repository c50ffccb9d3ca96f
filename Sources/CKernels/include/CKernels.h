#pragma once
#include "pool.h"
#include "random.h"
