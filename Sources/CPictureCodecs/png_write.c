#include <png.h>

#include "picture.h"

static void fail(png_structp png, png_const_charp message) {
  (void)message;
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void append(png_structp png, png_bytep source, size_t count) {
  pi_bytes *file = png_get_io_ptr(png);
  if (file->capacity - file->count < count) {
    size_t capacity = file->capacity + file->capacity / 2 + count + 4096;
    uint8_t *grown = realloc(file->bytes, capacity);
    if (grown == NULL) png_error(png, "out of memory");
    file->bytes = grown;
    file->capacity = capacity;
  }
  memcpy(file->bytes + file->count, source, count);
  file->count += count;
}

static void flush(png_structp png) { (void)png; }

static void write_picture(png_structp png, png_infop info, pi_bytes *file, const uint8_t *samples,
                          uint32_t width, uint32_t height, int channels, int bit_depth) {
  static const int colour_types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                     PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  size_t row = (size_t)width * (size_t)channels * (size_t)(bit_depth / 8);
  png_set_write_fn(png, file, append, flush);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(png, info, width, height, bit_depth, colour_types[channels - 1],
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (bit_depth == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(png);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, samples + row * y);
  png_write_end(png, info);
}

pi_codec_status pi_png_encode(const void *samples, uint32_t width, uint32_t height, int channels,
                              int bit_depth, pi_bytes *file) {
  memset(file, 0, sizeof *file);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, fail, ignore_warning);
  if (png == NULL) return pi_codec_status_memory;
  png_infop info = png_create_info_struct(png);
  if (info != NULL && setjmp(png_jmpbuf(png)) == 0) {
    write_picture(png, info, file, samples, width, height, channels, bit_depth);
    png_destroy_write_struct(&png, &info);
    return pi_codec_status_done;
  }
  png_destroy_write_struct(&png, &info);
  return pi_codec_status_memory;
}
