#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "include/CPictureCodecs.h"

static inline bool pi_exceeds(uint64_t width, uint64_t height, uint64_t limit) {
  return width != 0 && height > limit / width;
}

/// Keeps a copy of an EXIF block; without memory there is none, which is no failure.
static inline void pi_keep_exif(pi_picture *picture, const uint8_t *bytes, size_t count) {
  if (picture->exif != NULL || count == 0) return;
  picture->exif = malloc(count);
  if (picture->exif == NULL) return;
  memcpy(picture->exif, bytes, count);
  picture->exif_size = count;
}
