// Convolutions of small integers against plain loops: every bit of the result, on random shapes, odd sizes, strides, dilations beyond the
// map, channels that fill no vector, the largest weights and inputs, ties of rounding, threads; and what is refused.
// Usage: integer-test [cases] [seed]; exits 1 on a difference.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/integer-conv.h"
#include "kernels/snn.h"
#include "level.h"
#include "refused.h"

namespace {

using namespace snnseg::sparse;

std::mt19937_64 rng;
int failures = 0;

int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(rng); }
float normal() { return std::normal_distribution<float>()(rng); }
template <size_t count>
int64_t oneOf(const int64_t (&values)[count]) {
  return values[pick(0, count - 1)];
}

struct Case {
  IntegerConv conv;
  int64_t images, height, width, largest;
  int levels;
  std::vector<uint8_t> input;
  std::vector<int> integers;  // the weights, in steps
  std::vector<float> weight, scale, shift, residual, threshold;
  std::vector<int8_t> packed;
  std::vector<float> step;

  int64_t each() const { return (conv.depthwise ? 1 : conv.inputs) * conv.kernel * conv.kernel; }
  int64_t outPixels() const { return images * conv.outSide(height) * conv.outSide(width); }
};

Case randomCase(int64_t index) {
  Case c;
  const int64_t channels[] = {1, 3, 4, 5, 15, 16, 17, 24, 33, 48, 64, 70};
  c.conv = {oneOf(channels), oneOf(channels), oneOf({1, 3, 3, 5}), oneOf({1, 1, 2, 3}), oneOf({1, 1, 2, 4, 12}), index % 2 == 1};
  if (c.conv.depthwise) c.conv.outputs = c.conv.inputs;
  c.images = pick(1, 2);
  c.height = pick(1, 14);
  c.width = index % 9 == 4 ? 1 : pick(1, 23);
  c.largest = oneOf({1, 4, 8, 28, 29, 72, 127});
  c.levels = static_cast<int>(oneOf({1, 4, 8, 127}));
  const bool extreme = index % 5 == 3;
  for (int64_t i = 0; i < c.images * c.height * c.width * c.conv.inputs; i++) {
    c.input.push_back(static_cast<uint8_t>(extreme ? c.largest : pick(0, c.largest)));
  }
  for (int64_t i = 0; i < c.conv.outputs * c.each(); i++) {
    // Each channel's largest is 127, so that its step is the power of two.
    const bool full = extreme || i % c.each() == 0;
    c.integers.push_back(full ? (index % 10 == 3 ? 127 : -127) : static_cast<int>(pick(-127, 127)));
    c.weight.push_back(std::ldexp(static_cast<float>(c.integers.back()), static_cast<int>(i / c.each() % 5) - 7));
  }
  for (int64_t i = 0; i < c.outPixels() * c.conv.outputs; i++) c.residual.push_back(normal());
  // Sums by 1/2 end in ties.
  const float spread = 0.02f * static_cast<float>(c.levels) / static_cast<float>(c.largest);
  for (int64_t o = 0; o < c.conv.outputs; o++) {
    c.scale.push_back(index % 4 == 2 ? 0.5f : spread * normal());
    c.shift.push_back(index % 4 == 2 ? 0.0f : normal());
    c.threshold.push_back(0.25f + std::fabs(normal()));
  }
  c.packed.resize(static_cast<size_t>(integerWeightBytes(c.conv)));
  c.step.resize(static_cast<size_t>(c.conv.outputs));
  packIntegerWeights(c.conv, c.weight.data(), c.packed.data(), c.step.data());
  return c;
}

void expect(bool holds, const Case& c, const char* what) {
  if (holds || failures++ >= 20) return;
  std::printf("FAILED %s: %lld->%lld %s k%lld /%lld d%lld, %lldx%lld, %lld images, integers to %lld, %d levels\n", what, (long long)c.conv.inputs,
              (long long)c.conv.outputs, c.conv.depthwise ? "depthwise" : "dense", (long long)c.conv.kernel, (long long)c.conv.stride,
              (long long)c.conv.dilation, (long long)c.height, (long long)c.width, (long long)c.images, (long long)c.largest, c.levels);
}

std::vector<float> plainLoop(const Case& c) {
  const int64_t outHeight = c.conv.outSide(c.height), outWidth = c.conv.outSide(c.width), kernel = c.conv.kernel;
  std::vector<float> result;
  for (int64_t p = 0; p < c.outPixels(); p++) {
    const int64_t image = p / (outHeight * outWidth), y = p / outWidth % outHeight, x = p % outWidth;
    for (int64_t o = 0; o < c.conv.outputs; o++) {
      int64_t sum = 0;
      for (int64_t tap = 0; tap < kernel * kernel; tap++) {
        const int64_t down = y * c.conv.stride + (tap / kernel - kernel / 2) * c.conv.dilation;
        const int64_t right = x * c.conv.stride + (tap % kernel - kernel / 2) * c.conv.dilation;
        if (down < 0 || down >= c.height || right < 0 || right >= c.width) continue;
        const uint8_t* from = c.input.data() + ((image * c.height + down) * c.width + right) * c.conv.inputs;
        const size_t first = static_cast<size_t>(o * c.each() + tap);
        for (int64_t in = 0; in < (c.conv.depthwise ? 1 : c.conv.inputs); in++) {
          sum += from[c.conv.depthwise ? o : in] * c.integers[first + static_cast<size_t>(in * kernel * kernel)];
        }
      }
      volatile float scaled = static_cast<float>(sum) * c.scale[static_cast<size_t>(o)];  // no fused multiply-add
      result.push_back(scaled + c.shift[static_cast<size_t>(o)]);
    }
  }
  return result;
}

/// To nearest, halves up.
uint8_t level(float y, int levels) {
  const volatile float clipped = std::min(std::max(y, 0.0f), static_cast<float>(levels));
  return static_cast<uint8_t>(std::floor(clipped + 0.5f));
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

void checkConv(const Case& c) {
  for (size_t o = 0; o < c.step.size(); o++) expect(c.step[o] == std::ldexp(1.0f, static_cast<int>(o % 5) - 7), c, "steps");
  const std::vector<float> y = plainLoop(c);
  std::vector<float> joined;
  std::vector<uint8_t> levels, fired;
  for (size_t i = 0; i < y.size(); i++) {
    levels.push_back(level(y[i], c.levels));
    joined.push_back(c.residual[i] + y[i]);
    fired.push_back(level(joined[i] / c.threshold[i % c.threshold.size()], c.levels));
  }
  for (int threads : {1, 3}) {
    std::vector<float> values(y.size());
    std::vector<uint8_t> integers(y.size());
    IntegerConvCall call{c.input.data(), c.images, c.height, c.width, c.packed.data(), c.scale.data(), c.shift.data(), c.levels,
                         nullptr, values.data(), nullptr, nullptr};
    integerConv(c.conv, call, threads);
    expect(same(values, y), c, "values");
    call.integers = integers.data();
    call.residual = c.residual.data();
    call.threshold = c.threshold.data();
    integerConv(c.conv, call, threads);
    expect(same(values, joined) && same(integers, fired), c, "both");
    fireIntegers(joined.data(), c.outPixels(), c.conv.outputs, c.threshold.data(), c.levels, integers.data(), threads);
    expect(same(integers, fired), c, "fired");
    call.values = nullptr;
    integerConv(c.conv, call, threads);
    expect(same(integers, levels), c, "integers");
  }
}

/// What has no place among the levels: NaN gives 0.
void checkOddValues() {
  const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 0.5f, 1.5f, 2.5f, 8.5f, 7.5f, -0.0f, -0.5f, 1e10f, -1e10f, 0.49999997f, 4.5f};
  const uint8_t expected[] = {0, 8, 0, 8, 0, 1, 2, 3, 8, 8, 0, 0, 8, 0, 1, 5};  // 0.49999997 + 0.5 is 1 in float32
  const std::vector<float> ones(16, 1.0f);
  uint8_t integers[16];
  fireIntegers(odd, 1, 16, ones.data(), 8, integers, 1);
  expect(std::memcmp(integers, expected, 16) == 0, Case{}, "odd values");
}

/// Weights of -128, which packing never makes.
void checkLowest() {
  for (bool depthwise : {false, true}) {
    for (int largest : {8, 28, 29, 127}) {
      Case c;
      c.conv = {64, 64, 3, 1, 1, depthwise};
      c.images = c.height = 1;
      c.width = 20;
      c.largest = largest;
      c.input.assign(20 * 64, static_cast<uint8_t>(largest));
      c.packed.assign(static_cast<size_t>(integerWeightBytes(c.conv)), -128);
      const std::vector<float> ones(64, 1.0f), none(64, 0.0f);
      std::vector<float> values(20 * 64);
      integerConv(c.conv, {c.input.data(), 1, 1, 20, c.packed.data(), ones.data(), none.data(), 0, nullptr, values.data(), nullptr, nullptr}, 1);
      for (size_t i = 0; i < values.size(); i++) {
        const int taps = i < 64 || i >= 19 * 64 ? 2 : 3;
        expect(values[i] == static_cast<float>(-128 * largest * taps * (depthwise ? 1 : 64)), c, "weights of -128");
      }
    }
  }
}

void checkRefusals() {
  Case c = randomCase(0);
  c.input.front() = 128;
  std::vector<float> values(static_cast<size_t>(c.outPixels() * c.conv.outputs));
  const IntegerConvCall call{c.input.data(), c.images, c.height, c.width, c.packed.data(), c.scale.data(), c.shift.data(), 0, nullptr, values.data(), nullptr, nullptr};
  expect(refused([&] { integerConv(c.conv, call, 1); }), c, "an input of 128 is refused");
  IntegerConv huge = c.conv;
  huge.inputs = int64_t{1} << 20;
  expect(refused([&] { integerConv(huge, call, 1); }), c, "sums beyond 32 bits are refused");
}

}  // namespace

int main(int argc, char** argv) {
  requireLevel();
  const int cases = argc > 1 ? std::atoi(argv[1]) : 100;
  rng.seed(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  for (int i = 0; i < 2 * cases; i++) checkConv(randomCase(i));
  checkLowest();
  checkOddValues();
  checkRefusals();
  std::printf("%s: %d cases of integers, %d failures\n", snn_isa(), 2 * cases, failures);
  return failures > 0;
}
