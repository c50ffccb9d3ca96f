#include "include/convolution.h"

#include <cblas.h>
#include <string.h>

// im2col over panels that stay in the second-level cache, multiplied by sgemm. Padding is resolved
// while the panels are gathered, and its adjoint while they are scattered.

enum {
  panel_budget = 128 * 1024,  // numbers in a gathered panel: 512 KiB
  longest_panel = 1024,
  chunks_wanted = 8,          // of input channels in the backward passes: work for every thread
  out_channels_a_chunk = 128,
};

void pi_blas_prepare(void) { openblas_set_num_threads(1); }

static inline size_t at_most(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t divide_up(size_t a, size_t b) { return (a + b - 1) / b; }

static inline int taps(const pi_convolution *g) { return g->kernel_height * g->kernel_width; }
static inline size_t pixels(const pi_convolution *g) {
  return (size_t)g->out_height * (size_t)g->out_width;
}
static inline int group_channels(const pi_convolution *g) { return g->channels / g->groups; }
static inline int group_out_channels(const pi_convolution *g) { return g->out_channels / g->groups; }

// Whether a panel of output pixels is a panel of input pixels as it stands.
static inline int is_pointwise(const pi_convolution *g) {
  return taps(g) == 1 && g->stride == 1 && g->padding_height == 0 && g->padding_width == 0;
}

// Output pixels a panel of `rows` gathered rows, a multiple of 16.
static inline size_t panel_length(size_t rows) {
  size_t length = panel_budget / rows / 16 * 16;
  if (length < 48) length = 48;
  return at_most(length, longest_panel);
}

static inline int chunk_channels(const pi_convolution *g) {
  int least = is_pointwise(g) ? 32 : 4, channels = group_channels(g);
  int chunk = (channels + chunks_wanted - 1) / chunks_wanted;
  if (chunk < least) chunk = least;
  return chunk < channels ? chunk : channels;
}

size_t pi_convolution_scratch(const pi_convolution *g) {
  size_t whole = (size_t)(group_channels(g) * taps(g));
  size_t chunk = (size_t)(chunk_channels(g) * taps(g));
  size_t forward = whole * panel_length(whole), backward = chunk * panel_length(chunk);
  return forward > backward ? forward : backward;
}

// The position inside 0 ..< extent that position i reads, or -1 for a zero.
static inline int inside(int i, int extent, pi_border border) {
  if (i >= 0 && i < extent) return i;
  switch (border) {
    case pi_border_zero: return -1;
    case pi_border_reflection: return i < 0 ? -i : 2 * extent - 2 - i;
    case pi_border_replication: return i < 0 ? 0 : extent - 1;
  }
  return -1;
}

// out[j] = row[start + j stride] for j in 0 ..< count, with the border's rule.
static inline void gather_row(const float *row, int extent, int start, int stride, int count,
                              pi_border border, float *out) {
  int j = 0;
  for (; j < count && start + j * stride < 0; j++) {
    int i = inside(start + j * stride, extent, border);
    out[j] = i < 0 ? 0 : row[i];
  }
  int clear = start + j * stride < extent ? (extent - 1 - start) / stride + 1 : j;
  if (clear > count) clear = count;
  if (stride == 1) {
    if (clear > j) memcpy(out + j, row + start + j, (size_t)(clear - j) * sizeof *out);
    if (clear > j) j = clear;
  } else {
    for (; j < clear; j++) out[j] = row[start + j * stride];
  }
  for (; j < count; j++) {
    int i = inside(start + j * stride, extent, border);
    out[j] = i < 0 ? 0 : row[i];
  }
}

// The adjoint of gather_row: row[...] += in[j].
static inline void scatter_row(float *row, int extent, int start, int stride, int count,
                               pi_border border, const float *in) {
  int j = 0;
  for (; j < count && start + j * stride < 0; j++) {
    int i = inside(start + j * stride, extent, border);
    if (i >= 0) row[i] += in[j];
  }
  int clear = start + j * stride < extent ? (extent - 1 - start) / stride + 1 : j;
  if (clear > count) clear = count;
  if (stride == 1) {
    float *target = row + start;
    for (; j < clear; j++) target[j] += in[j];
  } else {
    for (; j < clear; j++) row[start + j * stride] += in[j];
  }
  for (; j < count; j++) {
    int i = inside(start + j * stride, extent, border);
    if (i >= 0) row[i] += in[j];
  }
}

// panel[(c R + r) S + s][p] = x[c][y stride + r - pad][x stride + s - pad] for the channels from x on
// and the output pixels first ..< first + count.
static void gather(const pi_convolution *g, const float *x, int channels, size_t first, size_t count,
                   float *panel) {
  size_t plane = (size_t)g->height * (size_t)g->width;
  for (int c = 0; c < channels; c++)
    for (int r = 0; r < g->kernel_height; r++)
      for (int s = 0; s < g->kernel_width; s++, panel += count)
        for (size_t p = 0; p < count;) {
          int row = (int)((first + p) / (size_t)g->out_width);
          int column = (int)((first + p) % (size_t)g->out_width);
          int run = (int)at_most((size_t)(g->out_width - column), count - p);
          int source = inside(row * g->stride + r - g->padding_height, g->height, g->border);
          if (source < 0)
            memset(panel + p, 0, (size_t)run * sizeof *panel);
          else
            gather_row(x + (size_t)c * plane + (size_t)source * (size_t)g->width, g->width,
                       column * g->stride + s - g->padding_width, g->stride, run, g->border,
                       panel + p);
          p += (size_t)run;
        }
}

// The adjoint of gather: x += panel.
static void scatter(const pi_convolution *g, float *x, int channels, size_t first, size_t count,
                    const float *panel) {
  size_t plane = (size_t)g->height * (size_t)g->width;
  for (int c = 0; c < channels; c++)
    for (int r = 0; r < g->kernel_height; r++)
      for (int s = 0; s < g->kernel_width; s++, panel += count)
        for (size_t p = 0; p < count;) {
          int row = (int)((first + p) / (size_t)g->out_width);
          int column = (int)((first + p) % (size_t)g->out_width);
          int run = (int)at_most((size_t)(g->out_width - column), count - p);
          int target = inside(row * g->stride + r - g->padding_height, g->height, g->border);
          if (target >= 0)
            scatter_row(x + (size_t)c * plane + (size_t)target * (size_t)g->width, g->width,
                        column * g->stride + s - g->padding_width, g->stride, run, g->border,
                        panel + p);
          p += (size_t)run;
        }
}

size_t pi_convolution_forward_pieces(const pi_convolution *g) {
  size_t rows = (size_t)(group_channels(g) * taps(g));
  return (size_t)g->groups * divide_up(pixels(g), panel_length(rows));
}

void pi_convolution_forward(const pi_convolution *g, size_t piece, const float *x, const float *w,
                            const float *bias, float *y, float *scratch) {
  size_t rows = (size_t)(group_channels(g) * taps(g)), length = panel_length(rows);
  size_t panels = divide_up(pixels(g), length);
  size_t group = piece / panels, first = piece % panels * length;
  size_t count = at_most(length, pixels(g) - first);
  size_t outs = (size_t)group_out_channels(g);
  const float *source = x + group * (size_t)group_channels(g) * (size_t)g->height * (size_t)g->width;
  const float *panel = scratch;
  size_t panel_stride = count;
  if (is_pointwise(g)) {
    panel = source + first;
    panel_stride = pixels(g);
  } else {
    gather(g, source, group_channels(g), first, count, scratch);
  }
  float *target = y + group * outs * pixels(g) + first;
  for (size_t k = 0; k < outs; k++) {
    float value = bias ? bias[group * outs + k] : 0;
    for (size_t p = 0; p < count; p++) target[k * pixels(g) + p] = value;
  }
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)outs, (int)count, (int)rows, 1,
              w + group * outs * rows, (int)rows, panel, (int)panel_stride, 1, target,
              (int)pixels(g));
}

size_t pi_convolution_data_pieces(const pi_convolution *g) {
  if (is_pointwise(g)) {
    return (size_t)g->groups * divide_up(pixels(g), panel_length((size_t)group_channels(g)));
  }
  return (size_t)g->groups * divide_up((size_t)group_channels(g), (size_t)chunk_channels(g));
}

void pi_convolution_data(const pi_convolution *g, size_t piece, const float *dy, const float *w,
                         float *dx, float *scratch) {
  size_t outs = (size_t)group_out_channels(g), ins = (size_t)group_channels(g);
  size_t columns = ins * (size_t)taps(g);
  if (is_pointwise(g)) {
    size_t length = panel_length(ins), panels = divide_up(pixels(g), length);
    size_t group = piece / panels, first = piece % panels * length;
    size_t count = at_most(length, pixels(g) - first);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)ins, (int)count, (int)outs, 1,
                w + group * outs * ins, (int)ins, dy + group * outs * pixels(g) + first,
                (int)pixels(g), 0, dx + group * ins * pixels(g) + first, (int)pixels(g));
    return;
  }
  size_t chunk = (size_t)chunk_channels(g), chunks = divide_up(ins, chunk);
  size_t group = piece / chunks, channel = piece % chunks * chunk;
  size_t channels = at_most(chunk, ins - channel), rows = channels * (size_t)taps(g);
  size_t plane = (size_t)g->height * (size_t)g->width;
  float *target = dx + (group * ins + channel) * plane;
  memset(target, 0, channels * plane * sizeof *target);
  size_t length = panel_length(chunk * (size_t)taps(g));
  for (size_t first = 0; first < pixels(g); first += length) {
    size_t count = at_most(length, pixels(g) - first);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)rows, (int)count, (int)outs, 1,
                w + group * outs * columns + channel * (size_t)taps(g), (int)columns,
                dy + group * outs * pixels(g) + first, (int)pixels(g), 0, scratch, (int)count);
    scatter(g, target, (int)channels, first, count, scratch);
  }
}

size_t pi_convolution_weights_pieces(const pi_convolution *g) {
  return (size_t)g->groups * divide_up((size_t)group_channels(g), (size_t)chunk_channels(g)) *
         divide_up((size_t)group_out_channels(g), out_channels_a_chunk);
}

void pi_convolution_weights(const pi_convolution *g, size_t piece, const float *x, const float *dy,
                            float *dw, int accumulates, float *scratch) {
  size_t outs = (size_t)group_out_channels(g), ins = (size_t)group_channels(g);
  size_t columns = ins * (size_t)taps(g);
  size_t chunk = (size_t)chunk_channels(g), chunks = divide_up(ins, chunk);
  size_t out_chunks = divide_up(outs, out_channels_a_chunk);
  size_t group = piece / (chunks * out_chunks), rest = piece % (chunks * out_chunks);
  size_t channel = rest / out_chunks * chunk, out = rest % out_chunks * out_channels_a_chunk;
  size_t channels = at_most(chunk, ins - channel), rows = channels * (size_t)taps(g);
  size_t some_outs = at_most(out_channels_a_chunk, outs - out);
  const float *source = x + (group * ins + channel) * (size_t)g->height * (size_t)g->width;
  float *target = dw + (group * outs + out) * columns + channel * (size_t)taps(g);
  size_t length = panel_length(chunk * (size_t)taps(g));
  for (size_t first = 0; first < pixels(g); first += length) {
    size_t count = at_most(length, pixels(g) - first);
    const float *panel = scratch;
    size_t panel_stride = count;
    if (is_pointwise(g)) {
      panel = source + first;
      panel_stride = pixels(g);
    } else {
      gather(g, source, (int)channels, first, count, scratch);
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)some_outs, (int)rows, (int)count, 1,
                dy + (group * outs + out) * pixels(g) + first, (int)pixels(g), panel,
                (int)panel_stride, first == 0 && !accumulates ? 0 : 1, target, (int)columns);
  }
}
