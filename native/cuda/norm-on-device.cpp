#include "norm-on-device.h"

#include "functions.h"
#include "ops/norm-sums.h"

namespace snnseg::cuda {

Statistics batchStatisticsOf(const at::Tensor& z, const NormMap& map, double momentum, double eps, at::Tensor runningMean, at::Tensor runningVar) {
  const at::Tensor parts = partsFor(z, {map.blocks(), map.steps, 2, map.channels});
  launchMoments(map, z.data_ptr<float>(), parts.data_ptr<double>(), streamOf(z.device()));
  const DeviceNormSums sums = overRanks(parts.sum(0), map.rows);
  const at::Tensor moments = meansOf(sums);
  const at::Tensor mean = moments.select(1, 0).contiguous(), variance = (moments.select(1, 1) - mean * mean).clamp_min(0).contiguous();
  updateRunning(runningMean, runningVar, mean, variance, sums.rows, momentum);
  return {mean.to(at::kFloat), (variance + eps).sqrt().reciprocal().to(at::kFloat)};
}

}  // namespace snnseg::cuda
