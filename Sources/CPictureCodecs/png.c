#include "include/CPictureCodecs.h"
