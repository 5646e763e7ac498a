// Gradients of a convolution of stride 1 whose padding keeps the size, as same-conv.cpp computes them.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <utility>

namespace snnseg {

/// Gradients of x and weight, each where wanted (the third is ignored); by taps leaves out what reads only padding.
std::pair<at::Tensor, at::Tensor> convolveBackward(const at::Tensor& gy, const at::Tensor& x, const at::Tensor& weight, int64_t dilation,
                                                   bool byTaps, std::array<bool, 3> wanted);

}  // namespace snnseg
