// Batch norm through time where the sums are on a device: as ops/temporal-norm.h, without waiting for them.
#pragma once

#include <ATen/ATen.h>

#include "norm-kernels.h"
#include "ops/temporal-norm.h"

namespace snnseg::cuda {

/// From z, [T, rows, C] in memory, in training; updates the running ones, [T, C], in place.
Statistics batchStatisticsOf(const at::Tensor& z, const NormMap& map, double momentum, double eps, at::Tensor runningMean, at::Tensor runningVar);

inline const float* floats(const at::Tensor& x) { return x.defined() ? x.data_ptr<float>() : nullptr; }

/// To be written: float64.
inline at::Tensor partsFor(const at::Tensor& x, at::IntArrayRef sizes) {
  return at::empty(sizes, x.options().memory_format(c10::nullopt).dtype(at::kDouble));
}

}  // namespace snnseg::cuda
