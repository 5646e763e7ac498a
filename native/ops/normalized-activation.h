// What computes snnseg::normalized_activation on a device. Maps are [N, C, H, W] in channels-last memory; what the results mean
// stands in normalized-activation.cpp.
#pragma once

#include <ATen/ATen.h>

#include "temporal-norm.h"

namespace snnseg {

struct ActivationOptions {
  bool normalized, training;
  double momentum, eps;
  int64_t levels;
  double amplitude;  // 0 is the threshold

  bool scaled() const { return amplitude == 0; }
};

struct ActivationForward {
  at::Tensor y, count, excess;
  Statistics statistics;  // [1, C]
};

struct ActivationGradients {
  at::Tensor z, gamma, beta, threshold;
};

struct ActivationFunctions {
  ActivationForward (*forward)(const at::Tensor& z, const at::Tensor& gamma, const at::Tensor& beta, at::Tensor runningMean,
                               at::Tensor runningVar, const at::Tensor& threshold, const ActivationOptions& options);
  ActivationGradients (*backward)(const at::Tensor& gradient, const at::Tensor& z, const Statistics& statistics, const at::Tensor& gamma,
                                  const at::Tensor& beta, const at::Tensor& threshold, const ActivationOptions& options);
};

/// The norm as one multiplication and one addition, and thresholds and amplitudes by channel; what there is not is undefined.
struct ActivationAffine {
  AffineNorm norm;
  at::Tensor thresholds, amplitudes;

  ActivationAffine(const at::Tensor& z, const Statistics& statistics, const at::Tensor& gamma, const at::Tensor& beta,
                   const at::Tensor& threshold, const ActivationOptions& options);
};

}  // namespace snnseg
