// snnseg::normalized_activation on a GPU: memory for the kernels, and what is made of their sums.
#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include "activation-kernels.h"
#include "functions.h"
#include "norm-on-device.h"
#include "ops/checks.h"
#include "ops/integer-neurons.h"
#include "ops/norm-sums.h"

namespace snnseg::cuda {
namespace {

int64_t rowsOf(const at::Tensor& z) { return z.size(0) * z.size(2) * z.size(3); }

ActivationMap mapOf(const at::Tensor& z, const ActivationAffine& affine, const ActivationOptions& options) {
  return {floats(affine.norm.scale), floats(affine.norm.shift),          floats(affine.thresholds),
          floats(affine.amplitudes), static_cast<float>(options.levels), rowsOf(z), z.size(1)};
}

ActivationForward forward(const at::Tensor& z, const at::Tensor& gamma, const at::Tensor& beta, at::Tensor runningMean, at::Tensor runningVar,
                          const at::Tensor& threshold, const ActivationOptions& options) {
  const c10::DeviceGuard guard(z.device());
  ActivationForward out;
  if (options.normalized) {
    const at::Tensor mean = runningMean.unsqueeze(0), variance = runningVar.unsqueeze(0);
    out.statistics = options.training ? batchStatisticsOf(z, {1, rowsOf(z), z.size(1)}, options.momentum, options.eps, mean, variance)
                                      : runningStatistics(mean, variance, options.eps);
  }
  const ActivationAffine affine(z, out.statistics, gamma, beta, threshold, options);
  const ActivationMap map = mapOf(z, affine, options);
  out.y = at::empty_like(z);
  const at::Tensor parts = partsFor(z, {activationParts(map), 2});
  launchActivation(map, floats(z), out.y.data_ptr<float>(), parts.data_ptr<double>(), streamOf(z.device()));
  const at::Tensor sums = parts.sum(0);
  out.count = sums.narrow(0, 0, 1).to(at::kLong);
  out.excess = sums.narrow(0, 1, 1).clone();
  return out;
}

ActivationGradients backward(const at::Tensor& gradient, const at::Tensor& z, const Statistics& statistics, const at::Tensor& gamma,
                             const at::Tensor& beta, const at::Tensor& threshold, const ActivationOptions& options) {
  const c10::DeviceGuard guard(z.device());
  const Stream stream = streamOf(z.device());
  const ActivationAffine affine(z, statistics, gamma, beta, threshold, options);
  const ActivationMap map = mapOf(z, affine, options);
  const at::Tensor incoming = plainGradient(gradient).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor mean = options.normalized ? statistics.mean.reshape({-1}) : at::zeros({map.channels}, z.options().memory_format(c10::nullopt));
  const bool learnsThreshold = options.levels > 0 && threshold.requires_grad();
  ActivationGradients result;
  at::Tensor meanGradient, meanDot;
  if (options.normalized || learnsThreshold) {
    const at::Tensor parts = partsFor(z, {activationBlocks(map), 3, map.channels});
    launchActivationSums(map, floats(incoming), floats(z), floats(mean), options.scaled(), parts.data_ptr<double>(), stream);
    const at::Tensor sums = parts.sum(0);
    if (options.normalized) {
      const at::Tensor invStd = statistics.invStd.reshape({-1}), dot = sums[1] * invStd;  // of g and the normalised z
      if (options.training) {
        const at::Tensor means = meansOf(overRanks(at::stack({sums[0], dot * invStd}), map.rows)).to(at::kFloat);
        meanGradient = means[0];
        meanDot = means[1];
      }
      if (gamma.defined()) result.gamma = dot.to(at::kFloat);
      if (beta.defined()) result.beta = sums[0].to(at::kFloat);
    }
    if (learnsThreshold) result.threshold = ofChannels(sums[2], threshold);
  }
  const ActivationShares shares{meanGradient.defined() ? floats(mean) : nullptr, floats(meanGradient), floats(meanDot)};
  result.z = at::empty_like(z);
  launchActivationBackward(map, floats(incoming), floats(z), shares, result.z.data_ptr<float>(), stream);
  return result;
}

}  // namespace

ActivationFunctions activationFunctions() { return {forward, backward}; }

}  // namespace snnseg::cuda
