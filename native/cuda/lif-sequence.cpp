// snnseg::lif_sequence on a GPU: memory for the kernels, and what is made of their sums.
#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>

#include "functions.h"
#include "lif-layer.h"
#include "ops/checks.h"
#include "ops/timed-maps.h"

namespace snnseg::cuda {
namespace {

LifLayer layerOf(const at::Tensor& current, const at::Tensor& gamma, const at::Tensor& threshold, const Statistics& statistics,
                 const LifDynamics& dynamics) {
  const int64_t normalized = dynamics.normalizedSteps, steps = current.size(0);
  AffineNorm norm;
  if (normalized > 0) norm = affineForm(statistics, gamma.defined() ? gamma.narrow(0, 0, normalized) : gamma);
  return {thresholdRows(threshold, current.sizes().slice(2)), norm, dynamics, steps, current.numel() / std::max<int64_t>(1, steps),
          current.size(2)};
}

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
                              : runningStatistics(mean, variance, eps);
  }
  const LifLayer layer = layerOf(current, gamma, threshold, out.statistics, dynamics);
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
  const LifLayer layer = layerOf(current, gamma, threshold, statistics, dynamics);
  const at::Tensor incoming = timedChannelsLast(plainGradient(gradSpikes)), result = emptyTimed(current, at::kFloat);
  const at::Tensor start = initial.defined() ? initial.contiguous(at::MemoryFormat::ChannelsLast) : initial;
  at::Tensor leakParts, gradGamma;
  if (learnsLeak) leakParts = partsFor(current, {lifParts(layer.neurons.neurons)});
  launchLifBackward(layer.neurons, floats(current), floats(start), floats(incoming), result.data_ptr<float>(),
                    learnsLeak ? leakParts.data_ptr<double>() : nullptr, streamOf(current.device()));
  const at::Tensor gradLeak = learnsLeak ? leakParts.sum().to(at::kFloat).reshape({1}) : at::Tensor();
  const int64_t normalized = dynamics.normalizedSteps;
  if (normalized == 0) return {result, gradGamma, gradLeak};

  const at::Tensor ofGamma = normBackward(normMap(current, normalized), result, current, statistics, layer.norm.scale, training);
  if (gamma.defined()) {
    gradGamma = at::zeros(gamma.sizes(), gamma.options());
    gradGamma.narrow(0, 0, normalized).copy_(ofGamma);
  }
  return {result, gradGamma, gradLeak};
}

}  // namespace

LifFunctions lifFunctions() { return {forward, backward}; }

}  // namespace snnseg::cuda
