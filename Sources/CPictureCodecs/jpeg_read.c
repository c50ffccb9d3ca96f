#include <setjmp.h>
#include <stdio.h>

#include "picture.h"

// In this order: jpeglib.h uses FILE, and the codes in jerror.h depend on its configuration.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

// A progressive file can repeat its scans; each costs a pass over the whole picture.
static const int scan_limit = 200;

// What lives across the longjmp is here, not in locals of the function that calls setjmp.
typedef struct {
  struct jpeg_decompress_struct decoder;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  uint64_t pixel_limit;
  pi_picture *picture;
  pi_codec_status status;
  uint8_t *row;
} reader;

static _Noreturn void give_up(j_common_ptr decoder, pi_codec_status status) {
  reader *state = decoder->client_data;
  char message[JMSG_LENGTH_MAX];
  decoder->err->format_message(decoder, message);
  strncpy(state->picture->message, message, sizeof state->picture->message - 1);
  state->status = status;
  longjmp(state->escape, 1);
}

static void fail(j_common_ptr decoder) {
  give_up(decoder, decoder->err->msg_code == JERR_OUT_OF_MEMORY ? pi_codec_status_memory
                                                                 : pi_codec_status_corrupt);
}

// libjpeg goes on after damage, with grey or smeared blocks, and calls that a warning.
static void judge_warning(j_common_ptr decoder, int level) {
  if (level >= 0) return;
  switch (decoder->err->msg_code) {
    case JWRN_JPEG_EOF:
      give_up(decoder, pi_codec_status_truncated);
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      give_up(decoder, pi_codec_status_corrupt);
    default:
      break;
  }
}

static void watch_scans(j_common_ptr decoder) {
  reader *state = decoder->client_data;
  if (state->decoder.input_scan_number <= scan_limit) return;
  strncpy(state->picture->message, "too many scans", sizeof state->picture->message - 1);
  state->status = pi_codec_status_corrupt;
  longjmp(state->escape, 1);
}

static void keep_exif(reader *state) {
  static const uint8_t prefix[6] = {'E', 'x', 'i', 'f', 0, 0};
  for (jpeg_saved_marker_ptr marker = state->decoder.marker_list; marker != NULL;
       marker = marker->next) {
    if (marker->marker == JPEG_APP0 + 1 && marker->data_length > sizeof prefix &&
        memcmp(marker->data, prefix, sizeof prefix) == 0) {
      pi_keep_exif(state->picture, marker->data + sizeof prefix,
                   marker->data_length - sizeof prefix);
    }
  }
}

// Red is what cyan and black let through. Adobe's files hold the light, not the ink.
static void convert_cmyk(const uint8_t *source, uint8_t *target, uint32_t width, bool inverted) {
  unsigned flip = inverted ? 0 : 255;
  for (uint32_t x = 0; x < width; x++, source += 4, target += 3) {
    unsigned black = source[3] ^ flip;
    for (int channel = 0; channel < 3; channel++) {
      target[channel] = (uint8_t)(((source[channel] ^ flip) * black + 127) / 255);
    }
  }
}

static bool choose_colours(struct jpeg_decompress_struct *decoder) {
  switch (decoder->jpeg_color_space) {
    case JCS_GRAYSCALE:
      decoder->out_color_space = JCS_GRAYSCALE;
      return true;
    case JCS_RGB:
    case JCS_YCbCr:
      decoder->out_color_space = JCS_RGB;
      return true;
    case JCS_CMYK:
    case JCS_YCCK:
      decoder->out_color_space = JCS_CMYK;
      return true;
    default:
      return false;
  }
}

static void read_picture(reader *state, const uint8_t *bytes, size_t count) {
  struct jpeg_decompress_struct *decoder = &state->decoder;
  pi_picture *picture = state->picture;
  jpeg_create_decompress(decoder);
  state->progress.progress_monitor = watch_scans;
  decoder->progress = &state->progress;
  jpeg_mem_src(decoder, bytes, count);
  jpeg_save_markers(decoder, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(decoder, TRUE);
  picture->width = decoder->image_width;
  picture->height = decoder->image_height;
  if (pi_exceeds(picture->width, picture->height, state->pixel_limit)) {
    state->status = pi_codec_status_too_large;
    return;
  }
  if (!choose_colours(decoder)) {
    strncpy(picture->message, "unknown colour space", sizeof picture->message - 1);
    state->status = pi_codec_status_corrupt;
    return;
  }
  keep_exif(state);
  jpeg_start_decompress(decoder);
  bool cmyk = decoder->out_color_space == JCS_CMYK;
  picture->channels = decoder->out_color_space == JCS_GRAYSCALE ? 1 : 3;
  picture->bit_depth = 8;
  size_t row = (size_t)picture->width * (size_t)picture->channels;
  picture->samples = malloc(row * picture->height);
  if (cmyk) state->row = malloc((size_t)picture->width * 4);
  if (picture->samples == NULL || (cmyk && state->row == NULL)) {
    state->status = pi_codec_status_memory;
    return;
  }
  while (decoder->output_scanline < decoder->output_height) {
    uint8_t *target = picture->samples + row * decoder->output_scanline;
    JSAMPROW line = cmyk ? state->row : target;
    jpeg_read_scanlines(decoder, &line, 1);
    if (cmyk) convert_cmyk(line, target, picture->width, decoder->saw_Adobe_marker);
  }
  jpeg_finish_decompress(decoder);
}

pi_codec_status pi_jpeg_decode(const uint8_t *bytes, size_t count, uint64_t pixel_limit,
                               pi_picture *picture) {
  memset(picture, 0, sizeof *picture);
  reader *state = calloc(1, sizeof *state);
  if (state == NULL) return pi_codec_status_memory;
  state->pixel_limit = pixel_limit;
  state->picture = picture;
  state->decoder.err = jpeg_std_error(&state->errors);
  state->errors.error_exit = fail;
  state->errors.emit_message = judge_warning;
  state->decoder.client_data = state;
  if (setjmp(state->escape) == 0) {
    read_picture(state, bytes, count);
  } else if (pi_exceeds(state->decoder.image_width, state->decoder.image_height, pixel_limit)) {
    // A header that asks for too much is refused as such, whatever follows it.
    picture->width = state->decoder.image_width;
    picture->height = state->decoder.image_height;
    state->status = pi_codec_status_too_large;
  }
  pi_codec_status status = state->status;
  jpeg_destroy_decompress(&state->decoder);
  free(state->row);
  free(state);
  return status;
}
