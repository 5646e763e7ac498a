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

at::Tensor framesOf(const at::Tensor& images) { return images.dim() == 5 ? images.flatten(0, 1) : images; }

}  // namespace

void packWeightsOf(PackedInput& layer) {
  if (!layer.spikes()) return;
  const at::Tensor &input = layer.input, &weight = layer.weight;
  const snn_geometry geometry{weight.size(1), weight.size(0), input.size(1), input.size(2), weight.size(2),
                              1, layer.padding(), layer.dilation, layer.poolStride, SNN_INPUT_BITS};
  layer.packed = packWeights(geometry, weight.detach(), SNN_TRAIN);
}

at::Tensor currentsOf(const PackedInput& layer, std::vector<double>* moments) {
  const int64_t padding = layer.padding();
  if (!layer.spikes()) {
    const at::Tensor last = framesOf(layer.input).contiguous(at::MemoryFormat::ChannelsLast);
    return nhwc(at::conv2d(last, layer.weight.detach(), {}, {1, 1}, {padding, padding}, {layer.dilation, layer.dilation})).contiguous();
  }
  const snn_conv* conv = packedWeightsOf(layer.packed).conv;
  const int64_t frames = layer.input.size(0), outputs = layer.weight.size(0), size = 2 * outputs;
  at::Tensor result = at::empty({frames, snn_conv_out_height(conv), snn_conv_out_width(conv), outputs}, at::kFloat);
  const bool gathers = moments && snn_conv_form(conv) == SNN_FORM_DENSE16;
  std::vector<double> ofFrames(static_cast<size_t>(gathers ? frames * size : 0));
  snn_conv_forward(conv, layer.input.data_ptr(), frames, result.data_ptr<float>(), gathers ? ofFrames.data() : nullptr,
                   at::get_num_threads());
  if (gathers) {
    moments->assign(static_cast<size_t>(layer.steps * size), 0.0);
    for (int64_t i = 0; i < frames * size; i++) (*moments)[i / size / layer.batch() * size + i % size] += ofFrames[i];
  }
  return result;
}

at::Tensor weightGradient(const PackedInput& layer, const at::Tensor& gradient) {
  const at::Tensor& weight = layer.weight;
  at::Tensor result = at::zeros_like(weight, at::MemoryFormat::Contiguous);
  const at::Tensor input = layer.spikes() ? layer.input : nhwc(framesOf(layer.input)).to(at::kBFloat16).contiguous();
  const snn_geometry geometry{weight.size(1), weight.size(0), input.size(1), input.size(2), weight.size(2),
                              1, layer.padding(), layer.dilation, layer.poolStride, layer.spikes() ? SNN_INPUT_BITS : SNN_INPUT_BF16};
  snn_weight_gradient(&geometry, input.data_ptr(), halves(gradient), gradient.size(0), result.data_ptr<float>(), at::get_num_threads());
  return result;
}

at::Tensor spikeGradient(const PackedInput& layer, const at::Tensor& gradient) {
  const at::Tensor& weight = layer.weight;
  const int64_t frames = gradient.size(0), height = gradient.size(1), width = gradient.size(2), channels = weight.size(1);
  // Of their final shape: a view would hold on to what it is a view of.
  at::Tensor result = at::empty({layer.steps, layer.batch(), height, width, channels}, at::kBFloat16);
  // A convolution with the weights turned round.
  const snn_geometry geometry{weight.size(0), channels, height, width, weight.size(2), 1, layer.padding(), layer.dilation, 0, SNN_INPUT_BF16};
  const at::Tensor turned = packWeights(geometry, weight.detach(), SNN_TRAIN, true);
  snn_conv_forward_bf16(packedWeightsOf(turned).conv, gradient.data_ptr(), frames, halves(result), at::get_num_threads());
  if (layer.poolStride == 0) return result;
  const int64_t fullHeight = layer.input.size(1), fullWidth = layer.input.size(2);
  at::Tensor full = at::empty({layer.steps, layer.batch(), fullHeight, fullWidth, channels}, at::kBFloat16);
  unpool(halves(result), frames, fullHeight, fullWidth, channels, layer.poolStride, halves(full), at::get_num_threads());
  return full;
}

at::Tensor imageGradient(const PackedInput& layer, const at::Tensor& gradient) {
  const int64_t padding = layer.padding();
  const auto gradients =
      at::convolution_backward(gradient.permute({0, 3, 1, 2}).to(at::kFloat), framesOf(layer.input), layer.weight, c10::nullopt, {1, 1},
                               {padding, padding}, {layer.dilation, layer.dilation}, false, {0, 0}, 1, {true, false, false});
  return std::get<0>(gradients).view_as(layer.input);
}

}  // namespace snnseg
