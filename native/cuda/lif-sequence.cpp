// snnseg::lif_sequence on a GPU: memory for the kernels, and what is made of their sums.
#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>

#include "functions.h"
#include "lif-kernels.h"
#include "norm-on-device.h"
#include "ops/checks.h"
#include "ops/norm-sums.h"
#include "ops/timed-maps.h"

namespace snnseg::cuda {
namespace {

/// The kernels' view of a layer, with the tensors that it points into.
struct Layer {
  AffineNorm norm;
  at::Tensor thresholds, inverse;
  LifNeurons neurons;

  Layer(const at::Tensor& current, const at::Tensor& gamma, const at::Tensor& threshold, const Statistics& statistics, const LifDynamics& dynamics)
      : thresholds(thresholdRows(threshold, current.sizes().slice(2))), inverse(thresholds.reciprocal()) {
    const int64_t normalized = dynamics.normalizedSteps, steps = current.size(0), channels = current.size(2);
    if (normalized > 0) norm = affineForm(statistics, gamma.defined() ? gamma.narrow(0, 0, normalized) : gamma);
    const int64_t neuronCount = current.numel() / std::max<int64_t>(1, steps);
    neurons = {floats(thresholds), floats(inverse), floats(norm.scale), floats(norm.shift), dynamics.leak, dynamics.inverseImbalance,
               dynamics.hardReset, dynamics.surrogate, steps, normalized, neuronCount, channels, thresholds.numel()};
  }
};

/// The timesteps that are normalised, of [T, N, C, H, W].
NormMap normMap(const at::Tensor& current, int64_t normalized) {
  return {normalized, current.size(1) * current.size(3) * current.size(4), current.size(2)};
}

LifForward forward(const at::Tensor& current, const at::Tensor& gamma, at::Tensor runningMean, at::Tensor runningVar,
                   const at::Tensor& threshold, const at::Tensor& initial, bool training, double momentum, double eps,
                   const LifDynamics& dynamics) {
  const c10::DeviceGuard guard(current.device());
  const int64_t normalized = dynamics.normalizedSteps;
  LifForward out;
  if (normalized > 0) {
    const at::Tensor mean = runningMean.narrow(0, 0, normalized), variance = runningVar.narrow(0, 0, normalized);
    out.statistics = training ? batchStatisticsOf(current, normMap(current, normalized), momentum, eps, mean, variance)
                              : Statistics{mean.clone(), (variance + eps).rsqrt()};
  }
  const Layer layer(current, gamma, threshold, out.statistics, dynamics);
  out.spikes = emptyTimed(current, at::kFloat);
  out.membrane = firstMembrane(current, initial);
  const at::Tensor parts = partsFor(current, {lifParts(layer.neurons.neurons), 2, layer.neurons.steps});
  launchLifForward(layer.neurons, floats(current), out.membrane.data_ptr<float>(), out.spikes.data_ptr<float>(), parts.data_ptr<double>(),
                   streamOf(current.device()));
  const at::Tensor sums = parts.sum(0);
  out.counts = sums[0].to(at::kLong);
  out.excess = sums[1].clone();
  return out;
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> backward(const at::Tensor& gradSpikes, const at::Tensor& current, const at::Tensor& gamma,
                                                        const at::Tensor& threshold, const at::Tensor& initial, const Statistics& statistics,
                                                        bool training, bool learnsLeak, const LifDynamics& dynamics) {
  const c10::DeviceGuard guard(current.device());
  const Stream stream = streamOf(current.device());
  const Layer layer(current, gamma, threshold, statistics, dynamics);
  const at::Tensor incoming = timedChannelsLast(plainGradient(gradSpikes)), result = emptyTimed(current, at::kFloat);
  const at::Tensor start = initial.defined() ? initial.contiguous(at::MemoryFormat::ChannelsLast) : initial;
  at::Tensor leakParts, gradGamma;
  if (learnsLeak) leakParts = partsFor(current, {lifParts(layer.neurons.neurons)});
  float* g = result.data_ptr<float>();
  launchLifBackward(layer.neurons, floats(current), floats(start), floats(incoming), g, learnsLeak ? leakParts.data_ptr<double>() : nullptr, stream);
  const at::Tensor gradLeak = learnsLeak ? leakParts.sum().to(at::kFloat).reshape({1}) : at::Tensor();
  const int64_t normalized = dynamics.normalizedSteps;
  if (normalized == 0) return {result, gradGamma, gradLeak};

  const NormMap map = normMap(current, normalized);
  const NormStatistics norm{floats(statistics.mean), floats(statistics.invStd)};
  const at::Tensor parts = partsFor(current, {map.blocks(), normalized, 2, map.channels});
  launchNormSums(map, g, floats(current), norm, parts.data_ptr<double>(), stream);
  const at::Tensor sums = parts.sum(0);
  if (gamma.defined()) {
    gradGamma = at::zeros(gamma.sizes(), gamma.options());
    gradGamma.narrow(0, 0, normalized).copy_(sums.select(1, 1));
  }
  const at::Tensor means = meansOf(backwardSums(sums, map.rows, training)).to(at::kFloat);
  const at::Tensor meanGradient = means.select(1, 0).contiguous(), meanDot = means.select(1, 1).contiguous();
  launchNormBackward(map, g, floats(current), norm, floats(layer.norm.scale), training ? floats(meanGradient) : nullptr, floats(meanDot), stream);
  return {result, gradGamma, gradLeak};
}

}  // namespace

LifFunctions lifFunctions() { return {forward, backward}; }

}  // namespace snnseg::cuda
