// snnseg::depthwise_conv2d: each filter reads a channel of its own; the padding keeps the size, a stride divides it, rounded up.
//
//     y[c, p] = sum over taps k of w[c, k] * x[c, s*p + d*(k - r)],   x = 0 outside the image,  r = (K - 1) / 2
//
// Channels are neighbours in memory, so that the result and both gradients are sums of products of rows of channels. Every sum is
// added in one order, whatever the number of threads. oneDNN's gradients of dilated ones took up to ten times as long.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>

#include "checks.h"
#include "kernels/dispatch.h"
#include "reaching-dilation.h"

namespace snnseg {
namespace {

using sparse::kernels;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// The window along one axis.
struct Axis {
  int64_t size, kernel, stride, dilation;

  int64_t outputs() const { return (size + stride - 1) / stride; }
  int64_t offset(int64_t tap) const { return dilation * (tap - kernel / 2); }
  // Outputs from first() on and before end() read the image through a tap.
  int64_t first(int64_t tap) const { return (std::max<int64_t>(0, -offset(tap)) + stride - 1) / stride; }
  int64_t end(int64_t tap) const {
    const int64_t last = size - 1 - offset(tap);
    return last < 0 ? 0 : std::min(outputs(), last / stride + 1);
  }
};

struct Shape {
  int64_t batch, channels;
  Axis vertical, horizontal;

  Shape(const at::Tensor& x, int64_t kernel, int64_t stride, int64_t dilation)
      : batch(x.size(0)), channels(x.size(1)), vertical{x.size(2), kernel, stride, dilation}, horizontal{x.size(3), kernel, stride, dilation} {}

  int64_t taps() const { return vertical.kernel * horizontal.kernel; }
  // Rows of the map that a task takes at least.
  int64_t grain() const { return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, horizontal.size * channels * taps())); }

  /// Calls visit(tap, input row, first input column, output row, first output column, outputs) for every tap of an output's row.
  template <typename Visit>
  void forEachTap(int64_t row, Visit&& visit) const {
    for (int64_t i = 0; i < vertical.kernel; i++) {
      const int64_t from = row * vertical.stride + vertical.offset(i);
      if (from >= 0 && from < vertical.size) forEachColumnTap(i, from, row, visit);
    }
  }

  /// The same for every tap of an input's row.
  template <typename Visit>
  void forEachReader(int64_t from, Visit&& visit) const {
    for (int64_t i = 0; i < vertical.kernel; i++) {
      const int64_t center = from - vertical.offset(i), row = center / vertical.stride;
      if (center >= 0 && center % vertical.stride == 0 && row < vertical.outputs()) forEachColumnTap(i, from, row, visit);
    }
  }

 private:
  template <typename Visit>
  void forEachColumnTap(int64_t i, int64_t from, int64_t row, Visit&& visit) const {
    for (int64_t j = 0; j < horizontal.kernel; j++) {
      const int64_t first = horizontal.first(j), count = horizontal.end(j) - first;
      const int64_t column = first * horizontal.stride + horizontal.offset(j);
      if (count > 0) visit(i * horizontal.kernel + j, from, column, row, first, count);
    }
  }
};

at::Tensor channelsLast(const at::Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

/// [C, 1, K, K] as [taps, C].
at::Tensor tapRows(const at::Tensor& weight) { return weight.flatten(1).t().contiguous(); }

at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const Shape& shape) {
  const int64_t rows = shape.vertical.outputs(), columns = shape.horizontal.outputs(), channels = shape.channels;
  at::Tensor y = at::empty({shape.batch, channels, rows, columns}, x.options(), at::MemoryFormat::ChannelsLast);
  const at::Tensor byTap = tapRows(weight);
  const float *from = x.data_ptr<float>(), *w = byTap.data_ptr<float>();
  float* to = y.data_ptr<float>();
  at::parallel_for(0, shape.batch * rows, shape.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; index++) {
      const int64_t image = index / rows;
      float* line = to + index * columns * channels;
      std::fill_n(line, columns * channels, 0.0f);
      shape.forEachTap(index % rows, [&](int64_t tap, int64_t row, int64_t column, int64_t, int64_t first, int64_t count) {
        const float* read = from + ((image * shape.vertical.size + row) * shape.horizontal.size + column) * channels;
        kernels().addProducts({w + tap * channels, 0, read, shape.horizontal.stride * channels, line + first * channels, channels, count, channels});
      });
    }
  });
  return y;
}

at::Tensor inputGradient(const at::Tensor& gy, const at::Tensor& weight, const Shape& shape) {
  const int64_t height = shape.vertical.size, width = shape.horizontal.size, channels = shape.channels;
  at::Tensor gx = at::empty({shape.batch, channels, height, width}, gy.options(), at::MemoryFormat::ChannelsLast);
  const at::Tensor byTap = tapRows(weight);
  const float *from = gy.data_ptr<float>(), *w = byTap.data_ptr<float>();
  float* to = gx.data_ptr<float>();
  at::parallel_for(0, shape.batch * height, shape.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; index++) {
      const int64_t image = index / height;
      float* line = to + index * width * channels;
      std::fill_n(line, width * channels, 0.0f);
      shape.forEachReader(index % height, [&](int64_t tap, int64_t, int64_t column, int64_t row, int64_t first, int64_t count) {
        const float* read = from + ((image * shape.vertical.outputs() + row) * shape.horizontal.outputs() + first) * channels;
        kernels().addProducts({w + tap * channels, 0, read, channels, line + column * channels, shape.horizontal.stride * channels, count, channels});
      });
    }
  });
  return gx;
}

at::Tensor weightGradient(const at::Tensor& gy, const at::Tensor& x, const Shape& shape) {
  const int64_t rows = shape.vertical.outputs(), columns = shape.horizontal.outputs(), channels = shape.channels;
  at::Tensor sums = at::zeros({shape.batch, shape.taps(), channels}, x.options());
  const float *read = x.data_ptr<float>(), *gradient = gy.data_ptr<float>();
  float* to = sums.data_ptr<float>();
  at::parallel_for(0, shape.batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; image++) {
      for (int64_t output = 0; output < rows; output++) {
        shape.forEachTap(output, [&](int64_t tap, int64_t row, int64_t column, int64_t, int64_t first, int64_t count) {
          const float* a = read + ((image * shape.vertical.size + row) * shape.horizontal.size + column) * channels;
          const float* b = gradient + ((image * rows + output) * columns + first) * channels;
          float* sum = to + (image * shape.taps() + tap) * channels;
          kernels().addProducts({a, shape.horizontal.stride * channels, b, channels, sum, 0, count, channels});
        });
      }
    }
  });
  return sums.sum(0).t().reshape({channels, 1, shape.vertical.kernel, shape.horizontal.kernel});
}

class DepthwiseConv : public torch::autograd::Function<DepthwiseConv> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight, int64_t stride, int64_t dilation) {
    const at::Tensor read = channelsLast(x);
    context->save_for_backward({read, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["dilation"] = dilation;
    return convolve(read, weight, Shape(read, weight.size(2), stride, dilation));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const Shape shape(x, weight.size(2), context->saved_data["stride"].toInt(), context->saved_data["dilation"].toInt());
    const at::Tensor gy = channelsLast(plainGradient(gradients[0]));
    const auto wanted = [&](int64_t index) { return context->needs_input_grad(index); };
    return {wanted(0) ? inputGradient(gy, weight, shape) : Variable(), wanted(1) ? weightGradient(gy, x, shape) : Variable(), Variable(),
            Variable()};
  }
};

at::Tensor depthwiseConv(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t dilation) {
  checkAxes(x, at::kFloat, "[N, C, H, W]", "x");
  checkWeight(weight);
  TORCH_CHECK(weight.size(0) == x.size(1) && weight.size(1) == 1 && weight.size(2) % 2 == 1,
              "depthwise_conv2d: expected weights [C, 1, K, K] with K odd and C the channels of ", x.sizes(), ", received ", weight.sizes());
  checkRange(stride, 1, longestAxis, "stride");
  TORCH_CHECK(dilation >= 1, "dilation: expected 1 or more, received ", dilation);
  return DepthwiseConv::apply(x, weight, stride, reachingDilation(dilation, x.size(2), x.size(3)));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def("depthwise_conv2d(Tensor x, Tensor weight, int stride, int dilation) -> Tensor", depthwiseConv);
}

}  // namespace snnseg
