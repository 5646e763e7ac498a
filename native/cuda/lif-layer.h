// A layer of LIF neurons as the kernels see it.
#pragma once

#include <ATen/ATen.h>

#include "lif-kernels.h"
#include "norm-on-device.h"
#include "ops/lif-sequence.h"

namespace snnseg::cuda {

/// With the tensors that it points into.
struct LifLayer {
  AffineNorm norm;
  at::Tensor thresholds, inverse;
  LifNeurons neurons;

  /// `thresholds`: as of thresholdRows; `neurons`: of all examples together.
  LifLayer(const at::Tensor& thresholds, const AffineNorm& norm, const LifDynamics& dynamics, int64_t steps, int64_t neurons, int64_t channels)
      : norm(norm),
        thresholds(thresholds),
        inverse(thresholds.reciprocal()),
        neurons{floats(thresholds), floats(inverse), floats(norm.scale), floats(norm.shift), dynamics.leak, floats(dynamics.learntLeak),
                dynamics.inverseImbalance, dynamics.hardReset, dynamics.surrogate, steps, dynamics.normalizedSteps, neurons, channels,
                thresholds.numel()} {}
};

}  // namespace snnseg::cuda
