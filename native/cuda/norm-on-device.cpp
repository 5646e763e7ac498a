#include "norm-on-device.h"

#include <algorithm>

#include "functions.h"
#include "ops/norm-sums.h"

namespace snnseg::cuda {

Statistics batchStatisticsOf(const at::Tensor& z, const NormMap& map, double momentum, double eps, at::Tensor runningMean, at::Tensor runningVar) {
  TORCH_CHECK(!normsAreSynchronised(), "norms over all ranks: expected tensors on the CPU, received some on ", z.device());
  const at::Tensor parts = partsFor(z, {map.blocks(), map.steps, 2, map.channels});
  launchMoments(map, z.data_ptr<float>(), parts.data_ptr<double>(), streamOf(z.device()));
  const at::Tensor moments = parts.sum(0) / static_cast<double>(std::max<int64_t>(1, map.rows));
  const at::Tensor mean = moments.select(1, 0).contiguous(), variance = (moments.select(1, 1) - mean * mean).clamp_min(0).contiguous();
  if (map.rows > 0) {
    const double rows = static_cast<double>(map.rows), unbias = map.rows > 1 ? rows / (rows - 1) : 1.0;
    runningMean.copy_(runningMean.to(at::kDouble) * (1.0 - momentum) + mean * momentum);
    runningVar.copy_(runningVar.to(at::kDouble) * (1.0 - momentum) + variance * (momentum * unbias));
  }
  return {mean.to(at::kFloat), (variance + eps).sqrt().reciprocal().to(at::kFloat)};
}

at::Tensor meansOf(const at::Tensor& sums, int64_t rows) {
  return (sums / static_cast<double>(std::max<int64_t>(1, rows))).to(at::kFloat).contiguous();
}

}  // namespace snnseg::cuda
