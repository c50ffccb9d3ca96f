#include <setjmp.h>
#include <stdio.h>

#include "picture.h"

// In this order: jpeglib.h uses FILE.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

// What lives across the longjmp is here, not in locals of the function that calls setjmp.
typedef struct {
  struct jpeg_compress_struct encoder;
  struct jpeg_error_mgr errors;
  struct jpeg_destination_mgr destination;
  jmp_buf escape;
  pi_bytes *file;
} writer;

static _Noreturn void fail(j_common_ptr encoder) {
  writer *state = encoder->client_data;
  longjmp(state->escape, 1);
}

static void ignore_message(j_common_ptr encoder, int level) {
  (void)encoder;
  (void)level;
}

/// Gives the library more room, behind what it has filled.
static void make_room(writer *state) {
  pi_bytes *file = state->file;
  size_t capacity = file->capacity * 2 + 4096;
  uint8_t *grown = realloc(file->bytes, capacity);
  if (grown == NULL) longjmp(state->escape, 1);
  file->bytes = grown;
  file->capacity = capacity;
  state->destination.next_output_byte = grown + file->count;
  state->destination.free_in_buffer = capacity - file->count;
}

static void begin(j_compress_ptr encoder) { make_room(encoder->client_data); }

static boolean enlarge(j_compress_ptr encoder) {
  writer *state = encoder->client_data;
  // The library calls when all is full, whatever it says is free.
  state->file->count = state->file->capacity;
  make_room(state);
  return TRUE;
}

static void end(j_compress_ptr encoder) {
  writer *state = encoder->client_data;
  state->file->count = state->file->capacity - state->destination.free_in_buffer;
}

static void write_picture(writer *state, const uint8_t *samples, uint32_t width, uint32_t height,
                          int channels, int quality) {
  struct jpeg_compress_struct *encoder = &state->encoder;
  jpeg_create_compress(encoder);
  state->destination.init_destination = begin;
  state->destination.empty_output_buffer = enlarge;
  state->destination.term_destination = end;
  encoder->dest = &state->destination;
  encoder->image_width = width;
  encoder->image_height = height;
  encoder->input_components = channels;
  encoder->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  // Colours become YCbCr of half the size each way.
  jpeg_set_defaults(encoder);
  jpeg_set_quality(encoder, quality, TRUE);
  jpeg_start_compress(encoder, TRUE);
  size_t row = (size_t)width * (size_t)channels;
  while (encoder->next_scanline < height) {
    // The library only reads from it.
    JSAMPROW line = (JSAMPROW)(samples + row * encoder->next_scanline);
    jpeg_write_scanlines(encoder, &line, 1);
  }
  jpeg_finish_compress(encoder);
}

pi_codec_status pi_jpeg_encode(const uint8_t *samples, uint32_t width, uint32_t height,
                               int channels, int quality, pi_bytes *file) {
  memset(file, 0, sizeof *file);
  if (width > JPEG_MAX_DIMENSION || height > JPEG_MAX_DIMENSION) return pi_codec_status_too_large;
  writer *state = calloc(1, sizeof *state);
  if (state == NULL) return pi_codec_status_memory;
  state->file = file;
  state->encoder.err = jpeg_std_error(&state->errors);
  state->errors.error_exit = fail;
  state->errors.emit_message = ignore_message;
  state->encoder.client_data = state;
  pi_codec_status status = pi_codec_status_memory;
  if (setjmp(state->escape) == 0) {
    write_picture(state, samples, width, height, channels, quality);
    status = pi_codec_status_done;
  }
  jpeg_destroy_compress(&state->encoder);
  free(state);
  return status;
}
