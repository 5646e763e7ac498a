// What computes snnseg::integer_sequence on a device. Currents and gradients are [T, N, C, H, W] in channels-last memory; what
// they mean stands in integer-sequence.cpp.
#pragma once

#include <ATen/ATen.h>

#include <utility>

namespace snnseg {

struct IntegerDynamics {
  float leak, levels;
  float amplitude;  // of one spike; 0 is the threshold
};

struct IntegerForward {
  at::Tensor spikes, membrane, counts, excess;
  at::Tensor kept;  // for backward: u/threshold where the threshold is learnt, else one byte that says whether it lies within [0, D]
};

struct IntegerFunctions {
  IntegerForward (*forward)(const at::Tensor& current, const at::Tensor& threshold, const at::Tensor& initial,
                            const IntegerDynamics& dynamics, bool learnt);
  /// Gradients of the current and, where it is learnt, of the threshold.
  std::pair<at::Tensor, at::Tensor> (*backward)(const at::Tensor& gradSpikes, const at::Tensor& kept, const at::Tensor& threshold,
                                                const IntegerDynamics& dynamics);
};

}  // namespace snnseg
