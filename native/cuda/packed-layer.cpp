// Layers that are trained on bit-packed spikes, on a GPU: bits are unpacked to bfloat16, which spikes and the counts of poolings fit
// exactly, and libtorch convolves them on tensor cores with time folded into the batch. Weights are rounded to bfloat16 (2^-9), sums are
// float32, and currents are rounded to bfloat16 again, as are gradients. Images and their weights stay float32.
#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include <array>

#include "functions.h"
#include "lif-layer.h"
#include "ops/spike-words.h"
#include "spike-map-kernels.h"

namespace snnseg::cuda {
namespace {

at::Tensor nhwc(const at::Tensor& x) { return x.permute({0, 2, 3, 1}); }

at::Tensor channelsLast(const at::Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

SpikeMaps mapsOf(const PackedInput& input) {
  const at::Tensor& bits = input.input;
  return {bits.size(0), bits.size(1), bits.size(2), input.weight.size(1), input.poolStride};
}

class Convolution {
 public:
  explicit Convolution(const PackedInput& input) : input_(input), padding_(input.padding()) {
    const at::Tensor& x = input.input;
    if (!input.spikes()) {
      values_ = channelsLast(x.dim() == 5 ? x.flatten(0, 1) : x);
      weight_ = input.weight.detach();
      return;
    }
    const SpikeMaps maps = mapsOf(input);
    values_ = at::empty({maps.frames, maps.channels, maps.pooledHeight(), maps.pooledWidth()},
                        x.options().dtype(at::kBFloat16).memory_format(at::MemoryFormat::ChannelsLast));
    launchCounts(maps, words(x), halves(values_), streamOf(x.device()));
    weight_ = shared(input.weight.detach()).to(at::kBFloat16);
  }

  /// [frames, O, H, W] in channels-last memory.
  at::Tensor currents() const {
    return channelsLast(at::conv2d(values_, weight_, {}, {1, 1}, {padding_, padding_}, {input_.dilation, input_.dilation}));
  }

  /// From the gradient of currents, in their shape.
  PackedGradients backward(const at::Tensor& gradient, bool ofInput) const {
    const auto [gx, gw, none] = at::convolution_backward(channelsLast(gradient.to(values_.scalar_type())), values_, weight_, c10::nullopt, {1, 1},
                                                         {padding_, padding_}, {input_.dilation, input_.dilation}, false, {0, 0}, 1,
                                                         {ofInput, true, false});
    PackedGradients result;
    result.weight = shared(gw.to(at::kFloat)).contiguous();
    if (ofInput) result.input = input_.spikes() ? spikeGradient(channelsLast(gx)) : gx.view_as(input_.input);
    return result;
  }

 private:
  /// Counts are nine times the mean of a window, so weights are a ninth.
  at::Tensor shared(const at::Tensor& weight) const { return input_.poolStride > 0 ? weight / 9 : weight; }

  at::Tensor spikeGradient(const at::Tensor& ofCounts) const {
    const SpikeMaps maps = mapsOf(input_);
    const std::array<int64_t, 5> shape{input_.steps, input_.batch(), maps.height, maps.width, maps.channels};
    if (maps.poolStride == 0) {
      // Not a view to autograd, which would hold on to what it is a view of: the next backward pass may write over it.
      const at::AutoDispatchBelowADInplaceOrView plain;
      return nhwc(ofCounts).view(shape);
    }
    const at::Tensor full = at::empty(shape, ofCounts.options().memory_format(c10::nullopt));
    launchUnpool(maps, halves(ofCounts), halves(full), streamOf(full.device()));
    return full;
  }

  const PackedInput& input_;
  int64_t padding_;
  at::Tensor values_, weight_;
};

/// Pixels of all examples are the rows.
NormMap mapOf(const at::Tensor& current, const PackedInput& input) {
  return {input.steps, input.batch() * current.size(2) * current.size(3), current.size(1)};
}

LifLayer layerOf(const NormMap& map, const PackedNeurons& neurons) {
  const AffineNorm norm = neurons.affine();
  const LifDynamics dynamics{static_cast<float>(neurons.leak), {}, 0.0f, neurons.hardReset, neurons.surrogate, norm.scale.defined() ? map.steps : 0};
  return {neurons.thresholds, norm, dynamics, map.steps, map.rows * map.channels, map.channels};
}

PackedFired forward(PackedInput& input, PackedNeurons& neurons, at::Tensor runningMean, at::Tensor runningVar) {
  const c10::DeviceGuard guard(input.input.device());
  const at::Tensor current = Convolution(input).currents();
  const NormMap map = mapOf(current, input);
  if (runningMean.defined()) {
    neurons.statistics = neurons.training ? batchStatisticsOf(current, map, neurons.momentum, neurons.eps, runningMean, runningVar)
                                          : runningStatistics(runningMean, runningVar, neurons.eps);
  }
  const LifLayer layer = layerOf(map, neurons);
  PackedFired out;
  out.bits = at::empty({map.steps * input.batch(), current.size(2), current.size(3), wordsOf(map.channels)},
                       current.options().memory_format(c10::nullopt).dtype(at::kLong));
  const at::Tensor parts = partsFor(current, {bitParts(layer.neurons), 2, map.steps});
  withValues(current, map, [&](auto values) {
    launchFireBits(layer.neurons, values, words(out.bits), parts.data_ptr<double>(), streamOf(current.device()));
  });
  const at::Tensor sums = parts.sum(0);
  out.counts = sums[0].to(at::kLong);
  out.excess = sums[1].clone();
  return out;
}

PackedGradients backward(const PackedInput& input, const PackedNeurons& neurons, const at::Tensor& ofSpikes, at::Tensor g, bool ofInput) {
  const c10::DeviceGuard guard(input.input.device());
  const Convolution convolution(input);
  at::Tensor current = convolution.currents();
  const NormMap map = mapOf(current, input);
  const LifLayer layer = layerOf(map, neurons);
  at::Tensor charged = at::empty({chargedFloats(layer.neurons)}, neurons.thresholds.options()), ofGamma;
  withValues(current, map, [&](auto values) {
    launchBitsBackward(layer.neurons, values, {halves(ofSpikes), ofSpikes.stride(0)}, halves(g), charged.data_ptr<float>(),
                       streamOf(current.device()));
  });
  charged.reset();
  if (layer.neurons.normalized > 0) {
    ofGamma = normBackward(map, g, current, neurons.statistics, layer.norm.scale, neurons.training);
  }
  current.reset();
  const at::Tensor summed = input.constant() ? g.sum(0, false, at::kFloat) : g.flatten(0, 1);
  PackedGradients result = convolution.backward(summed.permute({0, 3, 1, 2}), ofInput);
  if (neurons.gamma.defined()) result.gamma = ofGamma.to(at::kFloat);
  return result;
}

at::Tensor currents(PackedInput& input) {
  const c10::DeviceGuard guard(input.input.device());
  return Convolution(input).currents().to(at::kFloat);
}

PackedGradients currentsBackward(const PackedInput& input, const at::Tensor& gradient) {
  const c10::DeviceGuard guard(input.input.device());
  return Convolution(input).backward(gradient, true);
}

at::Tensor sumSteps(const at::Tensor& bits, int64_t steps, int64_t channels) {
  const c10::DeviceGuard guard(bits.device());
  const SpikeMaps maps{bits.size(0) / steps, bits.size(1), bits.size(2), channels, 0};
  const at::Tensor sums = at::empty({maps.frames, channels, maps.height, maps.width},
                                    bits.options().dtype(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
  launchSumSteps(maps, steps, words(bits), sums.data_ptr<float>(), streamOf(bits.device()));
  return sums;
}

}  // namespace

PackedFunctions packedFunctions() { return {forward, backward, currents, currentsBackward, sumSteps}; }

}  // namespace snnseg::cuda
