// What planning and running share: the algorithms and how work is cut, by shapes alone.
#pragma once
#include "../include/convolution.h"

typedef enum {
  algorithm_tiles,
  algorithm_phases,  // tiles, with every channel as the four phases that an enlarged picture has
  algorithm_panels,
  algorithm_col2im,
  algorithm_direct
} algorithm;

enum {
  FINISHED_CHANNELS = 8,  // input channels a piece of the last stage of a weights pass
  FINISHED_ROWS = 128,    // the same of panels: taps of input channels
  COMBINED_CHANNELS = 16, // channels a piece that combines the blocks' sums
};
