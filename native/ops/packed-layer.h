// What computes layers that are trained on bit-packed spikes on a device; what they are stands in packed-training.cpp.
#pragma once

#include <ATen/ATen.h>

#include "kernels/surrogate.h"
#include "temporal-norm.h"

namespace snnseg {

/// A convolution of spikes or images. Zero padding keeps the size.
struct PackedInput {
  at::Tensor input;   // words [T*N, H, W, words]; or float32 images [T, N, C, H, W], and [N, C, H, W] where they are the same at each step
  at::Tensor weight;  // float32 [O, C, K, K]
  int64_t steps;
  int64_t dilation = 1;
  int64_t poolStride = 0;  // of the 3x3 average pooling of spikes before the convolution; 0 is none
  at::Tensor packed = {};  // the weights as backward takes them again; whoever computes forward may leave them here

  bool spikes() const { return input.scalar_type() == at::kLong; }
  bool constant() const { return !spikes() && input.dim() == 4; }
  /// N.
  int64_t batch() const { return spikes() ? input.size(0) / steps : input.size(-4); }
  int64_t padding() const { return dilation * (weight.size(2) / 2); }
};

/// The neurons behind it, with batch norm through time or without.
struct PackedNeurons {
  at::Tensor thresholds;  // [O]
  at::Tensor gamma;       // [T, O], or undefined
  double leak;
  bool hardReset;
  Surrogate surrogate;
  bool training;
  double momentum = 0, eps = 0;
  Statistics statistics = {};  // forward leaves them here where there is a norm

  /// Undefined without a norm.
  AffineNorm affine() const { return statistics.mean.defined() ? affineForm(statistics, gamma) : AffineNorm(); }
};

/// Bits [T*N, H, W, words]; counts and excess [T] as those of lif_sequence.
struct PackedFired {
  at::Tensor bits, counts, excess;
};

/// Of spikes, bfloat16 [T, N, H, W, C], or of images, float32 in their shape; of the weight and of gamma, float32.
struct PackedGradients {
  at::Tensor input, weight, gamma;
};

struct PackedFunctions {
  /// The running statistics, [T, O], are updated in training; undefined without a norm.
  PackedFired (*forward)(PackedInput& input, PackedNeurons& neurons, at::Tensor runningMean, at::Tensor runningVar);
  /// From the gradient of spikes, bfloat16 [T, N, H, W, O], of which each timestep is contiguous; `g`, the same or contiguous memory of
  /// that shape, is written over.
  PackedGradients (*backward)(const PackedInput& input, const PackedNeurons& neurons, const at::Tensor& ofSpikes, at::Tensor g, bool ofInput);
  /// Of spikes, without neurons: float32 [T*N, O, H, W].
  at::Tensor (*currents)(PackedInput& input);
  /// From their gradient.
  PackedGradients (*currentsBackward)(const PackedInput& input, const at::Tensor& gradient);
  /// Spikes per neuron over all steps, [N, C, H, W] float32.
  at::Tensor (*sum)(const at::Tensor& bits, int64_t steps, int64_t channels);
};

}  // namespace snnseg
