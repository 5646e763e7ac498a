// snnseg::squared_norm: the sum of squares of all elements of several tensors, in float64, the same for any number of threads.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "checks.h"

namespace snnseg {
namespace {

constexpr int64_t block = 32 * 1024;
/// Sums side by side, which the compiler makes vectors of.
constexpr int64_t lanes = 8;

double sumOfSquares(const float* x, int64_t n) {
  double sums[lanes] = {};
  for (int64_t i = 0; i + lanes <= n; i += lanes) {
    for (int64_t lane = 0; lane < lanes; lane++) sums[lane] += static_cast<double>(x[i + lane]) * x[i + lane];
  }
  for (int64_t i = n - n % lanes; i < n; i++) sums[i % lanes] += static_cast<double>(x[i]) * x[i];
  return std::accumulate(sums, sums + lanes, 0.0);
}

at::Tensor squaredNorm(at::TensorList tensors) {
  double total = 0;
  for (const at::Tensor& each : tensors) checkPlain(each, at::kFloat, "tensors");
  for (const at::Tensor& each : tensors) {
    // Any order of elements will do, so that only memory with gaps is copied.
    const at::Tensor dense = each.is_non_overlapping_and_dense() ? each : each.contiguous();
    const int64_t n = dense.numel();
    const float* x = dense.data_ptr<float>();
    std::vector<double> sums((n + block - 1) / block);
    at::parallel_for(0, static_cast<int64_t>(sums.size()), 1, [&](int64_t from, int64_t to) {
      for (int64_t k = from; k < to; k++) sums[k] = sumOfSquares(x + k * block, std::min(block, n - k * block));
    });
    total = std::accumulate(sums.begin(), sums.end(), total);
  }
  return at::scalar_tensor(total, at::kDouble);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) { library.def("squared_norm(Tensor[] tensors) -> Tensor", squaredNorm); }

}  // namespace snnseg
