#pragma once
#include <stddef.h>

// The filter [3 10 3] / 16 both ways over one plane whose outermost pixels are repeated: its own adjoint. What
// enlarging by two, bilinearly, makes of a plane has the mean of the plane, and for its variance the squares
// become products with the plane filtered.
typedef struct {
  int height, width;
} pi_smoothing;

// Numbers of scratch memory that either function needs.
size_t pi_smoothing_scratch(pi_smoothing s);
// y = (adds: +=) scale * x filtered + shift.
void pi_smooth(pi_smoothing s, const float *x, float scale, float shift, int adds, float *y,
               float *scratch);
// sum of d times d filtered, with d = x - mean, accumulated in double by rows.
double pi_smoothed_squares(pi_smoothing s, const float *x, float mean, float *scratch);

// By how much the pixels just outside one edge of the enlarged plane [2 height, 2 width] differ between
// reflection and repetition: along the edge, factor / 4 times the differences of the two outermost lines of
// the small plane, enlarged to `2 count` numbers.
typedef struct {
  size_t count;         // pixels along the edge of the small plane
  size_t outer, inner;  // where the outermost line and its neighbour begin
  size_t step;          // between their pixels
} pi_edge;

// scratch holds count numbers; both need count > 0.
void pi_edge_line(pi_edge e, const float *x, float factor, float *line, float *scratch);
// dx (may be NULL) += the gradient of x from that of the line; returns that of the factor. scratch holds
// 2 count numbers.
double pi_edge_line_pullback(pi_edge e, const float *x, float factor, const float *dline,
                             float *dx, float *scratch);
