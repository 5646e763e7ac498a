// Packed weights as tensors: an int64 tensor of one element over memory whose deleter frees them, so that scopes and
// dispose() free them as they free every tensor.
#pragma once

#include <ATen/ATen.h>

#include "kernels/snn.h"

namespace snnseg {

struct PackedWeights {
  int64_t outputs;  // what the tensor shows
  snn_geometry geometry;
  snn_purpose purpose;
  snn_conv* conv;
};

/// @param weight float32 [O, C, K, K]; turned: [C, O, K, K] of the convolution whose input gradient this one is. Throws where the
/// geometry is impossible or a weight is not finite
at::Tensor packWeights(const snn_geometry& geometry, const at::Tensor& weight, snn_purpose purpose, bool turned = false);
/// Throws on any other tensor.
const PackedWeights& packedWeightsOf(const at::Tensor& handle);

}  // namespace snnseg
