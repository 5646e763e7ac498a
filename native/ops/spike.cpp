// snnseg::spike: the spike function with a surrogate gradient, one operator on any device. The plain twin of the
// fused LIF is built from it.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "checks.h"
#include "kernels/surrogate.h"

namespace snnseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

at::Tensor slope(const at::Tensor& x, Surrogate kind) {
  switch (kind) {
    case Surrogate::linear:
      return at::clamp_min(1 - x.abs(), 0).mul_(0.3);
    case Surrogate::fastSigmoid:
      return x.abs().mul_(100).add_(1).square_().reciprocal_();
    case Surrogate::exponential:
      return x.abs().mul_(-10).exp_();
    case Surrogate::passThrough:
      return at::ones_like(x);
  }
  TORCH_CHECK(false, "surrogate: expected 0 to 3");
}

class Spike : public torch::autograd::Function<Spike> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, int64_t surrogate) {
    context->save_for_backward({x});
    context->saved_data["surrogate"] = surrogate;
    return at::gt(x, 0).to(x.scalar_type());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor x = context->get_saved_variables()[0];
    const auto kind = static_cast<Surrogate>(context->saved_data["surrogate"].toInt());
    return {gradients[0] * slope(x, kind), Variable()};
  }
};

at::Tensor spike(const at::Tensor& x, int64_t surrogate) {
  TORCH_CHECK(at::isFloatingType(x.scalar_type()) && x.layout() == at::kStrided, "x: expected a plain tensor of floats, received ",
              x.scalar_type(), " ", x.sizes());
  checkSurrogate(surrogate);
  return Spike::apply(x, surrogate);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def("spike(Tensor x, int surrogate) -> Tensor", spike);
}

}  // namespace snnseg
