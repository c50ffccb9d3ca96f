// The transforms of convolutions by Fourier (Mathieu, Henaff and LeCun, ICLR 2014) on tiles of 16x16 pixels,
// sixteen tiles or kernels at a time. Of the spectrum of real pixels half the columns say all, and of the
// first and last of those, which are spectra of real numbers, half the rows: 130 frequencies, each a real
// and an imaginary number.
#pragma once
#include "lanes.h"

enum {
  FOURIER_SIDE = 16,
  FOURIER_TAPS = 7,
  FOURIER_TILE = FOURIER_SIDE + 1 - FOURIER_TAPS,
  HALF = FOURIER_SIDE / 2,
  FREQUENCIES = 130
};

// Nothing is scaled on the way: a product, there and back again, is to be multiplied by so much.
#define FOURIER_SCALE (1 / 1024.0f)

// (re, im) times exp(-2 pi i n / 16).
INLINE void turn(int n, lanes *re, lanes *im) {
  const float cosine = 0.92387953251f, sine = 0.38268343236f, root = 0.70710678119f;
  lanes x = *re, y = *im;
  switch (n) {
    case 1: *re = cosine * x + sine * y; *im = cosine * y - sine * x; return;
    case 2: *re = root * (x + y); *im = root * (y - x); return;
    case 3: *re = sine * x + cosine * y; *im = sine * y - cosine * x; return;
    case 4: *re = y; *im = -x; return;
    case 6: *re = root * (y - x); *im = -root * (x + y); return;
    case 9: *re = -cosine * x - sine * y; *im = sine * x - cosine * y; return;
    default: return;
  }
}

INLINE void fourier4(const lanes re[4], const lanes im[4], lanes out_re[4], lanes out_im[4]) {
  lanes even_re = re[0] + re[2], even_im = im[0] + im[2], odd_re = re[0] - re[2], odd_im = im[0] - im[2];
  lanes last_re = re[1] + re[3], last_im = im[1] + im[3], other_re = re[1] - re[3], other_im = im[1] - im[3];
  out_re[0] = even_re + last_re;
  out_im[0] = even_im + last_im;
  out_re[1] = odd_re + other_im;
  out_im[1] = odd_im - other_re;
  out_re[2] = even_re - last_re;
  out_im[2] = even_im - last_im;
  out_re[3] = odd_re - other_im;
  out_im[3] = odd_im + other_re;
}

// Replaces sixteen complex numbers by their discrete Fourier transform. With the two parts exchanged it is
// the inverse.
INLINE void fourier16(lanes re[16], lanes im[16]) {
  lanes step_re[4][4], step_im[4][4];
  UNROLLED for (int n = 0; n < 4; n++) {
    lanes in_re[4], in_im[4], out_re[4], out_im[4];
    UNROLLED for (int i = 0; i < 4; i++) in_re[i] = re[n + 4 * i], in_im[i] = im[n + 4 * i];
    fourier4(in_re, in_im, out_re, out_im);
    UNROLLED for (int k = 0; k < 4; k++) {
      turn(n * k, &out_re[k], &out_im[k]);
      step_re[k][n] = out_re[k];
      step_im[k][n] = out_im[k];
    }
  }
  UNROLLED for (int k = 0; k < 4; k++) {
    lanes out_re[4], out_im[4];
    fourier4(step_re[k], step_im[k], out_re, out_im);
    UNROLLED for (int i = 0; i < 4; i++) re[k + 4 * i] = out_re[i], im[k + 4 * i] = out_im[i];
  }
}

// Number k of the spectra of two series of real numbers, which are the parts of one of complex numbers.
typedef struct {
  lanes re, im, next_re, next_im;
} pair;

// Twice those, from the spectrum of the complex numbers.
INLINE pair split_pair(const lanes re[16], const lanes im[16], int k) {
  int opposite = (16 - k) % 16;
  return (pair){re[k] + re[opposite], im[k] - im[opposite], im[k] + im[opposite], re[opposite] - re[k]};
}

// The inverse, but for the factor: sets the spectrum at k and opposite to it.
INLINE void join_pair(pair p, int k, lanes re[16], lanes im[16]) {
  int opposite = (16 - k) % 16;
  re[opposite] = p.re + p.next_im;
  im[opposite] = p.next_re - p.im;
  re[k] = p.re - p.next_im;
  im[k] = p.im + p.next_re;
}

// Half the columns of a picture whose rows are transformed; the first and the last are real.
typedef struct {
  lanes re[HALF + 1][FOURIER_SIDE], im[HALF + 1][FOURIER_SIDE];
} half_spectrum;

// Large functions, called from several places.
#define CALLED WHOLE_REGISTERS __attribute__((noinline))

// Two rows of real numbers, as the parts of complex ones, of which each has half: both are changed.
static CALLED void transform_rows(lanes a[16], lanes b[16], int row, half_spectrum *s) {
  fourier16(a, b);
  UNROLLED for (int k = 0; k <= HALF; k++) {
    pair p = split_pair(a, b, k);
    s->re[k][row] = p.re;
    s->im[k][row] = p.im;
    s->re[k][row + 1] = p.next_re;
    s->im[k][row + 1] = p.next_im;
  }
}

INLINE void clear_rows(int first, half_spectrum *s) {
  for (int k = 0; k <= HALF; k++)
    for (int row = first; row < FOURIER_SIDE; row++) s->re[k][row] = s->im[k][row] = all(0);
}

INLINE size_t frequency(int column, int row) {
  return (size_t)(column == 0 ? row : column == HALF ? HALF + 1 + row : 2 + 16 * column + row);
}

// out[frequency pitch], and `part` after it the imaginary part.
static CALLED void transform_columns(const half_spectrum *s, float *out, size_t pitch, size_t part) {
  for (int k = 1; k < HALF; k++) {
    lanes re[16], im[16];
    UNROLLED for (int i = 0; i < 16; i++) re[i] = s->re[k][i], im[i] = s->im[k][i];
    fourier16(re, im);
    UNROLLED for (int i = 0; i < 16; i++) {
      float *place = out + frequency(k, i) * pitch;
      store(place, re[i]);
      store(place + part, im[i]);
    }
  }
  lanes a[16], b[16];
  UNROLLED for (int i = 0; i < 16; i++) a[i] = 0.5f * s->re[0][i], b[i] = 0.5f * s->re[HALF][i];
  fourier16(a, b);
  UNROLLED for (int i = 0; i <= HALF; i++) {
    pair p = split_pair(a, b, i);
    float *first = out + frequency(0, i) * pitch, *last = out + frequency(HALF, i) * pitch;
    store(first, p.re);
    store(first + part, p.im);
    store(last, p.next_re);
    store(last + part, p.next_im);
  }
}

// The inverses.
static CALLED void restore_columns(const float *in, size_t pitch, size_t part, half_spectrum *s) {
  for (int k = 1; k < HALF; k++) {
    lanes re[16], im[16];
    UNROLLED for (int i = 0; i < 16; i++) {
      const float *place = in + frequency(k, i) * pitch;
      re[i] = load(place);
      im[i] = load(place + part);
    }
    fourier16(im, re);
    UNROLLED for (int i = 0; i < 16; i++) s->re[k][i] = re[i], s->im[k][i] = im[i];
  }
  lanes a[16], b[16];
  UNROLLED for (int i = 0; i <= HALF; i++) {
    const float *first = in + frequency(0, i) * pitch, *last = in + frequency(HALF, i) * pitch;
    join_pair((pair){load(first), load(first + part), load(last), load(last + part)}, i, a, b);
  }
  fourier16(b, a);
  UNROLLED for (int i = 0; i < 16; i++) s->re[0][i] = a[i], s->re[HALF][i] = b[i];
}

static CALLED void restore_rows(const half_spectrum *s, int row, lanes a[16], lanes b[16]) {
  a[0] = s->re[0][row];
  b[0] = s->re[0][row + 1];
  a[HALF] = s->re[HALF][row];
  b[HALF] = s->re[HALF][row + 1];
  UNROLLED for (int k = 1; k < HALF; k++) {
    join_pair((pair){s->re[k][row], s->im[k][row], s->re[k][row + 1], s->im[k][row + 1]}, k, a, b);
  }
  fourier16(b, a);
}

// The frequencies of the sixteen 16x16 tiles whose rows are `line` numbers apart and begin `step` apart.
INLINE void fourier_input(const float *lines, size_t line, int step, float *out, size_t pitch, size_t part) {
  half_spectrum s;
  for (int i = 0; i < FOURIER_SIDE; i += 2) {
    lanes rows[2][16];
    for (int n = 0; n < 2; n++) {
      UNROLLED for (int t = 0; t < 16; t++) rows[n][t] = load(lines + (size_t)(i + n) * line + t * step);
      transpose(rows[n]);
    }
    transform_rows(rows[0], rows[1], i, &s);
  }
  transform_columns(&s, out, pitch, part);
}

// rows[i row + 10 t + j] = pixel (i, j) of the sixteen tiles; the six numbers that follow are overwritten.
INLINE void fourier_output(const float *in, size_t pitch, size_t part, float *rows, size_t row) {
  half_spectrum s;
  restore_columns(in, pitch, part, &s);
  for (int i = 0; i < FOURIER_TILE; i += 2) {
    lanes pixels[2][16];
    restore_rows(&s, i, pixels[0], pixels[1]);
    for (int n = 0; n < 2; n++) {
      transpose(pixels[n]);
      UNROLLED for (int t = 0; t < 16; t++)
        store(rows + (size_t)(i + n) * row + FOURIER_TILE * t, pixels[n][t]);
    }
  }
}
