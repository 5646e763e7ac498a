#include "temporal-norm.h"

#include "norm-sums.h"

#include <algorithm>
#include <cmath>

namespace snnseg {

std::vector<double> addParts(const std::vector<double>& partial, int64_t parts, int64_t size) {
  std::vector<double> total(static_cast<size_t>(size), 0.0);
  for (int64_t part = 0; part < parts; part++) {
    for (int64_t i = 0; i < size; i++) total[i] += partial[part * size + i];
  }
  return total;
}

Statistics batchStatistics(const std::vector<double>& ownMoments, int64_t ownRows, double momentum, double eps, at::Tensor& runningMean,
                           at::Tensor& runningVar) {
  const auto [moments, rows] = overRanks(ownMoments, static_cast<double>(ownRows));
  const int64_t steps = runningMean.size(0), channels = runningMean.size(1);
  Statistics result{at::empty({steps, channels}, at::kFloat), at::empty({steps, channels}, at::kFloat)};
  const double count = std::max(1.0, rows);
  const double unbias = count > 1 ? count / (count - 1) : 1.0;
  float *mean = result.mean.data_ptr<float>(), *invStd = result.invStd.data_ptr<float>();
  float *runMean = runningMean.data_ptr<float>(), *runVar = runningVar.data_ptr<float>();
  for (int64_t t = 0; t < steps; t++) {
    for (int64_t c = 0; c < channels; c++) {
      const double m = moments[t * 2 * channels + c] / count;
      const double variance = std::max(0.0, moments[(t * 2 + 1) * channels + c] / count - m * m);
      const int64_t i = t * channels + c;
      mean[i] = static_cast<float>(m);
      invStd[i] = static_cast<float>(1.0 / std::sqrt(variance + eps));
      if (rows == 0) continue;
      runMean[i] = static_cast<float>((1.0 - momentum) * runMean[i] + momentum * m);
      runVar[i] = static_cast<float>((1.0 - momentum) * runVar[i] + momentum * variance * unbias);
    }
  }
  return result;
}

AffineNorm affineForm(const Statistics& statistics, const at::Tensor& gamma) {
  // Contiguous in every case: gamma may have any strides.
  const at::Tensor scale = gamma.defined() ? (statistics.invStd * gamma).contiguous() : statistics.invStd.clone();
  return {scale, -(statistics.mean * scale)};
}

}  // namespace snnseg
