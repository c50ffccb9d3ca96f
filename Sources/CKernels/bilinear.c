#include "include/bilinear.h"

#include "convolution/lanes.h"
#include "convolution/rows.h"
#include "filter_columns.h"
#include "plane_sums.h"
#include "wide.h"

// Clones for several instruction sets cannot call functions of lanes, not even inlined ones.
#define LANES(p) (*(const lanes *)(p))

enum { OUTS = PI_BILINEAR_OUTS, COLUMNS = 32, TAPS = 9 };

// Numbers of a row with one beyond each end, in whole blocks of columns.
static inline size_t row_room(const pi_bilinear *b) { return round_up((size_t)b->width, COLUMNS) + 16; }

size_t pi_bilinear_scratch(const pi_bilinear *b) {
  size_t plain = (size_t)b->plain_channels;
  return row_room(b) * (OUTS + 3 * plain) + plain * TAPS * OUTS;
}

// weights[channel][tap][8].
INLINE void pack_taps(const pi_bilinear *b, int first, int outs, float *packed) {
  size_t taps = (size_t)b->plain_channels * TAPS;
  for (size_t tap = 0; tap < taps; tap++)
    for (int k = 0; k < OUTS; k++)
      packed[tap * OUTS + (size_t)k] = k < outs ? b->weights[(size_t)(first + k) * taps + tap] : 0;
}

// sum = the outputs of the columns from x on: filtered columns, smoothed along the row, and the taps.
INLINE void add_taps(const pi_bilinear *b, const float *filtered, size_t room, const float *staged,
                     int row, const float *packed, size_t x, lanes sum[OUTS][2]) {
  float side = PI_ENLARGING_SIDE, middle = 1 - 2 * side;
  UNROLLED for (int k = 0; k < OUTS; k++)
    UNROLLED for (int j = 0; j < 2; j++) {
      const float *p = filtered + (size_t)k * room + x + 16 * (size_t)j;
      sum[k][j] = middle * LANES(p + 1) + side * (LANES(p) + LANES(p + 2));
    }
  for (int c = 0; c < b->plain_channels; c++)
    for (int r = 0; r < 3; r++) {
      const float *line = staged + (size_t)(3 * c + (row + r) % 3) * room + x;
      UNROLLED for (int s = 0; s < 3; s++, packed += OUTS) {
        lanes v[2] = {LANES(line + s), LANES(line + s + 16)};
        UNROLLED for (int k = 0; k < OUTS; k++)
          UNROLLED for (int j = 0; j < 2; j++) sum[k][j] += packed[k] * v[j];
      }
    }
}

static inline void add_rims(const pi_bilinear *b, size_t channel, int y, float *row) {
  size_t width = (size_t)b->width, place = channel * (size_t)b->height + (size_t)y;
  for (int edge = 0; edge < 2; edge++)
    for (size_t x = 0; y == (edge ? b->height - 1 : 0) && x < width; x++)
      row[x] += b->rims[edge][channel * width + x];
  row[0] += b->rims[2][place];
  row[width - 1] += b->rims[3][place];
}

PI_WIDE void pi_bilinear_piece(const pi_bilinear *b, int piece, float *scratch) {
  int first = piece * OUTS, outs = b->outs - first < OUTS ? b->outs - first : OUTS;
  size_t room = row_room(b), width = (size_t)b->width, plane = (size_t)b->height * width;
  float *filtered = scratch, *staged = filtered + OUTS * room;
  float *packed = staged + 3 * (size_t)b->plain_channels * room;
  reader plain = {{b->plain, b->terms, NULL, 1}, b->plain_channels, b->height, b->width, b->border, 0};
  pi_smoothing smoothing = {b->height, b->width, PI_ENLARGING_SIDE, (size_t)b->outs * plane};
  plane_sums total[OUTS] = {{0, 0, 0}};
  memset(scratch, 0, pi_bilinear_scratch(b) * sizeof *scratch);
  pack_taps(b, first, outs, packed);
  // Row y of the picture is staged in slot (y + 1) % 3.
  for (int y = -1; y < 1; y++)
    for (int c = 0; c < b->plain_channels; c++)
      read_row(&plain, c, y, -1, b->width + 2, staged + (size_t)(3 * c + y + 1) * room);
  for (int y = 0; y < b->height; y++) {
    for (int c = 0; c < b->plain_channels; c++)
      read_row(&plain, c, y + 1, -1, b->width + 2, staged + (size_t)(3 * c + (y + 2) % 3) * room);
    for (int k = 0; k < outs; k++)
      filter_columns(smoothing, b->repeated + (size_t)(first + k) * plane, y, filtered + (size_t)k * room);
    for (size_t x = 0; x < width; x += COLUMNS) {
      lanes sum[OUTS][2];
      add_taps(b, filtered, room, staged, y, packed, x, sum);
      for (int k = 0; k < outs; k++) {
        float bias = b->bias ? b->bias[first + k] : 0;
        float *out = b->y + (size_t)(first + k) * plane + (size_t)y * width + x;
        lanes values[2] = {sum[k][0] + bias, sum[k][1] + bias};
        memcpy(out, values, x + COLUMNS <= width ? sizeof values : (width - x) * sizeof *out);
      }
    }
    for (int k = 0; k < outs; k++) {
      float *row = b->y + (size_t)(first + k) * plane + (size_t)y * width;
      if (b->rims[0]) add_rims(b, (size_t)(first + k), y, row);
      if (y == 0) total[k].shift = row[0];
      add_row(row, width, &total[k]);
    }
  }
  for (int k = 0; k < outs; k++) {
    b->moments[first + k] = (float)plane_mean(&total[k], plane);
    b->moments[b->outs + first + k] = (float)plane_variance(&total[k], plane);
  }
}
