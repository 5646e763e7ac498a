#include "owned-gradient.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

namespace snnseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// The identity; notes how many handles there are on the gradient that it is given.
class CountHandles : public torch::autograd::Function<CountHandles> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, int64_t address) {
    context->saved_data["address"] = address;
    return x.clone();
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    *reinterpret_cast<size_t*>(context->saved_data["address"].toInt()) = gradients[0].use_count();
    return {gradients[0].clone(), Variable()};
  }
};

/// Handles that libtorch itself has on a gradient meanwhile: releases differ.
size_t handlesOfLibtorch() {
  static const size_t count = [] {
    at::AutoGradMode withGradients(true);
    size_t result = 0, ignored = 0;
    const Variable x = at::zeros({1}).requires_grad_();
    // The later one's gradient comes from the loss, the earlier one's from the later one, and nobody else has it.
    const Variable y = CountHandles::apply(x, reinterpret_cast<int64_t>(&result));
    CountHandles::apply(y, reinterpret_cast<int64_t>(&ignored)).sum().backward();
    return result;
  }();
  return count;
}

}  // namespace

bool ownsGradient(const at::Tensor& gradient) {
  return gradient.use_count() <= handlesOfLibtorch() && gradient.storage().use_count() == 1;
}

}  // namespace snnseg
