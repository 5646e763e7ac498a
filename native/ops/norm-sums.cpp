#include "norm-sums.h"

#include <utility>

namespace snnseg {
namespace {

SumOverRanks& sumOverRanks() {
  static SumOverRanks sum;
  return sum;
}

}  // namespace

void synchroniseNorms(SumOverRanks sum) { sumOverRanks() = std::move(sum); }

bool normsAreSynchronised() { return static_cast<bool>(sumOverRanks()); }

NormSums overRanks(std::vector<double> values, double rows) {
  if (!normsAreSynchronised()) return {std::move(values), rows};
  values.push_back(rows);
  sumOverRanks()(values);
  rows = values.back();
  values.pop_back();
  return {std::move(values), rows};
}

NormSums backwardSums(const std::vector<double>& values, int64_t rows, bool training) {
  const double count = static_cast<double>(rows);
  return training ? overRanks(values, count) : NormSums{values, count};
}

}  // namespace snnseg
