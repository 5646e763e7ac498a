// snnseg::sgd_step and snnseg::adam_step: updates of all parameters, each in one pass over its memory and without temporary
// tensors. Equations: src/nn/optimizers. The same operations in the same order as the composition of libtorch's operators
// there, which serves other devices.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "kernels/dispatch.h"

namespace snnseg {
namespace {

constexpr int64_t grain = 32 * 1024;

using sparse::kernels;

void check(at::TensorList values, at::TensorList others, const char* name) {
  TORCH_CHECK(values.size() == others.size(), name, ": expected ", values.size(), " tensors, received ", others.size());
  for (size_t k = 0; k < values.size(); k++) {
    TORCH_CHECK(others[k].device().is_cpu() && others[k].scalar_type() == at::kFloat && others[k].sizes() == values[k].sizes(), name,
                ": expected float32 ", values[k].sizes(), " on the CPU, received ", others[k].sizes());
  }
}

/// Memory of a tensor that is updated in place, elements in the order of `like`.
float* changed(const at::Tensor& x, const at::Tensor& like) {
  TORCH_CHECK(x.is_non_overlapping_and_dense() && x.strides() == like.strides(),
              "optimizer: expected dense memory in the order of the parameter, received strides ", x.strides());
  return x.data_ptr<float>();
}

/// The same values, elements in the order of `like`.
at::Tensor ordered(const at::Tensor& x, const at::Tensor& like) {
  return x.strides() == like.strides() ? x : at::empty_like(like).copy_(x);
}

void sgdStep(at::TensorList values, at::TensorList gradients, at::TensorList velocities, double lr, double momentum, double weightDecay) {
  check(values, values, "values");
  check(values, gradients, "gradients");
  if (momentum != 0) check(values, velocities, "velocities");
  for (size_t k = 0; k < values.size(); k++) {
    const at::Tensor &value = values[k], gradient = ordered(gradients[k], value);
    float *w = changed(value, value), *velocity = momentum != 0 ? changed(velocities[k], value) : nullptr;
    const float* g = gradient.data_ptr<float>();
    at::parallel_for(0, gradient.numel(), grain, [&](int64_t from, int64_t to) {
      kernels().sgdRange(w + from, g + from, velocity ? velocity + from : nullptr, static_cast<float>(lr), static_cast<float>(momentum),
               static_cast<float>(weightDecay), to - from);
    });
  }
}

void adamStep(at::TensorList values, at::TensorList gradients, at::TensorList means, at::TensorList squares, at::TensorList largest,
              double step, double correction, double beta1, double beta2, double eps, double weightDecay) {
  check(values, values, "values");
  check(values, gradients, "gradients");
  check(values, means, "means");
  check(values, squares, "squares");
  check(values, largest, "largest squares");
  const sparse::AdamStep adam{static_cast<float>(beta1), static_cast<float>(beta2), static_cast<float>(1 - beta1), static_cast<float>(1 - beta2),
                  static_cast<float>(eps), static_cast<float>(weightDecay), static_cast<float>(step), static_cast<float>(correction)};
  for (size_t k = 0; k < values.size(); k++) {
    const at::Tensor &value = values[k], gradient = ordered(gradients[k], value);
    float *w = changed(value, value), *mean = changed(means[k], value), *square = changed(squares[k], value), *most = changed(largest[k], value);
    const float* g = gradient.data_ptr<float>();
    at::parallel_for(0, gradient.numel(), grain, [&](int64_t from, int64_t to) {
      kernels().adamRange(w + from, g + from, mean + from, square + from, most + from, adam, to - from);
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
      "float correction, float beta1, float beta2, float eps, float weight_decay) -> ()",
      adamStep);
}

}  // namespace snnseg
