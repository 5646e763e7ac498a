#include "norm-on-device.h"

#include "functions.h"
#include "ops/norm-sums.h"

namespace snnseg::cuda {

Statistics batchStatisticsOf(const at::Tensor& z, const NormMap& map, double momentum, double eps, at::Tensor runningMean, at::Tensor runningVar) {
  const at::Tensor parts = partsFor(z, {map.blocks(), map.steps, 2, map.channels});
  withValues(z, map, [&](auto values) { launchMoments(map, values, parts.data_ptr<double>(), streamOf(z.device())); });
  const DeviceNormSums sums = overRanks(parts.sum(0), map.rows);
  const at::Tensor moments = meansOf(sums);
  const at::Tensor mean = moments.select(1, 0).contiguous(), variance = (moments.select(1, 1) - mean * mean).clamp_min(0).contiguous();
  updateRunning(runningMean, runningVar, mean, variance, sums.rows, momentum);
  return {mean.to(at::kFloat), (variance + eps).sqrt().reciprocal().to(at::kFloat)};
}

at::Tensor normBackward(const NormMap& map, const at::Tensor& g, const at::Tensor& z, const Statistics& statistics, const at::Tensor& scale,
                        bool training) {
  const Stream stream = streamOf(z.device());
  const NormStatistics norm{floats(statistics.mean), floats(statistics.invStd)};
  const at::Tensor parts = partsFor(z, {map.blocks(), map.steps, 2, map.channels});
  const auto withBoth = [&](const auto& body) {
    if (g.scalar_type() == at::kFloat) {
      body(g.data_ptr<float>(), Timed<float>{floats(z), map.rows * map.channels});
    } else {
      withValues(z, map, [&](auto values) { body(halves(g), values); });
    }
  };
  withBoth([&](auto* gradient, auto values) { launchNormSums(map, gradient, values, norm, parts.data_ptr<double>(), stream); });
  const at::Tensor sums = parts.sum(0), means = meansOf(backwardSums(sums, map.rows, training)).to(at::kFloat);
  const at::Tensor meanGradient = means.select(1, 0).contiguous(), meanDot = means.select(1, 1).contiguous();
  withBoth([&](auto* gradient, auto values) {
    launchNormBackward(map, gradient, values, norm, floats(scale), training ? floats(meanGradient) : nullptr, floats(meanDot), stream);
  });
  return sums.select(1, 1);
}

}  // namespace snnseg::cuda
