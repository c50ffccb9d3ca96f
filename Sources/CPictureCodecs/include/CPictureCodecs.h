#pragma once

// Decoding and encoding of pictures in memory. libpng and libjpeg-turbo report errors by longjmp,
// which stays inside these functions.

#include <stddef.h>
#include <stdint.h>

/// How decoding or encoding ended.
typedef enum __attribute__((enum_extensibility(closed))) pi_codec_status {
  pi_codec_status_done,
  /// The data end before the picture does.
  pi_codec_status_truncated,
  /// The data break the format's rules, or use what the library cannot decode.
  pi_codec_status_corrupt,
  /// The picture has more pixels than the limit.
  pi_codec_status_too_large,
  /// Memory is not to be had.
  pi_codec_status_memory,
} pi_codec_status;

/// A decoded picture: rows of interleaved samples, or what was learnt before the failure.
typedef struct pi_picture {
  uint32_t width;
  uint32_t height;
  /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
  int channels;
  /// 8, or 16 in the machine's byte order.
  int bit_depth;
  uint8_t *samples;
  /// The EXIF block, beginning with the TIFF header; NULL where there is none.
  uint8_t *exif;
  size_t exif_size;
  /// The library's words for the failure.
  char message[200];
} pi_picture;

/// Decode a whole file. Nothing of the picture's size is allocated before the limit is checked.
pi_codec_status pi_png_decode(const uint8_t *bytes, size_t count, uint64_t pixel_limit,
                              pi_picture *picture);
pi_codec_status pi_jpeg_decode(const uint8_t *bytes, size_t count, uint64_t pixel_limit,
                               pi_picture *picture);

/// Frees what a decoded picture holds, after success and failure alike.
void pi_picture_free(pi_picture *picture);

/// A growing block of memory.
typedef struct pi_bytes {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} pi_bytes;

void pi_bytes_free(pi_bytes *bytes);

/// Encodes rows of interleaved samples as a PNG file; `samples` as in pi_picture. The file is to be
/// freed after success and failure alike.
pi_codec_status pi_png_encode(const void *samples, uint32_t width, uint32_t height, int channels,
                              int bit_depth, pi_bytes *file);

/// Encodes rows of interleaved samples, grey or RGB, as a JPEG file of a quality in 1 ... 100, colours at
/// half size each way. The file is to be freed after success and failure alike.
pi_codec_status pi_jpeg_encode(const uint8_t *samples, uint32_t width, uint32_t height,
                               int channels, int quality, pi_bytes *file);
