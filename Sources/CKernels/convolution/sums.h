// Writing rows of outputs and of gradients, and what is summed up on the way: the moments of each channel
// for the normalisation that follows, the gradient of the one before.
#pragma once
#include "algorithm.h"
#include "rows.h"

enum { SUMS = 3 };  // numbers a block and channel leave: see finish_emitter

// Where the rows of one output channel of one block go.
typedef struct {
  int is_forward, adds, has_moments;
  float bias, slope;
  float *target;           // the plane of y or dx
  const float *input;      // data, through terms: the plane of x; else NULL
  reading how;
  float centre;
  float shift;             // the first number: sums are taken about it
  float sum, other;        // forward: of y - shift and its square; data: of g and g (x - centre)
  size_t count;
} emitter;

INLINE emitter make_emitter(const pi_convolution *g, pi_pass pass, const pi_tensors *t, int channel) {
  emitter e = {0};
  if (pass == pi_pass_forward) {
    e.is_forward = 1;
    e.bias = t->bias ? t->bias[channel] : 0;
    e.slope = t->out_slope;
    e.has_moments = t->moments != NULL;
    e.target = t->y + (size_t)channel * (size_t)g->out_height * (size_t)g->out_width;
  } else {
    size_t plane = (size_t)channel * (size_t)g->height * (size_t)g->width;
    e.adds = t->adds;
    e.target = t->dx + plane;
    if (t->x.terms) {
      reader r = {t->x, g->channels, g->height, g->width, g->border};
      e.how = reading_of(&r, channel);
      e.centre = t->x.terms[channel];
      e.input = t->x.values + plane;
    }
  }
  return e;
}

// Fetches what emit_row of `count` numbers at `place` of a channel will touch.
INLINE void fetch_emitted(const pi_convolution *g, pi_pass pass, const pi_tensors *t, int channel,
                          size_t place, size_t count) {
  if (pass == pi_pass_forward) {
    fetch(t->y + (size_t)channel * (size_t)g->out_height * (size_t)g->out_width + place, count);
  } else {
    place += (size_t)channel * (size_t)g->height * (size_t)g->width;
    fetch(t->dx + place, count);
    if (t->x.terms) fetch(t->x.values + place, count);
  }
}

INLINE void emit_outputs(emitter *e, float *restrict y, size_t count, const float *restrict row) {
  float bias = e->bias, slope = e->slope;
  if (slope != 1)
    for (size_t i = 0; i < count; i++) y[i] = rectify(row[i] + bias, slope);
  else
    for (size_t i = 0; i < count; i++) y[i] = row[i] + bias;
  if (!e->has_moments) return;
  if (e->count == 0) e->shift = y[0];
  float shift = e->shift, sum = 0, squares = 0;
  {
#pragma clang fp reassociate(on)
    for (size_t i = 0; i < count; i++) {
      float d = y[i] - shift;
      sum += d;
      squares += d * d;
    }
  }
  e->sum += sum;
  e->other += squares;
  e->count += count;
}

INLINE void emit_gradients(emitter *e, size_t place, size_t count, const float *restrict row) {
  float *restrict dx = e->target + place;
  if (!e->input) {
    if (e->adds)
      for (size_t i = 0; i < count; i++) dx[i] += row[i];
    else
      memcpy(dx, row, count * sizeof *dx);
    return;
  }
  const float *restrict x = e->input + place;
  float factor = e->how.factor, offset = e->how.offset, slope = e->how.slope, centre = e->centre;
  float sum = 0, products = 0;
  {
#pragma clang fp reassociate(on)
    for (size_t i = 0; i < count; i++) {
      float g = x[i] * factor + offset > 0 ? row[i] : slope * row[i];
      sum += g;
      products += g * (x[i] - centre);
      if (e->adds) dx[i] += factor * g;
      else dx[i] = factor * g;
    }
  }
  e->sum += sum;
  e->other += products;
}

// Takes `count` numbers of the channel, from `place` of its plane on.
INLINE void emit_row(emitter *e, size_t place, size_t count, const float *row) {
  if (e->is_forward)
    emit_outputs(e, e->target + place, count, row);
  else
    emit_gradients(e, place, count, row);
}

// Leaves for the last stage: forward mean, squared deviations and count, data the two sums.
INLINE void finish_emitter(const emitter *e, float sums[SUMS]) {
  if (e->is_forward) {
    float mean = e->count ? e->sum / (float)e->count : 0;
    sums[0] = e->shift + mean;
    sums[1] = e->other - e->sum * mean;
    sums[2] = (float)e->count;
  } else {
    sums[0] = e->sum;
    sums[1] = e->other;
  }
}

// The moments of some channels from those of the blocks, in their order (Chan, Golub and LeVeque, 1979).
INLINE void combine_moments(const float *sums, size_t blocks, int channels, int first, int count,
                            float *moments) {
  for (int k = first; k < first + count; k++) {
    double mean = 0, squares = 0, n = 0;
    for (size_t b = 0; b < blocks; b++) {
      const float *part = sums + (b * (size_t)channels + (size_t)k) * SUMS;
      double m = (double)part[2];
      if (m == 0) continue;
      double d = (double)part[0] - mean;
      n += m;
      mean += d * m / n;
      squares += (double)part[1] + d * d * (n - m) * m / n;
    }
    moments[k] = (float)mean;
    moments[channels + k] = (float)(squares / n);
  }
}

// The gradients of centre, factor and offset of some channels from the sums of the blocks.
INLINE void combine_terms(const float *sums, size_t blocks, int channels, int first, int count,
                          const float *terms, float *dterms) {
  for (int c = first; c < first + count; c++) {
    double sum = 0, products = 0;
    for (size_t b = 0; b < blocks; b++) {
      const float *part = sums + (b * (size_t)channels + (size_t)c) * SUMS;
      sum += (double)part[0];
      products += (double)part[1];
    }
    dterms[c] = (float)(-(double)terms[channels + c] * sum);
    dterms[channels + c] = (float)products;
    dterms[2 * channels + c] = (float)sum;
  }
}

// The last stage of the forward and data passes, for some channels.
INLINE void combine_sums(const pi_convolution_plan *plan, size_t piece, size_t blocks, const float *sums,
                         const pi_tensors *t) {
  int is_forward = plan->pass == pi_pass_forward;
  int channels = is_forward ? plan->geometry.out_channels : plan->geometry.channels;
  int first = (int)piece * COMBINED_CHANNELS;
  int count = channels - first < COMBINED_CHANNELS ? channels - first : COMBINED_CHANNELS;
  if (is_forward && t->moments) combine_moments(sums, blocks, channels, first, count, t->moments);
  if (!is_forward && t->x.terms)
    combine_terms(sums, blocks, channels, first, count, t->x.terms, t->dterms);
}

// db from the parts of each group: [group][part][out lanes].
INLINE void combine_bias(const pi_convolution *g, size_t parts, const float *sums, const pi_tensors *t) {
  if (!t->db) return;
  int outs = g->out_channels / g->groups;
  size_t lanes_out = lanes_of(outs);
  for (int k = 0; k < g->out_channels; k++) {
    double total = 0;
    for (size_t part = 0; part < parts; part++)
      total += (double)sums[((size_t)(k / outs) * parts + part) * lanes_out + (size_t)(k % outs)];
    t->db[k] = t->adds ? t->db[k] + (float)total : (float)total;
  }
}
