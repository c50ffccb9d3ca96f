#pragma once
#include <stddef.h>

// How a channel is read: x becomes r((x - centre) factor + offset), where r multiplies what is not
// positive by the slope (0 ... 1; 1: the identity).
typedef struct {
  float centre, factor, offset, slope;
} pi_reading;

// y = x as it is read.
void pi_read(const float *x, pi_reading how, float *y, size_t count);
// dx = (adds: +=) the gradient of x from that of what was read; to sums[0] and sums[1] are added the
// gradients of offset and factor.
void pi_read_pullback(const float *x, pi_reading how, const float *dy, int adds, float *dx,
                      size_t count, double sums[2]);

// A branch of a join: planes [height, width], read and enlarged by a factor of 1 or 2.
typedef struct {
  int height, width, factor;
  int bilinear;  // else nearest
} pi_branch;

// Numbers of scratch memory that either pass needs.
size_t pi_branch_scratch(const pi_branch *b);
// y = the enlarged plane; moments[0] and [1] receive its mean and variance.
void pi_join(const pi_branch *b, const float *x, pi_reading how, float *y, float *scratch,
             double moments[2]);
// As pi_read_pullback, through the enlargement.
void pi_join_pullback(const pi_branch *b, const float *x, pi_reading how, const float *dy, int adds,
                      float *dx, float *scratch, double sums[2]);
