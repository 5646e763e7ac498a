#include "packed-conv.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "packed-lif.h"
#include "packed-weights.h"
#include "spike-words.h"

namespace snnseg {
namespace {

at::Tensor nhwc(const at::Tensor& x) { return x.permute({0, 2, 3, 1}); }

}  // namespace

PackedConv::PackedConv(const at::Tensor& input, const at::Tensor& weight, int64_t steps, const ConvShape& shape, const at::Tensor& packed)
    : input_(input), weight_(weight.detach()), packed_(packed), steps_(steps), shape_(shape), spikes_(input.scalar_type() == at::kLong), constant_(!spikes_ && input.dim() == 4) {
  TORCH_CHECK(weight.size(2) % 2 == 1 && weight.size(2) <= 15, "weight: expected [O, C, K, K] with K odd and up to 15, received ",
              weight.sizes());
  const int64_t channels = weight.size(1), kernel = weight.size(2);
  if (!spikes_) {
    TORCH_CHECK(shape.poolStride == 0, "pool_stride: expected 0 for images, received ", shape.poolStride);
    if (!constant_) input_ = input.flatten(0, 1);
    return;
  }
  if (packed_.defined()) return;
  const snn_geometry geometry{channels, weight.size(0), input.size(1), input.size(2), kernel, 1, padding(), shape.dilation, shape.poolStride, SNN_INPUT_BITS};
  packed_ = packWeights(geometry, weight_, SNN_TRAIN);
}

at::Tensor PackedConv::currents(std::vector<double>* moments) const {
  if (!spikes_) {
    const at::Tensor last = input_.contiguous(at::MemoryFormat::ChannelsLast);
    return nhwc(at::conv2d(last, weight_, {}, {1, 1}, {padding(), padding()}, {shape_.dilation, shape_.dilation})).contiguous();
  }
  const snn_conv* conv = packedWeightsOf(packed_).conv;
  at::Tensor result = at::empty({input_.size(0), snn_conv_out_height(conv), snn_conv_out_width(conv), weight_.size(0)}, at::kFloat);
  const int64_t frames = input_.size(0), size = 2 * weight_.size(0);
  const bool gathers = moments && snn_conv_form(conv) == SNN_FORM_DENSE16;
  std::vector<double> ofFrames(static_cast<size_t>(gathers ? frames * size : 0));
  snn_conv_forward(conv, input_.data_ptr(), frames, result.data_ptr<float>(), gathers ? ofFrames.data() : nullptr,
                   at::get_num_threads());
  if (gathers) {
    moments->assign(static_cast<size_t>(steps_ * size), 0.0);
    for (int64_t i = 0; i < frames * size; i++) (*moments)[i / size / batch() * size + i % size] += ofFrames[i];
  }
  return result;
}

at::Tensor PackedConv::weightGradient(const at::Tensor& gradient) const {
  at::Tensor result = at::zeros_like(weight_, at::MemoryFormat::Contiguous);
  const at::Tensor input = spikes_ ? input_ : nhwc(input_).to(at::kBFloat16).contiguous();
  const snn_geometry geometry{weight_.size(1), weight_.size(0), input.size(1), input.size(2), weight_.size(2),
                              1, padding(), shape_.dilation, shape_.poolStride, spikes_ ? SNN_INPUT_BITS : SNN_INPUT_BF16};
  snn_weight_gradient(&geometry, input.data_ptr(), halves(gradient), gradient.size(0), result.data_ptr<float>(), at::get_num_threads());
  return result;
}

at::Tensor PackedConv::inputGradient(const at::Tensor& gradient) const {
  const int64_t frames = gradient.size(0), height = gradient.size(1), width = gradient.size(2), channels = weight_.size(1);
  // Of their final shape: a view would hold on to what it is a view of.
  at::Tensor result = at::empty({steps_, frames / steps_, height, width, channels}, at::kBFloat16);
  // A convolution with the weights turned round.
  const snn_geometry geometry{weight_.size(0), channels, height, width, weight_.size(2), 1, padding(), shape_.dilation, 0, SNN_INPUT_BF16};
  const at::Tensor turned = packWeights(geometry, weight_, SNN_TRAIN, true);
  snn_conv_forward_bf16(packedWeightsOf(turned).conv, gradient.data_ptr(), frames, halves(result), at::get_num_threads());
  const int64_t fullHeight = input_.size(1), fullWidth = input_.size(2);
  if (shape_.poolStride > 0) {
    at::Tensor full = at::empty({steps_, frames / steps_, fullHeight, fullWidth, channels}, at::kBFloat16);
    unpool(halves(result), frames, fullHeight, fullWidth, channels, shape_.poolStride, halves(full), at::get_num_threads());
    result = full;
  }
  return result;
}

}  // namespace snnseg
