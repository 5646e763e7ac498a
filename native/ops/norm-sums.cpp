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
  sumOverRanks()(at::from_blob(values.data(), {static_cast<int64_t>(values.size())}, at::kDouble));
  rows = values.back();
  values.pop_back();
  return {std::move(values), rows};
}

NormSums backwardSums(const std::vector<double>& values, int64_t rows, bool training) {
  const double count = static_cast<double>(rows);
  return training ? overRanks(values, count) : NormSums{values, count};
}

DeviceNormSums overRanks(const at::Tensor& values, int64_t rows) {
  const double count = static_cast<double>(rows);
  if (!normsAreSynchronised()) return {values, at::scalar_tensor(count, at::kDouble)};
  const at::Tensor all = at::cat({values.reshape({-1}), at::full({1}, count, values.options())});
  sumOverRanks()(all);
  return {all.narrow(0, 0, values.numel()).view(values.sizes()), all[values.numel()]};
}

DeviceNormSums backwardSums(const at::Tensor& values, int64_t rows, bool training) {
  return training ? overRanks(values, rows) : DeviceNormSums{values, at::scalar_tensor(static_cast<double>(rows), at::kDouble)};
}

at::Tensor meansOf(const DeviceNormSums& sums) { return sums.values / sums.rows.clamp_min(1); }

void updateRunning(at::Tensor mean, at::Tensor variance, const at::Tensor& batchMean, const at::Tensor& batchVariance, const at::Tensor& rows,
                   double momentum) {
  const at::Tensor share = (rows > 0).to(at::kDouble) * momentum, unbias = rows / (rows - 1).clamp_min(1);
  mean.copy_(mean.to(at::kDouble) * (1 - share) + batchMean * share);
  variance.copy_(variance.to(at::kDouble) * (1 - share) + batchVariance * (share * unbias));
}

}  // namespace snnseg
