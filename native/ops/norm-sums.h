// The sums that batch norm's statistics and gradients are made of, over one process or over all ranks of a training.
#pragma once

#include <functional>
#include <vector>

namespace snnseg {

/// Adds up `values` over all ranks, in place. Every rank calls it in the same order with as many values.
using SumOverRanks = std::function<void(std::vector<double>& values)>;

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

}  // namespace snnseg
