// snnseg::integer_sequence on a GPU: memory for the kernels, and what is made of their sums.
#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>

#include "functions.h"
#include "integer-kernels.h"
#include "norm-on-device.h"
#include "ops/checks.h"
#include "ops/integer-neurons.h"
#include "ops/timed-maps.h"

namespace snnseg::cuda {
namespace {

/// `like` is [T, N, C, H, W], thresholds [C].
IntegerNeurons layerOf(const at::Tensor& like, const at::Tensor& thresholds, const IntegerDynamics& dynamics) {
  const int64_t steps = like.size(0);
  return {floats(thresholds), dynamics.leak, dynamics.levels, dynamics.amplitude, steps, like.numel() / std::max<int64_t>(1, steps), like.size(2)};
}

IntegerForward forward(const at::Tensor& current, const at::Tensor& threshold, const at::Tensor& initial, const IntegerDynamics& dynamics,
                       bool learnt) {
  const c10::DeviceGuard guard(current.device());
  const at::Tensor thresholds = perChannel(threshold, current.size(2));
  const IntegerNeurons layer = layerOf(current, thresholds, dynamics);
  IntegerForward out;
  out.spikes = emptyTimed(current, at::kFloat);
  out.kept = emptyTimed(current, learnt ? at::kFloat : at::kByte);
  out.membrane = firstMembrane(current, initial);
  const at::Tensor parts = partsFor(current, {integerParts(layer.neurons), 2, layer.steps});
  launchIntegerForward(layer, floats(current), out.membrane.data_ptr<float>(), out.spikes.data_ptr<float>(),
                       learnt ? out.kept.data_ptr<float>() : nullptr, learnt ? nullptr : out.kept.data_ptr<uint8_t>(),
                       parts.data_ptr<double>(), streamOf(current.device()));
  const at::Tensor sums = parts.sum(0);
  out.counts = sums[0].to(at::kLong);
  out.excess = sums[1].clone();
  return out;
}

std::pair<at::Tensor, at::Tensor> backward(const at::Tensor& gradSpikes, const at::Tensor& kept, const at::Tensor& threshold,
                                           const IntegerDynamics& dynamics) {
  const c10::DeviceGuard guard(kept.device());
  const Stream stream = streamOf(kept.device());
  const at::Tensor thresholds = perChannel(threshold, kept.size(2));
  const IntegerNeurons layer = layerOf(kept, thresholds, dynamics);
  const at::Tensor incoming = timedChannelsLast(plainGradient(gradSpikes)), result = emptyTimed(kept, at::kFloat);
  if (kept.scalar_type() != at::kFloat) {
    launchIntegerBackward(layer, floats(incoming), kept.data_ptr<uint8_t>(), result.data_ptr<float>(), stream);
    return {result, at::Tensor()};
  }
  const at::Tensor parts = partsFor(kept, {thresholdParts(layer), layer.channels});
  launchIntegerBackwardLearnt(layer, floats(incoming), floats(kept), result.data_ptr<float>(), parts.data_ptr<double>(), stream);
  return {result, ofChannels(parts.sum(0), threshold)};
}

}  // namespace

IntegerFunctions integerFunctions() { return {forward, backward}; }

}  // namespace snnseg::cuda
