// The convolution of a layer that is trained on bit-packed spikes: currents, weight gradient and input gradient.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace snnseg {

/// Values of a bfloat16 tensor.
inline uint16_t* halves(const at::Tensor& x) { return reinterpret_cast<uint16_t*>(x.data_ptr<at::BFloat16>()); }

/// Zero padding keeps the size.
struct ConvShape {
  int64_t dilation = 1;
  int64_t poolStride = 0;   // of the 3x3 average pooling before the convolution; 0 is none
};

class PackedConv {
 public:
  /// `input`: words [T*N, H, W, words]; or float32 images [T, N, C, H, W], and [N, C, H, W] where they are the same at each step.
  /// `packed`: what packed() gave for the same weights; they are packed where it is undefined.
  PackedConv(const at::Tensor& input, const at::Tensor& weight, int64_t steps, const ConvShape& shape = {}, const at::Tensor& packed = {});

  bool constant() const { return constant_; }
  int64_t batch() const { return input_.size(0) / (constant_ ? 1 : steps_); }
  /// Undefined for images.
  const at::Tensor& packed() const { return packed_; }

  /// float32 [frames, H', W', O]; where tiles compute them from spikes also, if wanted, their
  /// sums and sums of squares over the pixels, [T, 2, O].
  at::Tensor currents(std::vector<double>* moments = nullptr) const;
  /// float32 [O, C, K, K] from the currents' gradient, bfloat16 [frames, H', W', O].
  at::Tensor weightGradient(const at::Tensor& gradient) const;
  /// The spikes' gradient, bfloat16 [T, N, H, W, C].
  at::Tensor inputGradient(const at::Tensor& gradient) const;

 private:
  int64_t padding() const { return shape_.dilation * (weight_.size(2) / 2); }

  at::Tensor input_, weight_, packed_;
  int64_t steps_;
  ConvShape shape_;
  bool spikes_, constant_;
};

}  // namespace snnseg
