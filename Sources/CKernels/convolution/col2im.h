// The data pass of stride 1 to few channels, the other way round than by panels: first the products, of
// each pixel of the gradient with the weights of every tap, then the sums, of rows shifted by their taps.
// A panel would hold each pixel once a tap, for too few outputs.
#pragma once
#include "panel_passes.h"

enum { BAND_ROWS = 16, FEWEST_PRODUCTS = 16 };

INLINE int suits_col2im(const pi_convolution *g) {
  return g->stride == 1 && g->kernel_height * g->kernel_width > 1 && g->channels / g->groups < PI_PANEL &&
         g->out_channels / g->groups >= FEWEST_PRODUCTS && g->padding_height < BAND_ROWS;
}

// The products: a 1x1 convolution of the gradient to as many channels as there are taps of input channels.
static inline panel_pass col2im_products(const pi_convolution *g, const pi_tensors *t) {
  panel_pass p = {0};
  p.in = (reader){t->dy, g->out_channels, g->out_height, g->out_width, pi_border_zero, 0};
  p.ins = g->out_channels / g->groups;
  p.outs = g->channels / g->groups * g->kernel_height * g->kernel_width;
  p.rows = g->out_height;
  p.columns = g->out_width;
  p.step = p.taps_y = p.taps_x = 1;
  return p;
}

// Pieces of x of whole rows, taller than the padding, so that what folds onto the first and the last rows
// stays within them.
INLINE size_t bands_of(const pi_convolution *g) {
  return g->height < BAND_ROWS ? 1 : (size_t)(g->height / BAND_ROWS);
}

INLINE int band_begin(const pi_convolution *g, size_t band) {
  return (int)((size_t)g->height * band / bands_of(g));
}

// Sums of one channel in a band: its rows and columns, and those outside the picture.
INLINE size_t band_columns(const pi_convolution *g) { return (size_t)(g->width + 2 * g->padding_width); }
INLINE size_t band_size(const pi_convolution *g) {
  return (divide_up((size_t)g->height, bands_of(g)) + 2 * (size_t)g->padding_height) * band_columns(g);
}

INLINE size_t col2im_scratch(const pi_convolution *g, const panel_pass *p) {
  return panel_outputs(p->outs) + panel_size(1) + (size_t)(g->channels / g->groups) * band_size(g);
}

// Adds what lies outside the picture to where it was read from: rows begin ..< end of a channel's sums.
INLINE void fold_band(const pi_convolution *g, int begin, int end, float *sum) {
  int columns = (int)band_columns(g), padding = g->padding_width;
  for (int y = begin; y < end; y++) {
    float *row = sum + (size_t)(y - begin) * (size_t)columns + padding;
    for (int i = 0; i < 2 * padding; i++) {
      int x = i < padding ? i - padding : g->width + i - padding;
      int inner = inside(x, g->width, g->border);
      if (inner >= 0) row[inner] += row[x];
    }
  }
  for (int y = begin; y < end; y++) {
    int inner = inside(y, g->height, g->border);
    if (inner < 0 || inner == y) continue;
    float *to = sum + (size_t)(inner - begin) * (size_t)columns;
    const float *from = sum + (size_t)(y - begin) * (size_t)columns;
    for (int x = 0; x < columns; x++) to[x] += from[x];
  }
}

INLINE void col2im_band(const panel_pass *p, const pi_convolution *g, const pi_tensors *t, int group,
                        size_t band, const float *u, float *sums, float *scratch) {
  int channels = g->channels / g->groups, kernel = g->kernel_height, padding = g->padding_height;
  int first = band_begin(g, band), last = band_begin(g, band + 1);
  int begin = first == 0 ? -padding : first, end = last == g->height ? last + padding : last;
  float *products = scratch, *panel = products + panel_outputs(p->outs), *sum = panel + panel_size(1);
  memset(sum, 0, (size_t)channels * band_size(g) * sizeof *sum);
  for (int y = begin + padding - kernel + 1; y < end + padding; y++)
    for (int x = 0; x < g->out_width && y >= 0 && y < g->out_height; x += PANEL_PIXELS) {
      int count = g->out_width - x < PANEL_PIXELS ? g->out_width - x : PANEL_PIXELS;
      panel_block b = {group, count, (size_t)y * (size_t)g->out_width + (size_t)x};
      multiply_panels(p, g, pi_pass_data, t, &b, u, products, panel, NULL);
      for (int n = 0; n < p->outs; n++) {
        int column = n % g->kernel_width, tap = n / g->kernel_width % kernel;
        int row = y - padding + tap - begin;
        if (row < 0 || row >= end - begin) continue;
        float *restrict its = sum + (size_t)(n / g->kernel_width / kernel) * band_size(g) +
                              (size_t)row * band_columns(g) + (size_t)(x + column);
        const float *restrict product = products + (size_t)n * PANEL_PIXELS;
        for (int i = 0; i < count; i++) its[i] += product[i];
      }
    }
  for (int c = 0; c < channels; c++) {
    int channel = group * channels + c;
    float *its = sum + (size_t)c * band_size(g);
    fold_band(g, begin, end, its);
    emitter e = make_emitter(g, pi_pass_data, t, channel);
    for (int y = first; y < last; y++)
      emit_row(&e, (size_t)y * (size_t)g->width, (size_t)g->width,
               its + (size_t)(y - begin) * band_columns(g) + g->padding_width);
    finish_emitter(&e, sums + (band * (size_t)g->channels + (size_t)channel) * SUMS);
  }
}
