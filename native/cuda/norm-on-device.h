// Batch norm through time where the sums are on a device: as ops/temporal-norm.h, without waiting for them.
#pragma once

#include <ATen/ATen.h>

#include "norm-kernels.h"
#include "ops/temporal-norm.h"

namespace snnseg::cuda {

/// From z, float32 or bfloat16 [T, rows, C] in memory, or [rows, C] where it is the same at each timestep, in training; updates the
/// running ones, [T, C], in place.
Statistics batchStatisticsOf(const at::Tensor& z, const NormMap& map, double momentum, double eps, at::Tensor runningMean, at::Tensor runningVar);

/// The gradient `g` of z*scale + shift, [T, rows, C] in memory, becomes that of z, in place; returns gamma's, [T, C] float64.
at::Tensor normBackward(const NormMap& map, const at::Tensor& g, const at::Tensor& z, const Statistics& statistics, const at::Tensor& scale,
                        bool training);

inline const float* floats(const at::Tensor& x) { return x.defined() ? x.data_ptr<float>() : nullptr; }
inline Bf16* halves(const at::Tensor& x) { return reinterpret_cast<Bf16*>(x.data_ptr<at::BFloat16>()); }

/// Calls body with the values of z as the kernels take them.
template <class Body>
void withValues(const at::Tensor& z, const NormMap& map, const Body& body) {
  const int64_t step = map.rows * map.channels, stride = z.numel() > step ? step : 0;
  if (z.scalar_type() == at::kFloat) {
    body(Timed<float>{floats(z), stride});
  } else {
    body(Timed<Bf16>{halves(z), stride});
  }
}

/// To be written: float64.
inline at::Tensor partsFor(const at::Tensor& x, at::IntArrayRef sizes) {
  return at::empty(sizes, x.options().memory_format(c10::nullopt).dtype(at::kDouble));
}

}  // namespace snnseg::cuda
