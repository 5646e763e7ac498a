// Neurons that send integers, as operators take them: how many levels, what a spike is worth, and thresholds by channel.
#pragma once

#include <ATen/ATen.h>

#include <cmath>

#include "checks.h"
#include "kernels/kernels.h"

namespace snnseg {

/// The largest D whose integers a byte holds with room for the sums of a pooling window.
constexpr int64_t mostLevels = sparse::largestInteger;

/// Worth of one spike; 0 is the threshold.
inline void checkAmplitude(double amplitude) {
  TORCH_CHECK(amplitude >= 0 && std::isfinite(static_cast<float>(amplitude)),
              "amplitude: expected 0 (the threshold) or a float32 above it, received ", amplitude);
}

/// One value, [C] or [C, 1, 1], above 0.
inline void checkChannelThreshold(const at::Tensor& threshold, int64_t channels, c10::Device device = at::kCPU) {
  checkPlain(threshold, at::kFloat, "threshold", device);
  TORCH_CHECK(threshold.numel() == 1 || threshold.sizes() == at::IntArrayRef({channels}) || threshold.sizes() == at::IntArrayRef({channels, 1, 1}),
              "threshold: expected one value or [", channels, "], received ", threshold.sizes());
  TORCH_CHECK(!isReadHere(threshold) || threshold.gt(0).all().item<bool>(), "threshold: expected values above 0");
}

/// Such a threshold as [C].
inline at::Tensor perChannel(const at::Tensor& threshold, int64_t channels) { return threshold.reshape({-1}).expand({channels}).contiguous(); }

/// The gradient of such a threshold from its sums by channel, float64 [C].
inline at::Tensor ofChannels(const at::Tensor& sums, const at::Tensor& threshold) {
  return (threshold.numel() == 1 ? sums.sum() : sums).to(at::kFloat).reshape(threshold.sizes()).clone();
}

}  // namespace snnseg
