#include "include/bilinear.h"

#include "convolution/lanes.h"
#include "convolution/rows.h"
#include "plane_sums.h"
#include "wide.h"
#include "writing.h"

// Clones for several instruction sets cannot call functions of lanes, not even inlined ones.
#define LANES(p) (*(const lanes *)(p))

enum { OUTS = PI_BILINEAR_OUTS, COLUMNS = 32, TAPS = 9 };

// The filter of an enlargement, [1 3 3 1] / 4.
static const float outer = 0.25f, inner = 0.75f;

// MARK: The small plane

PI_WIDE void pi_extend(const float *x, int height, int width, pi_reading how, float *out) {
  size_t n = (size_t)width;
  float factor = how.factor, offset = how.offset - how.centre * how.factor;
  for (int y = -1; y <= height; y++, out += n + 2) {
    const float *row = x + (size_t)(y < 0 ? 0 : y < height ? y : height - 1) * n;
    for (size_t i = 0; i < n; i++) out[i + 1] = row[i] * factor + offset;
    out[0] = out[1];
    out[n + 1] = out[n];
  }
}

PI_WIDE void pi_extend_pullback(float *d, const float *x, int height, int width, pi_reading how, int adds,
                                float *dx, double sums[2]) {
#pragma clang fp reassociate(on)
  size_t n = (size_t)width, pitch = n + 2;
  float factor = how.factor, centre = how.centre;
  for (size_t i = 0; i < pitch; i++) {
    d[pitch + i] += d[i];
    d[(size_t)height * pitch + i] += d[(size_t)(height + 1) * pitch + i];
  }
  sums[0] = sums[1] = 0;
  for (int y = 0; y < height; y++) {
    float *restrict g = d + (size_t)(y + 1) * pitch + 1;
    const float *restrict row = x + (size_t)y * n;
    g[0] += g[-1];
    g[n - 1] += g[n];
    float sum = 0, products = 0;
    for (size_t i = 0; i < n; i++) {
      sum += g[i];
      products += g[i] * (row[i] - centre);
    }
    sums[0] += (double)sum;
    sums[1] += (double)products;
    if (!dx) continue;
    float *restrict out = dx + (size_t)y * n;
    for (size_t i = 0; i < n; i++) out[i] = (adds ? out[i] : 0) + factor * g[i];
  }
}

// MARK: The output

// Numbers of a row with one or two beyond each end, in whole blocks of columns.
static inline size_t row_room(const pi_bilinear *b) { return round_up((size_t)b->width, COLUMNS) + 16; }

size_t pi_bilinear_scratch(const pi_bilinear *b) {
  size_t plain = (size_t)b->plain_channels;
  return row_room(b) * (2 * OUTS + 3 * plain) + plain * TAPS * OUTS;
}

// out = row y of the output, but for the filter along it: `count` numbers from four rows of the spread plane.
INLINE void filter_columns(const float *spread, size_t count, int y, float *restrict out) {
  const float *restrict row = spread + (size_t)y * count;
  for (size_t i = 0; i < count; i++)
    out[i] = outer * (row[i] + row[i + 3 * count]) + inner * (row[i + count] + row[i + 2 * count]);
}

// weights[channel][tap][8].
INLINE void pack_taps(const pi_bilinear *b, int first, int outs, float *packed) {
  size_t taps = (size_t)b->plain_channels * TAPS;
  for (size_t tap = 0; tap < taps; tap++)
    for (int k = 0; k < OUTS; k++)
      packed[tap * OUTS + (size_t)k] = k < outs ? b->weights[(size_t)(first + k) * taps + tap] : 0;
}

// sum = the outputs of the columns from x on: filtered columns, filtered along the row, and the taps.
INLINE void add_taps(const pi_bilinear *b, const float *filtered, size_t room, const float *staged,
                     int row, const float *packed, size_t x, lanes sum[OUTS][2]) {
  UNROLLED for (int k = 0; k < OUTS; k++)
    UNROLLED for (int j = 0; j < 2; j++) {
      const float *p = filtered + (size_t)k * room + x + 16 * (size_t)j;
      sum[k][j] = outer * (LANES(p) + LANES(p + 3)) + inner * (LANES(p + 1) + LANES(p + 2));
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
  float *filtered = scratch, *rows = filtered + OUTS * room, *staged = rows + OUTS * room;
  float *packed = staged + 3 * (size_t)b->plain_channels * room;
  reader plain = {{b->plain, b->terms, NULL, 1}, b->plain_channels, b->height, b->width, b->border, 0};
  size_t pitch = width + 4, spread = ((size_t)b->height + 4) * pitch;
  plane_sums total[OUTS] = {{0, 0, 0}};
  int streams = (size_t)b->outs * plane >= FEWEST_STREAMED;
  memset(scratch, 0, pi_bilinear_scratch(b) * sizeof *scratch);
  pack_taps(b, first, outs, packed);
  // Row y of the picture is staged in slot (y + 1) % 3.
  for (int y = -1; y < 1; y++)
    for (int c = 0; c < b->plain_channels; c++)
      read_row(&plain, c, y, -1, b->width + 2, staged + (size_t)(3 * c + y + 1) * room);
  for (int y = 0; y < b->height; y++) {
    for (int c = 0; c < b->plain_channels; c++)
      read_row(&plain, c, y + 1, -1, b->width + 2, staged + (size_t)(3 * c + (y + 2) % 3) * room);
    for (int k = 0; k < outs; k++) {
      const float *its = b->spread + (size_t)(first + k) * spread;
      if (y + 1 < b->height) fetch(its + ((size_t)y + 4) * pitch, pitch);
      filter_columns(its, pitch, y, filtered + (size_t)k * room);
    }
    for (size_t x = 0; x < width; x += COLUMNS) {
      lanes sum[OUTS][2];
      add_taps(b, filtered, room, staged, y, packed, x, sum);
      for (int k = 0; k < outs; k++) {
        float bias = b->bias ? b->bias[first + k] : 0, *out = rows + (size_t)k * room + x;
        UNROLLED for (int j = 0; j < 2; j++) *(lanes *)(out + 16 * j) = sum[k][j] + bias;
      }
    }
    for (int k = 0; k < outs; k++) {
      float *row = rows + (size_t)k * room;
      if (b->rims[0]) add_rims(b, (size_t)(first + k), y, row);
      if (y == 0) total[k].shift = row[0];
      add_row(row, width, &total[k]);
      put_row(b->y + (size_t)(first + k) * plane + (size_t)y * width, row, width, streams);
    }
  }
  for (int k = 0; k < outs; k++) {
    b->moments[first + k] = (float)plane_mean(&total[k], plane);
    b->moments[b->outs + first + k] = (float)plane_variance(&total[k], plane);
  }
}

// MARK: Its gradient

PI_WIDE double pi_bilinear_spread(const float *dy, int height, int width, size_t count, float *spread,
                                  float *scratch) {
#pragma clang fp reassociate(on)
  size_t n = (size_t)width, pitch = n + 4;
  // Zeros surround the picture: a row of them, and three numbers before and four after each line.
  float *line = scratch + n, *columns = line + 3, *restrict out = line + n + 8;
  memset(scratch, 0, (2 * n + 8) * sizeof *scratch);
  double total = 0;
  for (int y = 0; y < height + 4; y++) {
    const float *row[4];
    for (int j = 0; j < 4; j++) {
      int from = y - 3 + j;
      row[j] = from < 0 || from >= height ? scratch : dy + (size_t)from * n;
    }
    const float *restrict first = row[0], *restrict second = row[1], *restrict third = row[2];
    const float *restrict last = row[3];
    float sum = 0;
    for (size_t i = 0; i < n; i++) {
      columns[i] = outer * (first[i] + last[i]) + inner * (second[i] + third[i]);
      sum += last[i];
    }
    total += (double)sum;
    for (size_t i = 0; i < pitch; i++)
      out[i] = outer * (line[i] + line[i + 3]) + inner * (line[i + 1] + line[i + 2]);
    put_row(spread + (size_t)y * pitch, out, pitch, count >= FEWEST_STREAMED);
  }
  return total;
}
