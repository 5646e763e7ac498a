// Batch norm through time from sums over a batch: what the operators on float32 and on bits share.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace snnseg {

/// Adds partial sums [parts, size] in their order, so that the result does not depend on who computed them.
std::vector<double> addParts(const std::vector<double>& partial, int64_t parts, int64_t size);

/// Mean and 1/sqrt(variance + eps) per timestep and channel, [T, C] each; undefined without batch norm.
struct Statistics {
  at::Tensor mean, invStd;
};

/// From the sums of z and z^2 over this process's rows, [T, 2, C], added up over ranks where norms are synchronised; updates the running
/// ones, [T, C], in place.
Statistics batchStatistics(const std::vector<double>& ownMoments, int64_t ownRows, double momentum, double eps, at::Tensor& runningMean,
                           at::Tensor& runningVar);

/// Those of evaluation: what the running ones are now.
inline Statistics runningStatistics(const at::Tensor& mean, const at::Tensor& variance, double eps) {
  return {mean.clone(), (variance + eps).rsqrt()};
}

/// Batch norm as one multiplication and one addition per element, y = z*scale + shift, [T, C] each; gamma may be undefined.
struct AffineNorm {
  at::Tensor scale, shift;
};
AffineNorm affineForm(const Statistics& statistics, const at::Tensor& gamma);

}  // namespace snnseg
