// Weight gradients and bf16 outputs of kernels/sparse against naive loops in double: random shapes, densities 0 to 100 %,
// dilations, pooling, odd channel counts, no frames. Usage: gradient-test [cases] [seed]; exits 1 on a difference.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "bf16.h"
#include "kernels/snn.h"
#include "level.h"

namespace {

constexpr double sumTolerance = 1e-5;   // of the sum of |gradient * input|: fp32 sums in another order
constexpr double halfTolerance = 1.0 / 256;  // bf16 keeps 8 bits

std::mt19937_64 rng;
int failures = 0;

int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(rng); }
float uniform(float low, float high) { return std::uniform_real_distribution<float>(low, high)(rng); }

struct Case {
  snn_geometry g{};
  int64_t frames, mapHeight, mapWidth;
  int threads;
  std::vector<uint64_t> bits;
  std::vector<uint16_t> halves;  // bf16 input
  std::vector<uint16_t> gradient;
  std::vector<double> map;  // [frames, mapHeight, mapWidth, C], as the convolution sees it

  double at(int64_t f, int64_t y, int64_t x, int64_t c) const {
    if (y < 0 || y >= mapHeight || x < 0 || x >= mapWidth) return 0.0;
    return map[static_cast<size_t>(((f * mapHeight + y) * mapWidth + x) * g.in_channels + c)];
  }
};

Case randomCase(int64_t index) {
  Case c;
  snn_geometry& g = c.g;
  const int64_t channels[] = {1, 3, 21, 32, 33, 64, 65, 100, 128};
  g.in_channels = channels[pick(0, 8)];
  g.out_channels = index % 40 == 7 ? 300 : channels[pick(0, 8)];
  g.input = pick(0, 4) == 0 ? SNN_INPUT_BF16 : SNN_INPUT_BITS;
  g.kernel = pick(0, 3) == 0 ? 1 : pick(0, 5) == 0 ? 5 : 3;
  g.stride = 1;
  g.dilation = pick(0, 2) == 0 ? pick(2, 6) : 1;
  if (index % 10 == 3) g.dilation = 12;
  g.padding = g.dilation * (g.kernel - 1) / 2;
  g.height = pick(1, 18);
  g.width = pick(0, 2) == 0 ? 16 : pick(1, 20);
  if (index % 30 == 5) g.height = 70, g.width = 40;
  g.pool_stride = g.input == SNN_INPUT_BITS && pick(0, 3) == 0 ? pick(1, 2) : 0;
  if (index % 25 == 9) {  // lists of few pixels that lie close together, one for each column
    g.in_channels = 128, g.input = SNN_INPUT_BITS, g.kernel = 3, g.dilation = g.padding = 3, g.pool_stride = 0;
    g.height = pick(3, 6), g.width = pick(3, 6);
  }
  c.frames = index % 20 == 11 ? 0 : pick(1, 5);
  c.threads = static_cast<int>(pick(1, 3));
  c.mapHeight = g.pool_stride ? (g.height - 1) / g.pool_stride + 1 : g.height;
  c.mapWidth = g.pool_stride ? (g.width - 1) / g.pool_stride + 1 : g.width;
  const double densities[] = {0.0, 0.05, 0.25, 1.0};
  const double density = densities[pick(0, 3)];
  const int64_t words = (g.in_channels + 63) / 64, pixels = g.height * g.width;
  std::vector<double> values(static_cast<size_t>(c.frames * pixels * g.in_channels));
  c.bits.assign(static_cast<size_t>(c.frames * pixels * words) + 1, 0);
  c.halves.assign(values.size() + 1, 0);
  for (size_t i = 0; i < values.size(); i++) {
    const bool on = uniform(0.0f, 1.0f) < density;
    const size_t pixel = i / static_cast<size_t>(g.in_channels), channel = i % static_cast<size_t>(g.in_channels);
    if (on) c.bits[pixel * static_cast<size_t>(words) + channel / 64] |= uint64_t{1} << channel % 64;
    c.halves[i] = toBf16(on ? uniform(-2.0f, 2.0f) : 0.0f);
    values[i] = g.input == SNN_INPUT_BF16 ? fromBf16(c.halves[i]) : on ? 1.0 : 0.0;
  }
  c.map.assign(static_cast<size_t>(c.frames * c.mapHeight * c.mapWidth * g.in_channels), 0.0);
  const int64_t step = g.pool_stride ? g.pool_stride : 1, reach = g.pool_stride ? 1 : 0;
  for (int64_t f = 0; f < c.frames; f++) {
    for (int64_t y = 0; y < c.mapHeight; y++) {
      for (int64_t x = 0; x < c.mapWidth; x++) {
        for (int64_t ch = 0; ch < g.in_channels; ch++) {
          double sum = 0.0;
          for (int64_t yy = y * step - reach; yy <= y * step + reach; yy++) {
            for (int64_t xx = x * step - reach; xx <= x * step + reach; xx++) {
              if (yy < 0 || yy >= g.height || xx < 0 || xx >= g.width) continue;
              sum += values[static_cast<size_t>(((f * g.height + yy) * g.width + xx) * g.in_channels + ch)];
            }
          }
          c.map[static_cast<size_t>(((f * c.mapHeight + y) * c.mapWidth + x) * g.in_channels + ch)] = g.pool_stride ? sum / 9.0 : sum;
        }
      }
    }
  }
  c.gradient.resize(static_cast<size_t>(c.frames * c.mapHeight * c.mapWidth * g.out_channels) + 1);
  for (uint16_t& value : c.gradient) value = toBf16(uniform(-1.0f, 1.0f));
  return c;
}

snn_form denseForm(const snn_geometry& g) { return g.input == SNN_INPUT_BF16 ? SNN_FORM_DENSE_BF16 : SNN_FORM_DENSE16; }

void report(const Case& c, const char* what) {
  if (failures++ >= 20) return;
  std::printf("FAILED %s: %lld->%lld %lldx%lld k%lld d%lld pool%lld input%d frames %lld\n", what, (long long)c.g.in_channels,
              (long long)c.g.out_channels, (long long)c.g.height, (long long)c.g.width, (long long)c.g.kernel, (long long)c.g.dilation,
              (long long)c.g.pool_stride, (int)c.g.input, (long long)c.frames);
}

void checkWeightGradient(const Case& c) {
  const snn_geometry& g = c.g;
  const int64_t taps = g.kernel * g.kernel;
  std::vector<float> result(static_cast<size_t>(g.out_channels * g.in_channels * taps), -1.0f);
  const void* input = g.input == SNN_INPUT_BF16 ? static_cast<const void*>(c.halves.data()) : c.bits.data();
  snn_weight_gradient(&g, input, c.gradient.data(), c.frames, result.data(), c.threads);
  for (int64_t probe = 0; probe < 60; probe++) {
    const int64_t o = pick(0, g.out_channels - 1), ch = probe < 20 ? 0 : pick(0, g.in_channels - 1), tap = pick(0, taps - 1);
    const int64_t down = (tap / g.kernel - g.kernel / 2) * g.dilation, right = (tap % g.kernel - g.kernel / 2) * g.dilation;
    double expected = 0.0, size = 0.0;
    for (int64_t f = 0; f < c.frames; f++) {
      for (int64_t y = 0; y < c.mapHeight; y++) {
        for (int64_t x = 0; x < c.mapWidth; x++) {
          const double gy = fromBf16(c.gradient[static_cast<size_t>(((f * c.mapHeight + y) * c.mapWidth + x) * g.out_channels + o)]);
          const double product = gy * c.at(f, y + down, x + right, ch);
          expected += product;
          size += std::fabs(product);
        }
      }
    }
    const double got = result[static_cast<size_t>((o * g.in_channels + ch) * taps + tap)];
    if (!(std::fabs(got - expected) <= sumTolerance * size + 1e-30)) return report(c, "weight gradient");
  }
}

// The same convolution rounded to bf16, and with weights that replaced others.
void checkHalves(const Case& c) {
  const snn_geometry& g = c.g;
  std::vector<float> weight(static_cast<size_t>(g.out_channels * g.in_channels * g.kernel * g.kernel));
  for (float& w : weight) w = uniform(-1.0f, 1.0f);
  if (pick(0, 3) == 0) std::fill_n(weight.begin(), g.in_channels * g.kernel * g.kernel, 0.0f);
  snn_conv* conv = snn_conv_create(&g, weight.data(), denseForm(g));
  const size_t count = c.gradient.size() - 1;
  std::vector<float> exact(count + 1, 0.0f);
  std::vector<uint16_t> halves(count + 1, 0);
  const void* input = g.input == SNN_INPUT_BF16 ? static_cast<const void*>(c.halves.data()) : c.bits.data();
  snn_conv_forward(conv, input, c.frames, exact.data(), nullptr, c.threads);
  snn_conv_forward_bf16(conv, input, c.frames, halves.data(), c.threads);
  for (size_t i = 0; i < count; i++) {
    if (!(std::fabs(fromBf16(halves[i]) - exact[i]) <= halfTolerance * std::fabs(exact[i]) + 1e-30)) {
      report(c, "bf16 output");
      break;
    }
  }
  std::vector<float> others(weight.size(), 0.5f), again(count + 1, -1.0f), errors(static_cast<size_t>(g.out_channels)), fresh = errors;
  snn_conv* repacked = snn_conv_create(&g, others.data(), denseForm(g));
  snn_conv_pack(repacked, weight.data(), 0, c.threads);
  snn_conv_forward(repacked, input, c.frames, again.data(), nullptr, c.threads);
  if (std::memcmp(again.data(), exact.data(), count * sizeof(float)) != 0) report(c, "weights that replaced others");
  snn_conv_weight_error(repacked, errors.data());
  snn_conv_weight_error(conv, fresh.data());
  if (errors != fresh) report(c, "error of weights that replaced others");
  snn_conv_destroy(repacked);
  snn_conv_destroy(conv);
}

// Turned weights are those that were turned beforehand.
void checkTurned(const Case& c) {
  snn_geometry g = c.g;
  if (g.input != SNN_INPUT_BF16) return;
  const int64_t taps = g.kernel * g.kernel;
  std::vector<float> forward(static_cast<size_t>(g.in_channels * g.out_channels * taps)), turned(forward.size());
  for (float& w : forward) w = uniform(-1.0f, 1.0f);
  for (int64_t in = 0; in < g.in_channels; in++) {
    for (int64_t out = 0; out < g.out_channels; out++) {
      for (int64_t tap = 0; tap < taps; tap++) {
        turned[static_cast<size_t>((out * g.in_channels + in) * taps + tap)] =
            forward[static_cast<size_t>((in * g.out_channels + out) * taps + taps - 1 - tap)];
      }
    }
  }
  snn_conv* expected = snn_conv_create(&g, turned.data(), denseForm(g));
  snn_conv* conv = snn_conv_create(&g, nullptr, denseForm(g));
  snn_conv_pack(conv, forward.data(), 1, c.threads);
  std::vector<float> a(c.gradient.size(), 0.0f), b(c.gradient.size(), -1.0f);
  snn_conv_forward(expected, c.halves.data(), c.frames, a.data(), nullptr, c.threads);
  snn_conv_forward(conv, c.halves.data(), c.frames, b.data(), nullptr, c.threads);
  if (std::memcmp(a.data(), b.data(), (a.size() - 1) * sizeof(float)) != 0) report(c, "turned weights");
  snn_conv_destroy(expected);
  snn_conv_destroy(conv);
}

}  // namespace

int main(int argc, char** argv) {
  requireLevel();
  const int64_t cases = argc > 1 ? std::atoll(argv[1]) : 100;
  rng.seed(argc > 2 ? static_cast<uint64_t>(std::atoll(argv[2])) : 1);
  for (int64_t index = 0; index < cases; index++) {
    const Case c = randomCase(index);
    checkWeightGradient(c);
    checkHalves(c);
    checkTurned(c);
  }
  std::printf("%s: %lld cases, %d failures\n", snn_isa(), (long long)cases, failures);
  return failures > 0;
}
