/* Sparse and low-precision kernels for spiking convolutions: their interface, which knows nothing of libtorch.
 *
 * Layouts (C order, little endian):
 *   spike map   uint64_t [frames, H, W, words], words = ceil(C / 64); bit c % 64 of word c / 64 is channel c, unused
 *               bits are zero. frames = T * N with time first, so frame = t * N + n.
 *   byte map    int8_t  [frames, H, W, C]: small signed integers, for the (ternary) input layer.
 *   currents    float or half [frames, H', W', O].
 * Every pointer is the caller's; nothing is kept after a call except the packed weights of snn_conv.
 * What cannot be computed throws std::runtime_error, which says why; memory that is not there std::bad_alloc.
 * Calls with the same arguments give the same bits, whatever the number of threads.
 * Design, error bounds and measurements: docs/design/sparse-kernels.md.
 */
#ifndef SNNSEG_SPARSE_SNN_H
#define SNNSEG_SPARSE_SNN_H

#include <stddef.h>
#include <stdint.h>

/* Packed weights and work space come from here, instead of the C library, if this is called before anything is made. `take` gives a
 * multiple of 64 bytes aligned to 64, or null; `give` takes it back. Any thread calls them. */
void snn_use_memory(void* (*take)(size_t bytes), void (*give)(void* memory));

/* How a convolution is computed. Every processor runs every form; which is fastest, snn_plan says. */
typedef enum {
  SNN_FORM_GATHER_FP32 = 1, /* fp32 weight rows of the set bits are added */
  SNN_FORM_GATHER14 = 2,    /* the same with 14-bit weights (|q| <= 8128) in int16 lanes, int32 totals; sums are exact */
  SNN_FORM_DENSE16 = 3,     /* lines by tiles of weights: 16 bits (|q| <= 32639) as two int8 digits; sums are exact */
  SNN_FORM_DENSE8 = 4,      /* 8-bit weights (|q| <= 127); sums are exact */
  SNN_FORM_DENSE_BF16 = 5,  /* bf16 weights and inputs, fp32 sums; with bf16 input only */
  SNN_FORM_DENSE14 = 6,     /* the weights of SNN_FORM_GATHER14 as two digits, and so the same sums */
  SNN_FORM_EITHER14 = 7,    /* one of these two at each call, by the share of set bits; pooled bits only */
  SNN_FORM_WINOGRAD = 8,    /* fp32 weights, fp32 sums, by Winograd's F(2x2, 3x3); bf16 input, kernel 3, stride 1, padding = dilation,
                               at most 1024 input channels; currents only, without moments; transformed inputs and weights are
                               rounded to bf16 where its pairs are multiplied fastest */
  SNN_FORM_GATHER15 = 9     /* as SNN_FORM_GATHER14 with 15-bit weights (|q| <= 16383) */
} snn_form;

/* What a convolution is for. */
typedef enum {
  SNN_EXACT = 0,  /* fp32 weights; sums differ from a plain loop's in their order only */
  SNN_FAST = 1,   /* weights of 14 bits or more */
  SNN_INT8 = 2,   /* weights of 8 bits or more */
  SNN_TRAIN = 3   /* currents of training: weights of 15 bits or more */
} snn_purpose;

/* SNN_INPUT_BF16: uint16_t [frames, H, W, C], for gradients: the input gradient of a convolution of stride 1 is a
 * convolution with weights [C, O, K, K] turned by 180 degrees and padding dilation * (K - 1) - padding. */
typedef enum { SNN_INPUT_BITS = 0, SNN_INPUT_BYTES = 1, SNN_INPUT_BF16 = 2 } snn_input;

/* The geometry of one layer: [avgpool 3x3, stride pool_stride, padding 1 ->] conv kernel x kernel. */
typedef struct {
  int64_t in_channels, out_channels;
  int64_t height, width;   /* of the spike map as stored, before pooling */
  int64_t kernel, stride, padding, dilation;
  int64_t pool_stride;     /* 0: no pooling; else 3x3 average pooling (padding counted) comes first; bits only */
  snn_input input;
} snn_geometry;

/* Leaky integrate-and-fire dynamics:
 *   u[t] = leak * v[t-1] + scale[t] * conv(s[t]) + shift[t];  s = [u > threshold];  v = u - threshold * s (hard: u * (1 - s))
 * scale and shift are batch norm folded per step and channel, [T, O]; null means 1 and 0. */
typedef struct {
  const float* scale;
  const float* shift;
  const float* threshold; /* [O] */
  float leak;
  int hard_reset;
  float* membrane; /* null: start from 0; else v, [N, H', W', O], read before the first step and written after the last */
} snn_lif;

typedef struct snn_conv snn_conv;

/* The form that serves a layer best with the instruction set in use, and why (a sentence that lives forever; may be null). For bf16
 * input SNN_FORM_DENSE_BF16 or SNN_FORM_WINOGRAD. */
snn_form snn_plan(const snn_geometry* geometry, snn_purpose purpose, const char** reason);

/* Packs weights, [O, C, K, K] float, all finite; zeros where they are null. */
snn_conv* snn_conv_create(const snn_geometry* geometry, const float* weight, snn_form form);
/* Replaces the weights, [O, C, K, K] float; turned: by those of the convolution whose input gradient this one is, [C, O, K, K],
 * kernels turned by 180 degrees. */
void snn_conv_pack(snn_conv* conv, const float* weight, int turned, int threads);
void snn_conv_destroy(snn_conv* conv);
snn_form snn_conv_form(const snn_conv* conv);
int64_t snn_conv_out_height(const snn_conv* conv);
int64_t snn_conv_out_width(const snn_conv* conv);
int64_t snn_conv_weight_bytes(const snn_conv* conv);
/* Largest |w - w'| of a channel's weights w as packed (w'), [O]; 0 for fp32. */
void snn_conv_weight_error(const snn_conv* conv, float* error);

/* The instruction set in use: "portable", "neon", "avx2", "avx512", "avx512-vnni" or "amx". */
const char* snn_isa(void);
/* What is wrong with the environment's SNNSEG_ISA, or null. */
const char* snn_isa_error(void);
/* Every instruction set, lowest first: the name of number `level` from 0 on, null beyond the last; and whether this processor has it. */
const char* snn_isa_level(int level);
int snn_isa_available(int level);

/* Convolution and LIF over all steps, bits to bits; the membrane stays in cache.
 * out: spike map [T*N, H', W', words(O)]. spikes_per_step: [T], the number of spikes, or null. */
void snn_infer_layer(const snn_conv* conv, const void* input, int64_t steps, int64_t batch, const snn_lif* lif,
                     uint64_t* out, int64_t* spikes_per_step, int threads);

/* Convolution only: currents, float [frames, H', W', O]; and, unless null, their sums and sums of squares over the pixels of
 * each frame, double [frames, 2, O], which only dense forms gather. */
void snn_conv_forward(const snn_conv* conv, const void* input, int64_t frames, float* out, double* moments, int threads);
/* The same rounded to bf16; dense forms only. */
void snn_conv_forward_bf16(const snn_conv* conv, const void* input, int64_t frames, uint16_t* out, int threads);

/* Weight gradient of a convolution of stride 1 whose padding keeps the size: result, float [O, C, K, K], from its input (bits
 * or bf16, pooled as the geometry says) and the gradient of its output, bf16 [frames, H', W', O]. Sums in fp32. */
void snn_weight_gradient(const snn_geometry* geometry, const void* input, const uint16_t* gradient, int64_t frames, float* result,
                         int threads);

/* float [frames, C, H, W] (channels_last = 0) or [frames, H, W, C] to bits: set where the value is not 0. Returns the
 * number of set bits, or -1 if a value is neither 0 nor 1. */
int64_t snn_pack_bits(const float* values, int64_t frames, int64_t channels, int64_t height, int64_t width,
                      int channels_last, uint64_t* bits, int threads);
void snn_unpack_bits(const uint64_t* bits, int64_t frames, int64_t channels, int64_t height, int64_t width,
                     int channels_last, float* values, int threads);
/* float [frames, C, H, W] to a byte map. Returns 0 if a value is not an integer in [-127, 127]. */
int snn_pack_bytes(const float* values, int64_t frames, int64_t channels, int64_t height, int64_t width, int8_t* bytes,
                   int threads);
/* Spikes per neuron over all steps, float [N, C, H, W]: a linear output layer needs no more, since
 * sum_t conv(s[t]) = conv(sum_t s[t]). */
void snn_sum_steps(const uint64_t* bits, int64_t steps, int64_t batch, int64_t channels, int64_t height, int64_t width,
                   float* sums, int threads);

#endif
