// snnseg::same_conv2d: a convolution whose padding keeps the size, with two choices that plain conv2d does not have.
//
//     y[p] = sum over taps k of w_k * x[p + d*k],   x = 0 outside the image
//
// By taps: a sum of shifted 1x1 convolutions that leaves out all that reads only padding. With dilation 12 on a 16x16 map,
// three quarters of the products of a 3x3 kernel are with zeros outside the image. Equal up to the order of the sums.
// Half backward: forward in the input's type, gradients in bfloat16 (values rounded by at most 2^-9, sums in float32), and
// the input kept as bfloat16, which spikes fit exactly. Spikes therefore stay what they are in float32. Any device.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "checks.h"
#include "kernels/dispatch.h"
#include "reaching-dilation.h"

namespace snnseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// The part of a map that one tap reads (`input`) and the part it contributes to (`output`).
struct Reach {
  int64_t height, width, inputRow, inputColumn, outputRow, outputColumn;

  Reach(const at::Tensor& x, int64_t dy, int64_t dx)
      : height(x.size(2) - std::abs(dy)),
        width(x.size(3) - std::abs(dx)),
        inputRow(std::max<int64_t>(0, dy)),
        inputColumn(std::max<int64_t>(0, dx)),
        outputRow(std::max<int64_t>(0, -dy)),
        outputColumn(std::max<int64_t>(0, -dx)) {}

  bool empty() const { return height <= 0 || width <= 0; }
  at::Tensor input(const at::Tensor& x) const { return x.narrow(2, inputRow, height).narrow(3, inputColumn, width); }
  at::Tensor output(const at::Tensor& y) const { return y.narrow(2, outputRow, height).narrow(3, outputColumn, width); }
};

at::Tensor tap(const at::Tensor& weight, int64_t row, int64_t column) {
  return weight.narrow(2, row, 1).narrow(3, column, 1);
}

// Calls visit(row, column, reach) for every tap that reaches the map, the middle one first: it covers the whole map.
template <typename Visit>
void forEachTap(const at::Tensor& x, const at::Tensor& weight, int64_t dilation, Visit&& visit) {
  const int64_t size = weight.size(2), middle = size / 2;
  visit(middle, middle, Reach(x, 0, 0));
  for (int64_t row = 0; row < size; row++) {
    for (int64_t column = 0; column < size; column++) {
      if (row == middle && column == middle) continue;
      const Reach reach(x, (row - middle) * dilation, (column - middle) * dilation);
      if (!reach.empty()) visit(row, column, reach);
    }
  }
}

// Forward or backward of the whole map at once, or of each tap on the part it reaches.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, int64_t dilation, bool byTaps) {
  if (!byTaps) {
    const int64_t padding = dilation * (weight.size(2) / 2);
    return at::conv2d(x, weight, {}, {1, 1}, {padding, padding}, {dilation, dilation});
  }
  at::Tensor y;
  forEachTap(x, weight, dilation, [&](int64_t row, int64_t column, const Reach& reach) {
    at::Tensor part = at::conv2d(reach.input(x), tap(weight, row, column));
    if (y.defined()) {
      reach.output(y).add_(part);
    } else {
      y = std::move(part);
    }
  });
  return y;
}

/// Gradients of x and weight, each where wanted.
std::pair<at::Tensor, at::Tensor> convolveBackward(const at::Tensor& gy, const at::Tensor& x, const at::Tensor& weight, int64_t dilation,
                                                   bool byTaps, std::array<bool, 3> wanted) {
  // oneDNN 2.6 gives wrong bfloat16 weight gradients of dilated convolutions whose channels are not a multiple of 16.
  const bool wrong = x.scalar_type() == at::kBFloat16 && dilation > 1 && x.size(1) % 16 != 0 && wanted[1];
  if (!byTaps && !wrong) {
    const int64_t padding = dilation * (weight.size(2) / 2);
    auto [gx, gw, none] = at::convolution_backward(gy, x, weight, c10::nullopt, {1, 1}, {padding, padding}, {dilation, dilation}, false,
                                                   {0, 0}, 1, wanted);
    return {gx, gw};
  }
  at::Tensor gx, gw = wanted[1] ? at::zeros_like(weight) : at::Tensor();
  forEachTap(x, weight, dilation, [&](int64_t row, int64_t column, const Reach& reach) {
    auto [gxPart, gwPart, none] = at::convolution_backward(reach.output(gy), reach.input(x), tap(weight, row, column), c10::nullopt,
                                                           {1, 1}, {0, 0}, {1, 1}, false, {0, 0}, 1, wanted);
    if (wanted[1]) tap(gw, row, column).copy_(gwPart);
    if (!wanted[0]) return;
    if (gx.defined()) {
      reach.input(gx).add_(gxPart);
    } else {
      gx = std::move(gxPart);
    }
  });
  return {gx, gw};
}

/// Values rounded to bfloat16 are multiplied as float32 on a processor without bfloat16 products: libtorch would emulate them, slowly
/// and with sums in bfloat16.
at::ScalarType computingType(const at::Tensor& x) {
  const bool emulated = x.scalar_type() == at::kBFloat16 && x.device().is_cpu() && !sparse::isaHasBfloat16();
  return emulated ? at::kFloat : x.scalar_type();
}

class SameConv : public torch::autograd::Function<SameConv> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight, int64_t dilation, bool byTaps,
                          bool halfBackward) {
    const auto kept = halfBackward ? at::kBFloat16 : x.scalar_type();
    context->save_for_backward({x.to(kept), weight.to(kept)});
    context->saved_data["dilation"] = dilation;
    context->saved_data["byTaps"] = byTaps;
    return convolve(x, weight, dilation, byTaps);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const auto type = gradients[0].scalar_type();
    const auto computed = computingType(x);
    auto [gx, gw] = convolveBackward(plainGradient(gradients[0]).to(x.scalar_type()).to(computed), x.to(computed), weight.to(computed), context->saved_data["dilation"].toInt(),
                                     context->saved_data["byTaps"].toBool(),
                                     {context->needs_input_grad(0), context->needs_input_grad(1), false});
    return {gx.defined() ? gx.to(type) : gx, gw.defined() ? gw.to(type) : gw, Variable(), Variable(), Variable()};
  }
};

at::Tensor sameConv(const at::Tensor& x, const at::Tensor& weight, int64_t dilation, bool byTaps, bool halfBackward) {
  TORCH_CHECK(x.dim() == 4 && weight.dim() == 4 && weight.size(2) == weight.size(3) && weight.size(2) % 2 == 1 &&
                  weight.size(2) <= largestKernel && x.size(1) == weight.size(1) && x.size(1) >= 1 && weight.size(0) >= 1,
              "same_conv2d: expected [N, C, H, W] and [K, C, k, k] with k odd and up to ", largestKernel, ", received ", x.sizes(), " and ",
              weight.sizes());
  TORCH_CHECK(at::isFloatingType(x.scalar_type()) && x.scalar_type() == weight.scalar_type() && x.device() == weight.device() &&
                  x.layout() == at::kStrided && weight.layout() == at::kStrided,
              "same_conv2d: expected plain tensors of the same kind of floats on the same device, received ", x.scalar_type(), " on ",
              x.device(), " and ", weight.scalar_type(), " on ", weight.device());
  TORCH_CHECK(dilation >= 1, "dilation: expected 1 or more, received ", dilation);
  return SameConv::apply(x, weight, reachingDilation(dilation, x.size(2), x.size(3)), byTaps, halfBackward);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def("same_conv2d(Tensor x, Tensor weight, int dilation, bool by_taps, bool half_backward) -> Tensor", sameConv);
}

}  // namespace snnseg
