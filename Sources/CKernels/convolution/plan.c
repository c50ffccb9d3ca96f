// Chooses how a convolution is computed, once, from its shape; and the instruction set, from the processor.
#define PRODUCT_ROWS 2
#define PRODUCT_STEPS 1
#include "algorithm.h"
#include "col2im.h"
#include "tiled_weights.h"
#include "instruction_sets.h"

// The whole tiles of the phases of a picture.
static int phase_tiles(int height, int width, int kernel) {
  int tile = kernel == 3 ? 5 : kernel == 5 ? 4 : 3;
  return (height / 2 / tile) * (width / 2 / tile);
}

enum {
  FEWEST_ENLARGED_TILES = 40,
  FEWEST_ENLARGED_TILES_3X3 = 500,
  MOST_PACKED_WEIGHTS = 16 << 20,  // numbers, of phases and frequencies
};

int pi_convolution_enlarges(const pi_convolution *g) {
  int kernel = g->kernel_height, padding = (kernel - 1) / 2;
  if ((kernel != 3 && kernel != 5 && kernel != 7) || g->kernel_width != kernel || g->stride != 1 ||
      g->groups != 1 || g->padding_height != padding || g->padding_width != padding ||
      g->height % 2 != 0 || g->width % 2 != 0)
    return 0;
  // What is enlarged reads outside as small pictures do, and folds in tiles; so do phases beside it.
  if (g->plain < g->channels && g->border != pi_border_zero &&
      (kernel != 3 || !folds_in_tiles(g) || (g->plain > 0 && g->border == pi_border_replication)))
    return 0;
  // Four times as many kernels are transformed, which few tiles do not repay; 3x3 gains least.
  int tiles = phase_tiles(g->height, g->width, kernel);
  size_t ins = (size_t)(g->channels + 3 * g->plain), outs = 4 * (size_t)g->out_channels;
  if (ins * outs * POINTS > MOST_PACKED_WEIGHTS) return 1;
  return tiles >= (kernel == 3 ? FEWEST_ENLARGED_TILES_3X3 : FEWEST_ENLARGED_TILES) ? 2 : 1;
}

enum {
  FEWEST_TILES = 33,
  FEWEST_FOURIER_TILES = 25,
  FEWEST_CHANNELS = 16,
  MOST_KERNELS_5X5 = 512,  // pairs of channels between phases
};

static size_t tiles_of(const pi_convolution *g, int tile) {
  return divide_up((size_t)g->out_height, (size_t)tile) * divide_up((size_t)g->out_width, (size_t)tile);
}

// A frequency has four numbers of weights, which few tiles do not repay.
static int suits_fourier(const pi_convolution *g) {
  size_t ins = (size_t)(g->channels / g->groups), outs = (size_t)(g->out_channels / g->groups);
  return tile_side(g) == FOURIER_SIDE && g->kernel_width == g->kernel_height &&
         g->padding_height < g->kernel_height && g->padding_width < g->kernel_width &&
         ins >= FEWEST_CHANNELS && outs >= FEWEST_CHANNELS &&
         4 * ins * outs * FREQUENCIES <= MOST_PACKED_WEIGHTS &&
         tiles_of(g, FOURIER_TILE) >= FEWEST_FOURIER_TILES;
}

// A 7x7 kernel has too many points for one Winograd tile; between phases it has 4x4 taps. 5x5 taps fit, but
// between phases tiles are larger: few channels gain, whose transforms are most of the work.
static int suits_phases(const pi_convolution *g) {
  pi_convolution phases = *g;
  phases.enlarges = 1;
  phases.plain = g->channels;
  int is_small = g->channels * g->out_channels <= MOST_KERNELS_5X5 &&
                 (g->channels >= PI_PANEL || g->out_channels < FEWEST_CHANNELS);
  return (g->kernel_height == 7 || (g->kernel_height == 5 && is_small)) &&
         pi_convolution_enlarges(&phases) == 2;
}

enum {
  FEWEST_STRIDED_TILES = 16,
  FEWEST_STRIDED_TILES_FORWARD = 30,
  // A 3x3 kernel gains least.
  FEWEST_STRIDED_TILES_3X3 = 40,
  FEWEST_STRIDED_TILES_3X3_FORWARD = 140,
  FEWEST_STRIDED_OUTS_3X3_FORWARD = 128,
  FEWEST_STRIDED_TILES_3X3_WEIGHTS = 140,
  FEWEST_STRIDED_TILES_OF_FEW_INS = 300,
};

// A stride of 2 where the phases of the input are as large as the output. All phases of the input are
// transformed, which many outputs repay, and in the weights pass, where the gradient is transformed for each
// phase, many inputs.
static int suits_strided(const pi_convolution *g, pi_pass pass) {
  int kernel = g->kernel_height, padding = (kernel - 1) / 2;
  if (g->stride != 2 || (kernel != 3 && kernel != 5 && kernel != 7) || g->kernel_width != kernel ||
      g->padding_height != padding || g->padding_width != padding || g->groups != 1 ||
      g->channels % PI_PANEL != 0 || g->height % 2 != 0 || g->width % 2 != 0 ||
      (size_t)g->channels * 4 * (size_t)g->out_channels * POINTS > MOST_PACKED_WEIGHTS)
    return 0;
  int tiles = phase_tiles(g->height, g->width, kernel);
  int is_forward = pass == pi_pass_forward;
  if (kernel > 3) return tiles >= (is_forward ? FEWEST_STRIDED_TILES_FORWARD : FEWEST_STRIDED_TILES);
  if (pass == pi_pass_data) return tiles >= FEWEST_STRIDED_TILES_3X3;
  if (is_forward)
    return tiles >= FEWEST_STRIDED_TILES_3X3_FORWARD &&
           g->out_channels >= FEWEST_STRIDED_OUTS_3X3_FORWARD;
  return tiles >= (g->channels < FEWEST_PIXELWISE ? FEWEST_STRIDED_TILES_OF_FEW_INS
                                                  : FEWEST_STRIDED_TILES_3X3_WEIGHTS);
}

static algorithm choose(const pi_convolution *g, pi_pass pass) {
  if (g->enlarges) return algorithm_tiles;
  int ins = g->channels / g->groups, outs = g->out_channels / g->groups;
  int kernel = g->kernel_height, tile = WINOGRAD_SIDE + 1 - kernel;
  // With few channels the transforms cost more than the products saved; with few tiles, the weights'.
  int suits_winograd = (kernel == 3 || kernel == 5) && g->kernel_width == kernel && g->stride == 1 &&
                       g->padding_height < kernel && g->padding_width < kernel &&
                       ins >= FEWEST_CHANNELS && outs >= FEWEST_CHANNELS &&
                       tiles_of(g, tile) >= FEWEST_TILES;
  if (suits_fourier(g)) return algorithm_tiles;
  if (suits_phases(g)) return algorithm_phases;
  if (suits_strided(g, pass)) return algorithm_tiles;
  if (suits_winograd) return algorithm_tiles;
  if (pass != pi_pass_data) return algorithm_panels;
  if (suits_col2im(g)) return algorithm_col2im;
  // The phases of the strides must not mix, and what reads from outside is listed in fixed room.
  int mixes = (g->border == pi_border_replication && g->stride > 1) ||
              (g->border == pi_border_reflection && g->stride > 2) ||
              (g->border != pi_border_zero &&
               (g->padding_height > MOST_PADDING || g->padding_width > MOST_PADDING));
  return mixes ? algorithm_direct : algorithm_panels;
}

static void plan_tiled(pi_convolution_plan *plan) {
  const pi_convolution *g = &plan->geometry;
  pi_tensors none = {0};
  tiled w = make_tiled(g, plan->pass, &none, 0);
  size_t groups = (size_t)g->groups, blocks = tiled_blocks(&w);
  if (plan->pass == pi_pass_weights) {
    size_t parts = weight_parts(&w);
    plan->pieces[0] = groups * parts;
    plan->pieces[1] = groups * divide_up((size_t)(g->channels / g->groups), FINISHED_CHANNELS);
    plan->pieces[2] = 1;
    plan->shared = groups * parts * (weight_sums(&w) + lanes_of(w.dy.count));
    plan->scratch = tiled_weights_scratch(&w);
  } else {
    int ins = pass_input(&w)->count, outs = pass_output(&w)->count;
    int channels = plan->pass == pi_pass_forward ? g->out_channels : g->channels;
    plan->pieces[0] = groups * tiled_panels(&w, outs);
    plan->pieces[1] = groups * blocks;
    plan->pieces[2] = divide_up((size_t)channels, COMBINED_CHANNELS);
    plan->shared = groups * packed_weights(w.side, ins, outs) + tiled_sums(&w, outs);
    if (has_margins(w.margins)) {
      plan->pieces[2] = (size_t)channels;
      plan->shared += (size_t)channels * wide_plane(g, w.margins);
    }
    plan->scratch = tiled_scratch(w.side, ins);
  }
}

static void plan_panels(pi_convolution_plan *plan) {
  const pi_convolution *g = &plan->geometry;
  pi_tensors none = {0};
  panel_pass p = panel_forward(g, &none);
  size_t groups = (size_t)g->groups, blocks = grid_blocks(p.rows, p.columns);
  int taps = panel_taps(&p);
  if (plan->pass == pi_pass_weights) {
    size_t parts = parts_of(blocks);
    plan->pieces[0] = groups * parts;
    plan->pieces[1] = groups * divide_up(panel_rows(&p), FINISHED_ROWS);
    plan->pieces[2] = 1;
    plan->shared = groups * parts * (panel_weight_sums(&p) + lanes_of(p.outs));
    plan->scratch = turned_gradient(p.outs) + panel_size(taps) + few_products(&p);
  } else if (plan->pass == pi_pass_forward) {
    size_t panels = divide_up((size_t)p.outs, PI_PANEL);
    plan->pieces[0] = groups * panels;
    plan->pieces[1] = groups * blocks;
    plan->pieces[2] = divide_up((size_t)g->out_channels, COMBINED_CHANNELS);
    plan->shared = groups * panels * packed_panel(&p) + blocks * (size_t)g->out_channels * SUMS;
    plan->scratch = panel_outputs(p.outs) + panel_size(taps);
  } else {
    blocks = data_blocks(g);
    plan->pieces[0] = groups * divide_up((size_t)p.ins, PI_PANEL);
    plan->pieces[1] = groups * blocks;
    plan->pieces[2] = divide_up((size_t)g->channels, COMBINED_CHANNELS);
    plan->shared = groups * packed_data(g) + blocks * (size_t)g->channels * SUMS;
    plan->scratch = (size_t)g->stride * panel_outputs(p.ins) + panel_size(taps);
  }
}

static void plan_col2im(pi_convolution_plan *plan) {
  const pi_convolution *g = &plan->geometry;
  pi_tensors none = {0};
  panel_pass p = col2im_products(g, &none);
  size_t groups = (size_t)g->groups, panels = divide_up((size_t)p.outs, PI_PANEL), bands = bands_of(g);
  plan->pieces[0] = groups * panels;
  plan->pieces[1] = groups * bands;
  plan->pieces[2] = divide_up((size_t)g->channels, COMBINED_CHANNELS);
  plan->shared = groups * panels * packed_panel(&p) + bands * (size_t)g->channels * SUMS;
  plan->scratch = col2im_scratch(g, &p);
}

int pi_best_instruction_set(void) {
#if HAS_X86_VARIANTS
  return __builtin_cpu_supports("x86-64-v4") ? 2 : __builtin_cpu_supports("x86-64-v3") ? 1 : 0;
#else
  return 0;
#endif
}

pi_convolution_plan pi_plan_convolution(const pi_convolution *g, pi_pass pass) {
  pi_convolution_plan plan = {.geometry = *g,
                              .pass = pass,
                              .algorithm = choose(g, pass),
                              .instruction_set = pi_best_instruction_set()};
  switch ((algorithm)plan.algorithm) {
    case algorithm_phases:
      plan.geometry.enlarges = 1;
      plan.geometry.plain = g->channels;
      plan_tiled(&plan);
      break;
    case algorithm_tiles: plan_tiled(&plan); break;
    case algorithm_panels: plan_panels(&plan); break;
    case algorithm_col2im: plan_col2im(&plan); break;
    case algorithm_direct:
      plan.pieces[1] = (size_t)g->channels;
      plan.pieces[2] = divide_up((size_t)g->channels, COMBINED_CHANNELS);
      plan.shared = (size_t)g->channels * ((size_t)g->height * (size_t)g->width + SUMS);
      break;
  }
  return plan;
}

const char *pi_convolution_algorithm(const pi_convolution_plan *plan) {
  switch ((algorithm)plan->algorithm) {
    case algorithm_phases:
    case algorithm_tiles: {
      int kernel = plan->geometry.kernel_height;
      if (plan->geometry.enlarges || plan->geometry.stride == 2)
        return kernel == 3 ? "phases, Winograd F(5x5, 2x2)" : kernel == 5 ? "phases, Winograd F(4x4, 3x3)"
                                                                          : "phases, Winograd F(3x3, 4x4)";
      return kernel == 3 ? "Winograd F(4x4, 3x3)" : kernel == 5 ? "Winograd F(2x2, 5x5)" : "Fourier 16x16";
    }
    case algorithm_panels: return "panels";
    case algorithm_col2im: return "col2im";
    case algorithm_direct: return "direct";
  }
  return "";
}

void pi_run_convolution(const pi_convolution_plan *plan, int stage, size_t piece, const pi_tensors *t,
                        float *shared, float *scratch) {
  pi_tensors phases;
  if (plan->algorithm == algorithm_phases) {
    phases = *t;
    phases.plain = t->x.values;
    phases.dplain = t->dx;
    phases.adds_plain = t->adds;
    t = &phases;
  }
#if HAS_X86_VARIANTS
  static pi_run *const variants[] = {pi_run_convolution_base, pi_run_convolution_v3,
                                     pi_run_convolution_v4};
#else
  static pi_run *const variants[] = {pi_run_convolution_base};
#endif
  variants[plan->instruction_set](plan, stage, piece, t, shared, scratch);
}
