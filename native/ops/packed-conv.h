// The convolution of a layer that is trained on bit-packed spikes, on the CPU: currents, weight gradient and input gradient.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "packed-layer.h"

namespace snnseg {

/// Values of a bfloat16 tensor.
inline uint16_t* halves(const at::Tensor& x) { return reinterpret_cast<uint16_t*>(x.data_ptr<at::BFloat16>()); }

/// Packs the weights that spikes are convolved with; images take them as they are.
void packWeightsOf(PackedInput& layer);

/// float32 [frames, H', W', O]; where tiles compute them from spikes also, if wanted, their
/// sums and sums of squares over the pixels, [T, 2, O].
at::Tensor currentsOf(const PackedInput& layer, std::vector<double>* moments = nullptr);
/// float32 [O, C, K, K] from the currents' gradient, bfloat16 [frames, H', W', O].
at::Tensor weightGradient(const PackedInput& layer, const at::Tensor& gradient);
/// The gradient of spikes, bfloat16 [T, N, H, W, C].
at::Tensor spikeGradient(const PackedInput& layer, const at::Tensor& gradient);
/// The gradient of images, float32 in their shape.
at::Tensor imageGradient(const PackedInput& layer, const at::Tensor& gradient);

}  // namespace snnseg
