// What computes snnseg::lif_sequence on a device. Currents and gradients are [T, N, C, H, W] in channels-last memory; what they
// mean stands in lif-sequence.cpp.
#pragma once

#include <ATen/ATen.h>

#include <tuple>

#include "kernels/surrogate.h"
#include "temporal-norm.h"

namespace snnseg {

struct LifDynamics {
  float leak;
  at::Tensor learntLeak;   // [1] on a GPU, which is not waited for; else undefined
  float inverseImbalance;  // 1 / alpha, or 0
  bool hardReset;
  Surrogate surrogate;
  int64_t normalizedSteps;
};

struct LifForward {
  at::Tensor spikes, membrane, counts, excess;
  Statistics statistics;
};

struct LifFunctions {
  LifForward (*forward)(const at::Tensor& current, const at::Tensor& gamma, at::Tensor runningMean, at::Tensor runningVar,
                        const at::Tensor& threshold, const at::Tensor& initial, bool training, double momentum, double eps,
                        const LifDynamics& dynamics);
  /// Gradients of the current, and of gamma and the leak where they are learnt.
  std::tuple<at::Tensor, at::Tensor, at::Tensor> (*backward)(const at::Tensor& gradSpikes, const at::Tensor& current, const at::Tensor& gamma,
                                                             const at::Tensor& threshold, const at::Tensor& initial,
                                                             const Statistics& statistics, bool training, bool learnsLeak,
                                                             const LifDynamics& dynamics);
};

/// Thresholds in channels-last order: [1, C] for all pixels, or [H*W, C] with one for each neuron.
at::Tensor thresholdRows(const at::Tensor& threshold, at::IntArrayRef neurons);

}  // namespace snnseg
