// Layers that are trained on bit-packed spikes, on the CPU.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "by-device.h"
#include "norm-sums.h"
#include "packed-conv.h"
#include "packed-layer.h"
#include "packed-lif.h"
#include "spike-words.h"

namespace snnseg {
namespace {

PackedLif lifOf(const at::Tensor& current, const PackedInput& input, const PackedNeurons& neurons) {
  return {input.steps, input.batch() * current.size(1) * current.size(2), current.size(3), static_cast<float>(neurons.leak), neurons.hardReset,
          neurons.surrogate, neurons.thresholds.data_ptr<float>(), current.data_ptr<float>(), input.constant(), at::get_num_threads()};
}

Affine pointersOf(const AffineNorm& norm) {
  if (!norm.scale.defined()) return {};
  return {norm.scale.data_ptr<float>(), norm.shift.data_ptr<float>()};
}

// From the sums of g and g*z: the gradient of gamma, and z's as a*g + b*z + c:
//     gz = scale * (g - mean(g) - xhat * mean(g*xhat)),  xhat = (z - mean) * invStd
// Without batch norm z's is g.
NormGradient normCoefficients(const PackedLif& layer, const Statistics& statistics, const Affine& norm, const std::vector<double>& sums,
                              bool training, const at::Tensor& gradGamma) {
  const size_t count = static_cast<size_t>(layer.steps * layer.channels);
  NormGradient result{std::vector<float>(count, 1.0f), std::vector<float>(count, 0.0f), std::vector<float>(count, 0.0f)};
  if (!norm.scale) return result;
  result.a.assign(norm.scale, norm.scale + count);
  // The gradient of gamma is this process's part; it is added up over ranks like every other.
  const NormSums shared = backwardSums(sums, layer.rows, training);
  const double rows = std::max(1.0, shared.rows);
  for (int64_t t = 0; t < layer.steps; t++) {
    for (int64_t c = 0; c < layer.channels; c++) {
      const int64_t i = t * layer.channels + c, first = t * 2 * layer.channels + c, second = first + layer.channels;
      const double mean = statistics.mean.data_ptr<float>()[i], invStd = statistics.invStd.data_ptr<float>()[i];
      const auto dotOf = [&](const std::vector<double>& of) { return (of[second] - mean * of[first]) * invStd; };
      if (gradGamma.defined()) gradGamma.data_ptr<float>()[i] = static_cast<float>(dotOf(sums));
      if (!training) continue;
      const double sum = shared.values[first], dot = dotOf(shared.values);
      const double slope = norm.scale[i] * invStd * dot / rows;
      result.b[i] = static_cast<float>(-slope);
      result.c[i] = static_cast<float>(slope * mean - norm.scale[i] * sum / rows);
    }
  }
  return result;
}

PackedFired forward(PackedInput& input, PackedNeurons& neurons, at::Tensor runningMean, at::Tensor runningVar) {
  packWeightsOf(input);
  const bool normalizes = runningMean.defined() && neurons.training;
  std::vector<double> moments;
  const at::Tensor current = currentsOf(input, normalizes ? &moments : nullptr);
  const PackedLif layer = lifOf(current, input, neurons);
  if (normalizes) {
    if (moments.empty()) moments = currentMoments(layer);
    neurons.statistics = batchStatistics(moments, layer.rows, neurons.momentum, neurons.eps, runningMean, runningVar);
  } else if (runningMean.defined()) {
    neurons.statistics = runningStatistics(runningMean, runningVar, neurons.eps);
  }
  const PackedFired out{at::empty({layer.steps * input.batch(), current.size(1), current.size(2), layer.words()}, at::kLong),
                        at::empty({layer.steps}, at::kLong), at::empty({layer.steps}, at::kDouble)};
  const AffineNorm norm = neurons.affine();
  packedLifForward(layer, pointersOf(norm), words(out.bits), out.counts.data_ptr<int64_t>(), out.excess.data_ptr<double>());
  return out;
}

PackedGradients backward(const PackedInput& input, const PackedNeurons& neurons, const at::Tensor& ofSpikes, at::Tensor g, bool ofInput) {
  at::Tensor current = currentsOf(input);
  const PackedLif layer = lifOf(current, input, neurons);
  const AffineNorm affine = neurons.affine();
  const Affine norm = pointersOf(affine);
  const std::vector<double> sums = packedLifBackward(layer, norm, {halves(ofSpikes), ofSpikes.stride(0)}, halves(g));
  PackedGradients result;
  if (neurons.gamma.defined()) result.gamma = at::empty_like(neurons.gamma);
  const NormGradient coefficients = normCoefficients(layer, neurons.statistics, norm, sums, neurons.training, result.gamma);
  if (input.constant()) {
    at::Tensor sum = at::empty_like(current);
    normGradientSum(layer, coefficients, halves(g), sum.data_ptr<float>());
    g = sum.to(at::kBFloat16);
  } else {
    normGradient(layer, coefficients, halves(g));
    g = g.flatten(0, 1);
  }
  current.reset();
  result.weight = weightGradient(input, g);
  if (ofInput) result.input = input.spikes() ? spikeGradient(input, g) : imageGradient(input, g);
  return result;
}

at::Tensor currents(PackedInput& input) {
  packWeightsOf(input);
  return currentsOf(input).permute({0, 3, 1, 2});
}

PackedGradients currentsBackward(const PackedInput& input, const at::Tensor& gradient) {
  const at::Tensor g = gradient.permute({0, 2, 3, 1}).to(at::kBFloat16).contiguous();
  return {spikeGradient(input, g), weightGradient(input, g), at::Tensor()};
}

const bool onCpu = (functionsOn<PackedFunctions>(at::kCPU) = {forward, backward, currents, currentsBackward, sumSpikes}, true);

}  // namespace
}  // namespace snnseg
