// The sums that batch norm's statistics and gradients are made of, over one process or over all ranks of a training.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

namespace snnseg {

/// Adds up float64 values over all ranks, in place, whichever device they are on. Every rank calls it in the same order with as many.
using SumOverRanks = std::function<void(const at::Tensor& values)>;

/// From now on norms are synchronised by `sum`; empty: each process has its own.
void synchroniseNorms(SumOverRanks sum);

bool normsAreSynchronised();

/// Sums over all ranks where norms are synchronised; as they are elsewhere.
struct NormSums {
  std::vector<double> values;
  double rows;
};
NormSums overRanks(std::vector<double> values, double rows);
/// Those of a backward pass: statistics that were not the batch's have no gradient, and nothing to share.
NormSums backwardSums(const std::vector<double>& values, int64_t rows, bool training);

/// The same of float64 sums that stay on their device. `rows` has no axes; where norms are not synchronised it is a number of the host.
struct DeviceNormSums {
  at::Tensor values, rows;
};
DeviceNormSums overRanks(const at::Tensor& values, int64_t rows);
DeviceNormSums backwardSums(const at::Tensor& values, int64_t rows, bool training);
/// Sums divided by their rows; of no rows they stay 0.
at::Tensor meansOf(const DeviceNormSums& sums);
/// Moves running statistics towards those of so many rows; of none nothing is learned.
void updateRunning(at::Tensor mean, at::Tensor variance, const at::Tensor& batchMean, const at::Tensor& batchVariance, const at::Tensor& rows,
                   double momentum);

}  // namespace snnseg
