#include "picture.h"

void pi_picture_free(pi_picture *picture) {
  free(picture->samples);
  free(picture->exif);
  picture->samples = NULL;
  picture->exif = NULL;
}

void pi_bytes_free(pi_bytes *bytes) {
  free(bytes->bytes);
  bytes->bytes = NULL;
  bytes->count = 0;
  bytes->capacity = 0;
}
