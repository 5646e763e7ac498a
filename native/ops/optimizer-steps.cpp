// snnseg::sgd_step and snnseg::adam_step: updates of all parameters, each in one pass over its memory and without temporary
// tensors. Equations: src/nn/optimizers. The same operations in the same order as the composition of libtorch's operators
// there, which serves other devices.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>

#include "checks.h"
#include "kernels/dispatch.h"

namespace snnseg {
namespace {

constexpr int64_t grain = 32 * 1024;

using sparse::kernels;

/// One tensor for each parameter, of its sizes.
void check(at::TensorList values, at::TensorList others, const char* name) {
  TORCH_CHECK(values.size() == others.size(), name, ": expected ", values.size(), " tensors, received ", others.size());
  for (size_t k = 0; k < values.size(); k++) checkSizes(others[k], at::kFloat, values[k].sizes(), name);
}

/// What is updated in place: dense memory of its own, elements in the order of the parameter's.
void checkChanged(at::TensorList values, at::TensorList changed, at::TensorList gradients, const char* name) {
  check(values, changed, name);
  for (size_t k = 0; k < values.size(); k++) {
    TORCH_CHECK(changed[k].is_non_overlapping_and_dense() && changed[k].strides() == values[k].strides(), name,
                ": expected dense memory in the order of the parameter, received strides ", changed[k].strides());
    checkApart(changed[k], gradients[k], name);
    if (changed.data() != values.data()) checkApart(changed[k], values[k], name);
  }
}

void checkFactor(double value, const char* name) { TORCH_CHECK(std::isfinite(value), name, ": expected a finite number, received ", value); }

/// The same values, elements in the order of `like`.
at::Tensor ordered(const at::Tensor& x, const at::Tensor& like) {
  return x.strides() == like.strides() ? x : at::empty_like(like).copy_(x);
}

void sgdStep(at::TensorList values, at::TensorList gradients, at::TensorList velocities, double lr, double momentum, double weightDecay) {
  check(values, gradients, "gradients");
  checkChanged(values, values, gradients, "values");
  if (momentum != 0) checkChanged(values, velocities, gradients, "velocities");
  checkFactor(lr, "lr");
  checkNumber(momentum, 0, 1, "momentum");
  checkFactor(weightDecay, "weight_decay");
  for (size_t k = 0; k < values.size(); k++) {
    const at::Tensor &value = values[k], gradient = ordered(gradients[k], value);
    float *w = value.data_ptr<float>(), *velocity = momentum != 0 ? velocities[k].data_ptr<float>() : nullptr;
    const float* g = gradient.data_ptr<float>();
    at::parallel_for(0, gradient.numel(), grain, [&](int64_t from, int64_t to) {
      kernels().sgdRange(w + from, g + from, velocity ? velocity + from : nullptr, static_cast<float>(lr), static_cast<float>(momentum),
               static_cast<float>(weightDecay), to - from);
    });
  }
}

void adamStep(at::TensorList values, at::TensorList gradients, at::TensorList means, at::TensorList squares, at::TensorList largest,
              double step, double correction, double beta1, double beta2, double eps, double weightDecay, double kept) {
  check(values, gradients, "gradients");
  checkChanged(values, values, gradients, "values");
  checkChanged(values, means, gradients, "means");
  checkChanged(values, squares, gradients, "squares");
  const bool amsgrad = !largest.empty();
  if (amsgrad) checkChanged(values, largest, gradients, "largest");
  checkFactor(step, "step");
  TORCH_CHECK(correction > 0 && std::isfinite(correction), "correction: expected a number above 0, received ", correction);
  checkNumber(beta1, 0, 1, "beta1");
  checkNumber(beta2, 0, 1, "beta2");
  TORCH_CHECK(eps >= 0 && std::isfinite(eps), "eps: expected 0 or more, received ", eps);
  checkFactor(weightDecay, "weight_decay");
  checkFactor(kept, "kept");
  const sparse::AdamStep adam{static_cast<float>(beta1), static_cast<float>(beta2), static_cast<float>(1 - beta1), static_cast<float>(1 - beta2),
                  static_cast<float>(eps), static_cast<float>(weightDecay), static_cast<float>(kept), static_cast<float>(step), static_cast<float>(correction)};
  for (size_t k = 0; k < values.size(); k++) {
    const at::Tensor &value = values[k], gradient = ordered(gradients[k], value);
    float *w = value.data_ptr<float>(), *mean = means[k].data_ptr<float>(), *square = squares[k].data_ptr<float>(),
          *most = amsgrad ? largest[k].data_ptr<float>() : nullptr;
    const float* g = gradient.data_ptr<float>();
    at::parallel_for(0, gradient.numel(), grain, [&](int64_t from, int64_t to) {
      kernels().adamRange(w + from, g + from, mean + from, square + from, most ? most + from : nullptr, adam, to - from);
    });
  }
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def(
      "sgd_step(Tensor(a!)[] values, Tensor[] gradients, Tensor(b!)[] velocities, float lr, float momentum, float weight_decay) -> ()",
      sgdStep);
  library.def(
      "adam_step(Tensor(a!)[] values, Tensor[] gradients, Tensor(b!)[] means, Tensor(c!)[] squares, Tensor(d!)[] largest, float step, "
      "float correction, float beta1, float beta2, float eps, float weight_decay, float kept) -> ()",
      adamStep);
}

}  // namespace snnseg
