#include <png.h>

#include "picture.h"

// What lives across the longjmp is here, not in locals of the function that calls setjmp.
typedef struct {
  const uint8_t *bytes;
  size_t remaining;
  uint64_t pixel_limit;
  pi_picture *picture;
  pi_codec_status status;
  png_structp png;
  png_infop info;
} reader;

static void fail(png_structp png, png_const_charp message) {
  reader *state = png_get_error_ptr(png);
  if (state->status == pi_codec_status_done) state->status = pi_codec_status_corrupt;
  strncpy(state->picture->message, message, sizeof state->picture->message - 1);
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  reader *state = png_get_io_ptr(png);
  if (count > state->remaining) {
    state->status = pi_codec_status_truncated;
    png_error(png, "unexpected end of file");
  }
  memcpy(target, state->bytes, count);
  state->bytes += count;
  state->remaining -= count;
}

static void keep_exif(reader *state) {
  png_uint_32 count = 0;
  png_bytep bytes = NULL;
  if (png_get_eXIf_1(state->png, state->info, &count, &bytes)) {
    pi_keep_exif(state->picture, bytes, count);
  }
}

// Colours are taken as they are stored, so the chunks about colour are passed over; so are texts,
// which can unpack to any size.
static void skip_ancillary_chunks(png_structp png) {
  static const png_byte unused[] =
      "bKGD\0cHRM\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0"
      "tEXt\0tIME\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unused, sizeof unused / 5);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_chunk_cache_max(png, 16);
}

static void read_picture(reader *state) {
  png_structp png = state->png;
  pi_picture *picture = state->picture;
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  skip_ancillary_chunks(png);
  png_set_read_fn(png, state, read_bytes);
  png_read_info(png, state->info);
  picture->width = png_get_image_width(png, state->info);
  picture->height = png_get_image_height(png, state->info);
  if (pi_exceeds(picture->width, picture->height, state->pixel_limit)) {
    state->status = pi_codec_status_too_large;
    return;
  }
  png_set_expand(png);
  if (png_get_bit_depth(png, state->info) == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
    png_set_swap(png);
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, state->info);
  picture->channels = png_get_channels(png, state->info);
  picture->bit_depth = png_get_bit_depth(png, state->info);
  size_t row = png_get_rowbytes(png, state->info);
  picture->samples = calloc(picture->height, row);
  if (picture->samples == NULL) {
    state->status = pi_codec_status_memory;
    return;
  }
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < picture->height; y++) {
      png_read_row(png, picture->samples + row * y, NULL);
    }
  }
  png_read_end(png, state->info);
  keep_exif(state);
}

pi_codec_status pi_png_decode(const uint8_t *bytes, size_t count, uint64_t pixel_limit,
                              pi_picture *picture) {
  memset(picture, 0, sizeof *picture);
  reader state = {bytes, count, pixel_limit, picture, pi_codec_status_done, NULL, NULL};
  state.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, fail, ignore_warning);
  if (state.png == NULL) return pi_codec_status_memory;
  state.info = png_create_info_struct(state.png);
  if (state.info == NULL) {
    state.status = pi_codec_status_memory;
  } else if (setjmp(png_jmpbuf(state.png)) == 0) {
    read_picture(&state);
  } else {
    // A header that asks for too much is refused as such, whatever follows it.
    picture->width = png_get_image_width(state.png, state.info);
    picture->height = png_get_image_height(state.png, state.info);
    if (pi_exceeds(picture->width, picture->height, pixel_limit)) {
      state.status = pi_codec_status_too_large;
    }
  }
  png_destroy_read_struct(&state.png, &state.info, NULL);
  return state.status;
}
