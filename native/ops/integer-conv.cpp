// Operators of inference on small integers: the kernels of kernels/integer-conv.h behind libtorch's dispatcher. Integers are
// uint8 [N, H, W, C]; real values are float32 [N, C, H, W] with channels last in memory.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <array>

#include "checks.h"
#include "integer-neurons.h"
#include "kernels/integer-conv.h"

namespace snnseg {
namespace {

using sparse::IntegerConv;

constexpr int64_t mostKernel = 15;
constexpr auto channelsLast = at::MemoryFormat::ChannelsLast;

std::tuple<at::Tensor, at::Tensor> packIntegerConv(const at::Tensor& weight, int64_t groups) {
  checkWeight(weight);
  checkFinite(weight, "weight");
  const int64_t outputs = weight.size(0), kernel = weight.size(2);
  TORCH_CHECK(kernel % 2 == 1 && kernel <= mostKernel, "weight: expected [O, I, K, K] with K odd and up to ", mostKernel, ", received ", weight.sizes());
  TORCH_CHECK(groups == 1 || (groups == outputs && weight.size(1) == 1), "groups: expected 1, or one of each of ", outputs,
              " channels with weights [C, 1, K, K], received ", groups, " with ", weight.sizes());
  const bool depthwise = groups > 1;
  const IntegerConv conv{depthwise ? outputs : weight.size(1), outputs, kernel, 1, 1, depthwise};
  const at::Tensor values = weight.detach().contiguous();
  at::Tensor packed = at::empty(sparse::integerWeightSizes(conv), at::kChar), step = at::empty({outputs}, at::kFloat);
  sparse::packIntegerWeights(conv, values.data_ptr<float>(), packed.data_ptr<int8_t>(), step.data_ptr<float>());
  return {packed, step};
}

/// A number a channel: finite, contiguous.
at::Tensor channelValues(const at::Tensor& x, int64_t channels, const char* name) {
  checkSizes(x, at::kFloat, {channels}, name);
  checkNoGradient(x, name, "detach it");
  checkFinite(x, name);
  return x.contiguous();
}

/// [C], or [1] for all channels; above 0.
at::Tensor thresholds(const at::Tensor& threshold, int64_t channels) {
  const bool one = threshold.dim() == 1 && threshold.size(0) == 1;
  const at::Tensor values = channelValues(threshold, one ? 1 : channels, "threshold");
  TORCH_CHECK(values.min().item<float>() > 0.0f, "threshold: expected values above 0, received ", values.min().item<float>());
  return values.expand({channels}).contiguous();
}

/// Arguments of a convolution, checked, but for what becomes of its sums.
struct Call {
  IntegerConv conv;
  at::Tensor scale, shift;
  std::array<int64_t, 4> sizes;  // of the result, channels last
  sparse::IntegerConvCall call{};

  Call(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& givenScale, const at::Tensor& givenShift, int64_t kernel, int64_t stride, int64_t dilation) {
    checkAxes(x, at::kByte, "[N, H, W, C]", "x");
    checkContiguous(x, "x");
    TORCH_CHECK(x.size(1) > 0 && x.size(2) > 0 && x.size(3) > 0, "x: expected at least one pixel and channel, received ", x.sizes());
    checkRange(kernel, 1, mostKernel, "kernel");
    TORCH_CHECK(kernel % 2 == 1, "kernel: expected an odd size, received ", kernel);
    checkRange(stride, 1, longestAxis, "stride");
    checkRange(dilation, 1, largestDilation, "dilation");
    checkPlain(givenScale, at::kFloat, "scale");
    conv = {x.size(3), givenScale.numel(), kernel, stride, dilation, weight.dim() == 2};
    TORCH_CHECK(conv.outputs > 0 && (!conv.depthwise || conv.outputs == conv.inputs), "scale: expected ",
                conv.depthwise ? "one for each channel of x, " : "at least one, ", "received ", givenScale.sizes());
    checkSizes(weight, at::kChar, sparse::integerWeightSizes(conv), "weight");
    checkContiguous(weight, "weight");
    scale = channelValues(givenScale, conv.outputs, "scale");
    shift = channelValues(givenShift, conv.outputs, "shift");
    sizes = {x.size(0), conv.outSide(x.size(1)), conv.outSide(x.size(2)), conv.outputs};
    call.input = x.data_ptr<uint8_t>();
    call.images = x.size(0);
    call.height = x.size(1);
    call.width = x.size(2);
    call.weight = weight.data_ptr<int8_t>();
    call.scale = scale.data_ptr<float>();
    call.shift = shift.data_ptr<float>();
  }

  at::Tensor integers(int64_t levels) {
    checkRange(levels, 1, mostLevels, "levels");
    at::Tensor result = at::empty(sizes, at::kByte);
    call.levels = static_cast<int>(levels);
    call.integers = result.data_ptr<uint8_t>();
    return result;
  }
  at::Tensor values() {
    at::Tensor result = at::empty(sizes, at::kFloat);
    call.values = result.data_ptr<float>();
    return result.permute({0, 3, 1, 2});
  }
  void run() const { sparse::integerConv(conv, call, at::get_num_threads()); }
};

at::Tensor integerConv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& scale, const at::Tensor& shift, int64_t kernel, int64_t stride,
                         int64_t dilation, int64_t levels) {
  Call call(x, weight, scale, shift, kernel, stride, dilation);
  const at::Tensor result = levels == 0 ? call.values() : call.integers(levels);
  call.run();
  return result;
}

std::tuple<at::Tensor, at::Tensor> integerConv2dJoin(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& scale, const at::Tensor& shift,
                                                     int64_t kernel, int64_t stride, int64_t dilation, const at::Tensor& residual,
                                                     const at::Tensor& threshold, int64_t levels) {
  Call call(x, weight, scale, shift, kernel, stride, dilation);
  const auto& sizes = call.sizes;
  checkSizes(residual, at::kFloat, {sizes[0], sizes[3], sizes[1], sizes[2]}, "residual");
  checkNoGradient(residual, "residual", "detach it");
  const at::Tensor before = residual.contiguous(channelsLast), theta = thresholds(threshold, sizes[3]);
  call.call.residual = before.data_ptr<float>();
  call.call.threshold = theta.data_ptr<float>();
  const at::Tensor values = call.values(), integers = call.integers(levels);
  call.run();
  return {values, integers};
}

at::Tensor fireIntegers(const at::Tensor& values, const at::Tensor& threshold, int64_t levels) {
  checkAxes(values, at::kFloat, "[N, C, H, W]", "values");
  checkNoGradient(values, "values", "detach it");
  TORCH_CHECK(values.size(1) > 0, "values: expected at least one channel, received ", values.sizes());
  checkRange(levels, 1, mostLevels, "levels");
  const at::Tensor u = values.contiguous(channelsLast), theta = thresholds(threshold, values.size(1));
  at::Tensor result = at::empty({u.size(0), u.size(2), u.size(3), u.size(1)}, at::kByte);
  sparse::fireIntegers(u.data_ptr<float>(), u.size(0) * u.size(2) * u.size(3), u.size(1), theta.data_ptr<float>(), static_cast<int>(levels),
                       result.data_ptr<uint8_t>(), at::get_num_threads());
  return result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def("pack_integer_conv(Tensor weight, int groups) -> (Tensor packed, Tensor step)", packIntegerConv);
  library.def(
      "integer_conv2d(Tensor x, Tensor weight, Tensor scale, Tensor shift, int kernel, int stride, int dilation, int levels) -> Tensor",
      integerConv2d);
  library.def(
      "integer_conv2d_join(Tensor x, Tensor weight, Tensor scale, Tensor shift, int kernel, int stride, int dilation, Tensor residual, "
      "Tensor threshold, int levels) -> (Tensor sum, Tensor integers)",
      integerConv2dJoin);
  library.def("fire_integers(Tensor values, Tensor threshold, int levels) -> Tensor", fireIntegers);
}

}  // namespace snnseg
