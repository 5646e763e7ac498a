// snnseg::synchronised_batch_norm: libtorch's batch norm in training, with statistics over the batches of all ranks.
//
//     y = gamma*xhat + beta,  xhat = (x - mean)/sqrt(var + eps)
//     dx = gamma/sqrt(var + eps) * (dy - mean(dy) - xhat*mean(dy*xhat))      means over all ranks
//
// Gradients of gamma and beta are this process's part. For the layers whose norm is not fused with neurons; those that are
// fused add up their sums alike (norm-sums.h).
#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "checks.h"
#include "norm-sums.h"

namespace snnseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// All axes but the channels'.
std::vector<int64_t> reducedAxes(const at::Tensor& x) {
  std::vector<int64_t> axes{0};
  for (int64_t axis = 2; axis < x.dim(); axis++) axes.push_back(axis);
  return axes;
}

at::Tensor ofChannels(const at::Tensor& values, const at::Tensor& x) {
  std::vector<int64_t> shape(x.dim(), 1);
  shape[1] = x.size(1);
  return values.view(shape);
}

/// Sums of two maps over all ranks, [2, C] in double, and over how many values of a channel.
DeviceNormSums sharedSums(const at::Tensor& first, const at::Tensor& second, const at::Tensor& x) {
  const auto sum = [&](const at::Tensor& map) { return map.sum(reducedAxes(x), false, at::kDouble); };
  return overRanks(at::stack({sum(first), sum(second)}), x.size(1) == 0 ? 0 : x.numel() / x.size(1));
}

class SynchronisedBatchNorm : public torch::autograd::Function<SynchronisedBatchNorm> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, const c10::optional<at::Tensor>& gamma,
                          const c10::optional<at::Tensor>& beta, at::Tensor runningMean, at::Tensor runningVar, double momentum, double eps) {
    const at::Tensor wide = x.to(at::kDouble);
    const DeviceNormSums sums = sharedSums(x, wide * wide, x);
    const at::Tensor means = meansOf(sums), mean = means[0], variance = (means[1] - mean * mean).clamp_min(0);
    updateRunning(runningMean, runningVar, mean, variance, sums.rows, momentum);
    const at::Tensor invStd = (variance + eps).rsqrt().to(x.options()), center = mean.to(x.options());
    context->save_for_backward({x, gamma.value_or(at::Tensor()), beta.value_or(at::Tensor()), center, invStd});
    at::Tensor y = (x - ofChannels(center, x)) * ofChannels(invStd, x);
    if (gamma && gamma->defined()) y = y * ofChannels(*gamma, x);
    return beta && beta->defined() ? y + ofChannels(*beta, x) : y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1], &beta = saved[2], &mean = saved[3], &invStd = saved[4], &dy = gradients[0];
    const at::Tensor normal = (x - ofChannels(mean, x)) * ofChannels(invStd, x);
    variable_list result(7);
    if (gamma.defined()) result[1] = (dy * normal).sum(reducedAxes(x));
    if (beta.defined()) result[2] = dy.sum(reducedAxes(x));
    const at::Tensor g = gamma.defined() ? dy * ofChannels(gamma, x) : dy;
    const at::Tensor means = meansOf(sharedSums(g, g * normal, x)).to(x.options());
    result[0] = (g - ofChannels(means[0], x) - normal * ofChannels(means[1], x)) * ofChannels(invStd, x);
    return result;
  }
};

at::Tensor synchronisedBatchNorm(const at::Tensor& x, const c10::optional<at::Tensor>& gamma, const c10::optional<at::Tensor>& beta,
                                 const at::Tensor& runningMean, const at::Tensor& runningVar, double momentum, double eps) {
  const c10::Device device = x.defined() ? x.device() : c10::Device(at::kCPU);
  checkPlain(x, at::kFloat, "input", device);
  TORCH_CHECK(x.dim() >= 2, "input: expected [N, C, ...], received ", x.sizes());
  const auto check = [&](const at::Tensor& values, const char* name) { checkSizes(values, at::kFloat, {x.size(1)}, name, device); };
  if (gamma && gamma->defined()) check(*gamma, "gamma");
  if (beta && beta->defined()) check(*beta, "beta");
  check(runningMean, "running_mean");
  check(runningVar, "running_var");
  checkApart(runningMean, runningVar, "running_mean");
  for (const at::Tensor& written : {runningMean, runningVar}) {
    checkApart(written, x, "running statistics");
    if (gamma && gamma->defined()) checkApart(written, *gamma, "running statistics");
    if (beta && beta->defined()) checkApart(written, *beta, "running statistics");
  }
  checkNormOptions(momentum, eps);
  return SynchronisedBatchNorm::apply(x, gamma, beta, runningMean, runningVar, momentum, eps);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def(
      "synchronised_batch_norm(Tensor input, Tensor? gamma, Tensor? beta, Tensor running_mean, Tensor running_var, float momentum, "
      "float eps) -> Tensor",
      synchronisedBatchNorm);
}

}  // namespace snnseg
