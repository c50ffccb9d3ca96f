#pragma once
#include <stddef.h>

// Kernels over count numbers. Outputs do not overlap inputs unless stated.

// y += x.
void pi_add_to(const float *x, float *y, size_t count);
// z = x + y; z may be x or y.
void pi_add(const float *x, const float *y, float *z, size_t count);
// z = x * y; z may be x or y.
void pi_multiply(const float *x, const float *y, float *z, size_t count);
// y = scale * x + shift; y may be x.
void pi_scale(const float *x, float scale, float shift, float *y, size_t count);
// sum of x * y, accumulated in double over blocks of 1024.
double pi_dot(const float *x, const float *y, size_t count);
// sum of x, accumulated in double over blocks of 1024.
double pi_sum(const float *x, size_t count);

// sum of (x - mean)^2, accumulated as the other sums.
double pi_sum_of_squares(const float *x, float mean, size_t count);
// sum of x (y - mean), and of (x - y)^2, accumulated as the other sums.
double pi_dot_centred(const float *x, const float *y, float mean, size_t count);
double pi_sum_of_squared_differences(const float *x, const float *y, size_t count);
// sum of |x - y|, or with smooth of d^2 / 2 where |d| < 1 and |d| - 1/2 elsewhere, d = x - y; and
// dx (=) factor times its derivative by x.
double pi_absolute_error(const float *x, const float *y, int smooth, size_t count);
void pi_absolute_error_gradient(const float *x, const float *y, int smooth, float factor, float *dx,
                                size_t count);
// z = a x + b y + c; z may be x or y.
void pi_combine(const float *x, float a, const float *y, float b, float c, float *z, size_t count);

// y = x > 0 ? x : slope * x; y may be x.
void pi_leaky_relu(const float *x, float slope, float *y, size_t count);
// dx = y > 0 ? dy : slope * dy, with y the output (slope >= 0); dx may be dy.
void pi_leaky_relu_pullback(const float *y, const float *dy, float slope, float *dx, size_t count);

// y = x, but at least low and at most high (NaN stays); y may be x.
void pi_clip(const float *x, float low, float high, float *y, size_t count);
// dx = dy where low <= x <= high, else 0; dx may be dy.
void pi_clip_pullback(const float *x, float low, float high, const float *dy, float *dx, size_t count);

// One step of Adam (Kingma, Ba, ICLR 2015), as PyTorch's: w, m and v are updated in place.
// blend1 = 1 - beta1, keep2 = beta2, blend2 = 1 - beta2, step_size = rate / (1 - beta1^t),
// correction = 1 / sqrt(1 - beta2^t).
void pi_adam(float *w, const float *gradient, float *m, float *v, size_t count, float blend1,
             float keep2, float blend2, float step_size, float correction, float epsilon);

// One step of Mahendran and Vedaldi's descent: s = keep s + g^2, v = keep v - g / (damping + sqrt(s)),
// w += v.
void pi_preimage_step(float *w, const float *gradient, float *v, float *s, size_t count, float keep,
                      float damping);
// Scales the vectors x[0], x[plane], ... of positions 0 ..< count to a length of at most radius.
void pi_project(float *x, size_t plane, int channels, size_t count, float radius);
