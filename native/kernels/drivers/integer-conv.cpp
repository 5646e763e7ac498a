// Drives convolutions of small integers: packs weights, and runs strips of output rows.
#include "kernels/integer-conv.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "conv.h"
#include "kernels/dispatch.h"
#include "quantize.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t stripPixels = 1024;  // outputs of a unit, about
constexpr int64_t tilePart = 96;       // pixels that share the weights of a group in the first-level cache; a multiple of 2, 6 and 8
constexpr int64_t tileSlack = 8;       // lines that kernels may read beyond

int64_t taps(const IntegerConv& conv) { return conv.kernel * conv.kernel; }
int64_t words(const IntegerConv& conv) { return (conv.inputs + 3) / 4; }
int64_t groups(const IntegerConv& conv) { return (conv.outputs + integerOutputs - 1) / integerOutputs; }

int64_t placeOf(const IntegerConv& conv, int64_t output, int64_t input, int64_t tap) {
  if (conv.depthwise) return tap * conv.outputs + output;
  const int64_t step = (output / integerOutputs * taps(conv) + tap) * words(conv) + input / 4;
  return (step * integerOutputs + output % integerOutputs) * 4 + input % 4;
}

struct Workspace {
  std::vector<const uint8_t*> lines;
  Aligned<uint8_t> zeros, tail;
};
thread_local Workspace workspace;

/// Rows [first, last) of an image's outputs.
class Strip {
 public:
  Strip(const IntegerConv& conv, const IntegerConvCall& call, const IntegerSink& sink, int64_t image, int64_t first, int64_t last)
      : conv_(conv), call_(call), sink_(sink), first_(first), last_(last), outWidth_(conv.outSide(call.width)),
        image_(call.input + image * call.height * call.width * conv.inputs) {
    const int64_t pixel = (image * conv.outSide(call.height) + first) * outWidth_;
    advance(sink_, pixel);
  }

  void run() {
    const int64_t reach = conv_.padding(), top = std::max<int64_t>(0, first_ * conv_.stride - reach);
    const int64_t bottom = std::min(call_.height, (last_ - 1) * conv_.stride + reach + 1);
    const int largest = kernels().largestByte(row(top), (bottom - top) * call_.width * conv_.inputs);
    if (largest > largestInteger) throw std::runtime_error("input: expected integers of 0 to 127, received " + std::to_string(largest));
    // Sums of 16 bits hold this many products of a weight of at most 128.
    exact_ = 256 / std::max(1, largest);
    conv_.depthwise ? runDepthwise() : runDense();
  }

 private:
  const uint8_t* row(int64_t y) const { return image_ + y * call_.width * conv_.inputs; }

  void runDepthwise() {
    std::vector<const uint8_t*> rows(static_cast<size_t>(conv_.kernel));
    IntegerDepthwise task{rows.data(), call_.width, outWidth_, conv_.kernel, conv_.stride, conv_.dilation, conv_.padding(),
                          taps(conv_) <= exact_, call_.weight, sink_};
    for (int64_t y = first_; y < last_; y++) {
      for (int64_t ky = 0; ky < conv_.kernel; ky++) {
        const int64_t from = y * conv_.stride + ky * conv_.dilation - conv_.padding();
        rows[static_cast<size_t>(ky)] = from >= 0 && from < call_.height ? row(from) : nullptr;
      }
      kernels().integerDepthwise(task);
      advance(task.sink, outWidth_);
    }
  }

  void runDense() {
    const size_t lineBytes = static_cast<size_t>(4 * words(conv_));
    workspace.zeros.reserve(lineBytes);
    // Kernels read words of four channels: past the input's end in its last pixel, of one channel in its last three.
    const int64_t all = call_.images * call_.height * call_.width, tailPixels = std::min<int64_t>(all, conv_.inputs == 1 ? 3 : 1);
    const size_t tailBytes = static_cast<size_t>(tailPixels * conv_.inputs);
    workspace.tail.reserve(tailBytes + lineBytes);
    tail_ = call_.input + (all - tailPixels) * conv_.inputs;
    std::memcpy(workspace.tail.data(), tail_, tailBytes);
    workspace.lines.resize(static_cast<size_t>(taps(conv_) * (tilePart + tileSlack)));
    IntegerTiles task{workspace.lines.data(), tilePart + tileSlack, workspace.zeros.data(), 0, static_cast<int>(taps(conv_)),
                      static_cast<int>(words(conv_)), exact_ / 2, call_.weight, groups(conv_), sink_};
    const int64_t pixels = (last_ - first_) * outWidth_;
    for (int64_t pixel = 0; pixel < pixels; pixel += tilePart) {
      task.pixels = std::min(tilePart, pixels - pixel);
      fillLines(pixel, task.pixels);
      kernels().integerTiles(task);
      advance(task.sink, task.pixels);
    }
  }

  void fillLines(int64_t first, int64_t count) const {
    const uint8_t** to = workspace.lines.data();
    const uint8_t* zeros = workspace.zeros.data();
    for (int64_t ky = 0; ky < conv_.kernel; ky++) {
      for (int64_t kx = 0; kx < conv_.kernel; kx++, to += tilePart + tileSlack) {
        int64_t x = first % outWidth_, y = first_ + first / outWidth_;
        for (int64_t i = 0; i < count; i++) {
          const int64_t down = y * conv_.stride + ky * conv_.dilation - conv_.padding();
          const int64_t right = x * conv_.stride + kx * conv_.dilation - conv_.padding();
          const bool inside = down >= 0 && down < call_.height && right >= 0 && right < call_.width;
          to[i] = inside ? lineOf(row(down) + right * conv_.inputs) : zeros;
          if (++x == outWidth_) x = 0, y++;
        }
        std::fill_n(to + count, tileSlack, zeros);
      }
    }
  }

  const uint8_t* lineOf(const uint8_t* pixel) const {
    return conv_.inputs % 4 != 0 && pixel >= tail_ ? workspace.tail.data() + (pixel - tail_) : pixel;
  }

  static void advance(IntegerSink& sink, int64_t pixels) {
    if (sink.integers) sink.integers += pixels * sink.channels;
    if (sink.values) sink.values += pixels * sink.channels;
    if (sink.residual) sink.residual += pixels * sink.channels;
  }

  const IntegerConv& conv_;
  const IntegerConvCall& call_;
  IntegerSink sink_;
  int64_t first_, last_, outWidth_;
  const uint8_t* image_;
  const uint8_t* tail_ = nullptr;
  int exact_ = 0;
};

/// A number a channel, padded to whole groups; none where `from` is null.
class Padded {
 public:
  Padded(const float* from, int64_t count) : from_(from), values_(static_cast<size_t>(from ? (count + integerOutputs - 1) / integerOutputs * integerOutputs : 0)) {
    if (from) std::copy_n(from, count, values_.data());
  }
  const float* data() const { return from_ ? values_.data() : nullptr; }

 private:
  const float* from_;
  Aligned<float> values_;
};

}  // namespace

std::vector<int64_t> integerWeightSizes(const IntegerConv& conv) {
  if (conv.depthwise) return {taps(conv), conv.outputs};
  return {groups(conv), taps(conv), words(conv), integerOutputs, 4};
}

int64_t integerWeightBytes(const IntegerConv& conv) {
  const std::vector<int64_t> sizes = integerWeightSizes(conv);
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<int64_t>());
}

void packIntegerWeights(const IntegerConv& conv, const float* weight, int8_t* packed, float* step) {
  const int64_t inputs = conv.depthwise ? 1 : conv.inputs, each = inputs * taps(conv);
  std::fill_n(packed, integerWeightBytes(conv), int8_t{0});
  for (int64_t o = 0; o < conv.outputs; o++) {
    const float* from = weight + o * each;
    float largest = 0.0f;
    for (int64_t i = 0; i < each; i++) largest = std::max(largest, std::fabs(from[i]));
    step[o] = stepOf(largest, largestInteger);
    const Quantizer quantizer(step[o], largestInteger);
    for (int64_t c = 0; c < inputs; c++) {
      for (int64_t tap = 0; tap < taps(conv); tap++) packed[placeOf(conv, o, c, tap)] = static_cast<int8_t>(quantizer.quantize(from[c * taps(conv) + tap]));
    }
  }
}

void integerConv(const IntegerConv& conv, const IntegerConvCall& call, int threads) {
  const int64_t products = taps(conv) * (conv.depthwise ? 1 : conv.inputs);
  if (products > INT32_MAX / (128 * largestInteger)) throw std::runtime_error("weight: expected a kernel whose sums fit 32 bits");
  const Padded scale(call.scale, conv.outputs), shift(call.shift, conv.outputs), threshold(call.threshold, conv.outputs);
  const IntegerSink sink{scale.data(), shift.data(), conv.outputs, call.levels, call.integers, call.values, call.residual, threshold.data()};
  const int64_t outHeight = conv.outSide(call.height), rows = std::max<int64_t>(1, stripPixels / conv.outSide(call.width));
  const int64_t strips = (outHeight + rows - 1) / rows;
  parallelFor(call.images * strips, threads, [&](int64_t unit, int) {
    const int64_t first = unit % strips * rows;
    Strip(conv, call, sink, unit / strips, first, std::min(outHeight, first + rows)).run();
  });
}

void fireIntegers(const float* values, int64_t pixels, int64_t channels, const float* threshold, int levels, uint8_t* integers, int threads) {
  const Padded padded(threshold, channels);
  parallelFor((pixels + stripPixels - 1) / stripPixels, threads, [&](int64_t unit, int) {
    const int64_t first = unit * stripPixels, count = std::min(stripPixels, pixels - first);
    kernels().fireIntegers(values + first * channels, count, channels, padded.data(), levels, integers + first * channels);
  });
}

}  // namespace snnseg::sparse
