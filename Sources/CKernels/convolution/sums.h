// Writing rows of outputs and of gradients, and what is summed up on the way: the moments of each channel
// for the normalisation that follows, the gradient of the one before.
#pragma once
#include "../writing.h"
#include "algorithm.h"
#include "rows.h"

enum { SUMS = 3 };  // numbers a block and channel leave: see finish_emitter

// Where the numbers of one output plane of one block go: a channel, or a phase of one.
typedef struct {
  int is_forward, adds, has_moments, streams;
  float bias, slope;
  float *target;           // the plane of y or dx
  const float *input;      // data, through terms: the plane of x; else NULL
  int width, stride;       // of the plane's rows; 2 for a phase, whose first number is target[0]
  reading how;
  float centre;
  float shift;             // the first number: sums are taken about it
  float sum, other;        // forward: of y - shift and its square; data: of g and g (x - centre)
  size_t count;
} emitter;

// `plane`: forward a channel; data a plane of x as plane_set counts them.
INLINE emitter make_emitter(const pi_convolution *g, pi_pass pass, const pi_tensors *t, int plane) {
  emitter e = {0};
  e.stride = 1;
  if (pass == pi_pass_forward) {
    e.is_forward = 1;
    e.bias = t->bias ? t->bias[plane] : 0;
    e.slope = t->out_slope;
    e.has_moments = t->moments != NULL;
    e.streams = (size_t)g->out_channels * (size_t)g->out_height * (size_t)g->out_width >= FEWEST_STREAMED;
    e.width = g->out_width;
    e.target = t->y + (size_t)plane * (size_t)g->out_height * (size_t)g->out_width;
    return e;
  }
  int channel = plane, phases = g->enlarges ? 4 * g->plain : 0, scale = g->enlarges ? 2 : 1;
  size_t place;
  if (plane < phases) {
    channel = plane / 4;
    e.stride = 2;
    e.width = g->width;
    place = ((size_t)channel * (size_t)g->height + (size_t)(plane >> 1 & 1)) * (size_t)g->width +
            (size_t)(plane & 1);
    e.adds = t->adds_plain;
    e.target = t->dplain ? t->dplain + place : NULL;
    if (t->x.terms) e.input = t->plain + place;
  } else {
    e.width = g->width / scale;
    place = (size_t)(plane - phases) * (size_t)(g->height / scale) * (size_t)e.width;
    if (g->enlarges) channel = g->plain + plane - phases;
    e.adds = t->adds;
    e.target = t->dx ? t->dx + place : NULL;
    if (t->x.terms) e.input = t->x.values + place;
  }
  e.streams = !e.adds && e.stride == 1 &&
              (size_t)g->channels * (size_t)g->height * (size_t)g->width / (size_t)(scale * scale) >=
                  FEWEST_STREAMED;
  if (t->x.terms) {
    reader r = {t->x, g->channels, g->height, g->width, g->border, 0};
    e.how = reading_of(&r, channel);
    e.centre = t->x.terms[channel];
  }
  return e;
}

// Fetches what emitting `count` numbers from `place` of the plane on will touch.
INLINE void fetch_emitted(const emitter *e, size_t place, size_t count) {
  if (e->target && e->streams)
    fetch_ends(e->target + place, count);
  else if (e->target)
    fetch(e->target + place, count);
  if (e->input) fetch(e->input + place, count);
}

// The same for pixels of a row.
INLINE void fetch_pixels_of(const emitter *e, int y, int x, int count) {
  fetch_emitted(e, (size_t)(y * e->stride) * (size_t)e->width + (size_t)(x * e->stride),
                (size_t)(count * e->stride));
}

// `row` is changed into what is written.
INLINE void emit_outputs(emitter *e, size_t place, size_t count, float *restrict row) {
  float bias = e->bias, slope = e->slope;
  if (!e->has_moments) {
    for (size_t i = 0; i < count; i++) row[i] = rectify(row[i] + bias, slope);
  } else {
#pragma clang fp reassociate(on)
    if (e->count == 0) e->shift = rectify(row[0] + bias, slope);
    float shift = e->shift, sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
      float y = rectify(row[i] + bias, slope), d = y - shift;
      row[i] = y;
      sum += d;
      squares += d * d;
    }
    e->sum += sum;
    e->other += squares;
    e->count += count;
  }
  put_row(e->target + place, row, count, e->streams);
}

// Changes the gradients of what was read into those of x, which lies `stride` apart; sums them up.
INLINE void pull_back(emitter *e, size_t place, size_t count, size_t stride, float *restrict row) {
#pragma clang fp reassociate(on)
  float slope = e->how.slope, centre = e->centre, sum = 0, products = 0;
  float factor = e->how.factor, offset = e->how.offset;
  const float *restrict x = e->input + place;
  for (size_t i = 0; i < count; i++) {
    float g = x[i * stride] * factor + offset > 0 ? row[i] : slope * row[i];
    sum += g;
    products += g * (x[i * stride] - centre);
    row[i] = factor * g;
  }
  e->sum += sum;
  e->other += products;
}

INLINE void emit_gradients(emitter *e, size_t place, size_t count, float *restrict row) {
  if (e->input && e->stride == 1) pull_back(e, place, count, 1, row);
  if (e->input && e->stride == 2) pull_back(e, place, count, 2, row);
  if (!e->target) return;
  float *restrict dx = e->target + place;
  if (e->stride == 1 && !e->adds) {
    put_row(dx, row, count, e->streams);
  } else if (e->stride == 1) {
    for (size_t i = 0; i < count; i++) dx[i] += row[i];
  } else if (!e->adds) {
    for (size_t i = 0; i < count; i++) dx[2 * i] = row[i];
  } else {
    for (size_t i = 0; i < count; i++) dx[2 * i] += row[i];
  }
}

// Takes `count` numbers of the plane, from `place` on; they are changed.
INLINE void emit_row(emitter *e, size_t place, size_t count, float *row) {
  if (e->is_forward)
    emit_outputs(e, place, count, row);
  else
    emit_gradients(e, place, count, row);
}

// Takes `count` pixels of row y of the plane, from column x on; they are changed.
INLINE void emit_pixels(emitter *e, int y, int x, int count, float *row) {
  emit_row(e, (size_t)(y * e->stride) * (size_t)e->width + (size_t)(x * e->stride), (size_t)count, row);
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

// The gradients of centre, factor and offset of some channels from the sums of the blocks. Where x is
// enlarged, its first `plain` channels have four planes each.
INLINE void combine_terms(const float *sums, size_t blocks, const pi_convolution *g, int first, int count,
                          const float *terms, float *dterms) {
  int channels = g->channels, plain = g->enlarges ? g->plain : 0, planes = channels + 3 * plain;
  for (int c = first; c < first + count; c++) {
    int begin = c < plain ? 4 * c : c + 3 * plain, end = c < plain ? begin + 4 : begin + 1;
    double sum = 0, products = 0;
    for (size_t b = 0; b < blocks; b++)
      for (int plane = begin; plane < end; plane++) {
        const float *part = sums + (b * (size_t)planes + (size_t)plane) * SUMS;
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
  const pi_convolution *g = &plan->geometry;
  int is_forward = plan->pass == pi_pass_forward;
  int channels = is_forward ? g->out_channels : g->channels;
  int first = (int)piece * COMBINED_CHANNELS;
  int count = channels - first < COMBINED_CHANNELS ? channels - first : COMBINED_CHANNELS;
  if (is_forward && t->moments) combine_moments(sums, blocks, channels, first, count, t->moments);
  if (!is_forward && t->x.terms)
    combine_terms(sums, blocks, g, first, count, t->x.terms, t->dterms);
}

// db from the parts of each group: [group][part][lanes of `phases` planes a channel].
INLINE void combine_bias(const pi_convolution *g, size_t parts, int phases, const float *sums,
                         const pi_tensors *t) {
  if (!t->db) return;
  int outs = g->out_channels / g->groups;
  size_t room = lanes_of(outs * phases);
  for (int k = 0; k < g->out_channels; k++) {
    double total = 0;
    for (size_t part = 0; part < parts; part++) {
      const float *its = sums + ((size_t)(k / outs) * parts + part) * room + (size_t)(k % outs * phases);
      for (int phase = 0; phase < phases; phase++) total += (double)its[phase];
    }
    t->db[k] = t->adds ? t->db[k] + (float)total : (float)total;
  }
}
