// Winograd's form of kernels/sparse against plain loops in double: random shapes, odd sizes, dilations, maps one pixel wide, channels that
// fill no block; its error against float64; what it refuses. Usage: winograd-test [cases] [seed]; exits 1 on a difference.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <vector>

#include "bf16.h"
#include "kernels/snn.h"
#include "level.h"
#include "refused.h"

namespace {

constexpr double sumTolerance = 4e-6;  // of the largest result: far below the 2^-9 to which results are rounded
// Root mean square of errors over that of results where pairs of bfloat16 are multiplied, whose roundings are 2^-9 each.
constexpr double pairTolerance = 1e-2;

std::mt19937_64 rng;
int failures = 0;
double largestError = 0.0;  // over all cases, relative

int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(rng); }
float normal() { return std::normal_distribution<float>()(rng); }

struct Case {
  snn_geometry g{};
  int64_t frames;
  int threads;
  std::vector<uint16_t> input;
  std::vector<float> weight;

  size_t outputs() const { return static_cast<size_t>(frames * g.height * g.width * g.out_channels); }
};

Case randomCase(int64_t index) {
  Case c;
  const int64_t channels[] = {1, 3, 16, 21, 32, 33, 64, 65, 100};
  const int64_t dilation = index % 4 == 3 ? pick(4, 12) : 1 + index % 4;
  c.g = {channels[pick(0, 8)], channels[pick(0, 8)], pick(1, 13), pick(1, 13), 3, 1, dilation, dilation, 0, SNN_INPUT_BF16};
  if (index % 7 == 2) c.g.width = 1;
  if (index % 7 == 4) c.g.height = 1;
  if (index % 10 == 5) c.g.in_channels = index % 30 == 5 ? 1024 : 300;
  c.frames = pick(1, 4);
  c.threads = static_cast<int>(pick(1, 3));
  c.input.resize(static_cast<size_t>(c.frames * c.g.height * c.g.width * c.g.in_channels));
  for (uint16_t& value : c.input) value = toBf16(normal());
  c.weight.resize(static_cast<size_t>(c.g.out_channels * c.g.in_channels * 9));
  for (float& w : c.weight) w = normal();
  return c;
}

void expect(bool holds, const Case& c, const char* what) {
  if (holds || failures++ >= 20) return;
  std::printf("FAILED %s: %lld->%lld %lldx%lld d%lld frames %lld\n", what, (long long)c.g.in_channels, (long long)c.g.out_channels,
              (long long)c.g.height, (long long)c.g.width, (long long)c.g.dilation, (long long)c.frames);
}

std::vector<double> plainLoop(const Case& c) {
  const snn_geometry& g = c.g;
  std::vector<double> result(c.outputs(), 0.0);
  for (int64_t p = 0; p < c.frames * g.height * g.width; p++) {
    const int64_t frame = p / (g.height * g.width), y = p / g.width % g.height, x = p % g.width;
    for (int64_t tap = 0; tap < 9; tap++) {
      const int64_t down = y + (tap / 3 - 1) * g.dilation, right = x + (tap % 3 - 1) * g.dilation;
      if (down < 0 || down >= g.height || right < 0 || right >= g.width) continue;
      const uint16_t* from = c.input.data() + ((frame * g.height + down) * g.width + right) * g.in_channels;
      for (int64_t o = 0; o < g.out_channels; o++) {
        double sum = 0.0;
        for (int64_t in = 0; in < g.in_channels; in++) {
          sum += static_cast<double>(fromBf16(from[in])) * c.weight[static_cast<size_t>((o * g.in_channels + in) * 9 + tap)];
        }
        result[static_cast<size_t>(p * g.out_channels + o)] += sum;
      }
    }
  }
  return result;
}

/// To nearest, ties to even, as the kernels round.
uint16_t rounded(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void check(const Case& c) {
  snn_conv* conv = snn_conv_create(&c.g, c.weight.data(), SNN_FORM_WINOGRAD);
  const std::vector<double> expected = plainLoop(c);
  std::vector<float> got(c.outputs(), NAN), again(c.outputs(), NAN);
  snn_conv_forward(conv, c.input.data(), c.frames, got.data(), nullptr, c.threads);
  double largest = 0.0, error = 0.0, squares = 0.0, errorSquares = 0.0;
  for (size_t i = 0; i < expected.size(); i++) {
    largest = std::max(largest, std::fabs(expected[i]));
    error = std::fmax(error, std::isfinite(got[i]) ? std::fabs(got[i] - expected[i]) : INFINITY);
    squares += expected[i] * expected[i];
    errorSquares += (got[i] - expected[i]) * (got[i] - expected[i]);
  }
  const int64_t blocks = (c.g.in_channels + 31) / 32 * ((c.g.out_channels + 31) / 32);
  const bool pairs = snn_conv_weight_bytes(conv) == blocks * 16 * 32 * 32 * 2;
  const double relative = pairs ? std::sqrt(errorSquares / squares) : error / largest;
  expect(relative <= (pairs ? pairTolerance : sumTolerance), c, "a plain loop's results");
  largestError = std::fmax(largestError, relative);

  snn_conv_forward(conv, c.input.data(), c.frames, again.data(), nullptr, 4 - c.threads);
  expect(std::memcmp(got.data(), again.data(), got.size() * sizeof(float)) == 0, c, "the same bits on other threads");
  const int64_t pixels = c.g.height * c.g.width;
  snn_conv_forward(conv, c.input.data() + (c.frames - 1) * pixels * c.g.in_channels, 1, again.data(), nullptr, 1);
  const size_t last = got.size() - static_cast<size_t>(pixels * c.g.out_channels);
  expect(std::memcmp(got.data() + last, again.data(), (got.size() - last) * sizeof(float)) == 0, c, "the same bits for a frame alone");

  std::vector<uint16_t> halves(c.outputs(), 0xffff);
  snn_conv_forward_bf16(conv, c.input.data(), c.frames, halves.data(), c.threads);
  bool same = true;
  for (size_t i = 0; i < halves.size(); i++) same = same && halves[i] == rounded(got[i]);
  expect(same, c, "results rounded to bf16");
  snn_conv_destroy(conv);
}

void checkRefusals(const Case& c) {
  const auto refuses = [&](auto change) {
    snn_geometry g = c.g;
    change(g);
    return refused([&] { snn_conv_create(&g, nullptr, SNN_FORM_WINOGRAD); });
  };
  expect(refuses([](snn_geometry& g) { g.kernel = 1, g.padding = 0; }), c, "another kernel is refused");
  expect(refuses([](snn_geometry& g) { g.padding++; }), c, "another padding is refused");
  expect(refuses([](snn_geometry& g) { g.input = SNN_INPUT_BITS; }), c, "bits are refused");
  expect(refuses([](snn_geometry& g) { g.in_channels = 2048; }), c, "more channels than fit the caches are refused");
  snn_conv* conv = snn_conv_create(&c.g, c.weight.data(), SNN_FORM_WINOGRAD);
  std::vector<float> out(c.outputs());
  std::vector<double> moments(static_cast<size_t>(2 * c.frames * c.g.out_channels));
  expect(refused([&] { snn_conv_forward(conv, c.input.data(), c.frames, out.data(), moments.data(), 1); }), c, "moments are refused");
  const std::vector<float> threshold(static_cast<size_t>(c.g.out_channels), 1.0f);
  std::vector<uint64_t> bits(c.outputs());
  const snn_lif lif{nullptr, nullptr, threshold.data(), 1.0f, 0, nullptr};
  expect(refused([&] { snn_infer_layer(conv, c.input.data(), 1, c.frames, &lif, bits.data(), nullptr, 1); }), c, "neurons are refused");
  snn_conv_destroy(conv);
}

/// Taken without matrix tiles, but never where most of a tile is padding.
void checkChoice(const Case& c) {
  const auto planned = [](int64_t side, int64_t dilation) {
    const snn_geometry g{64, 64, side, side, 3, 1, dilation, dilation, 0, SNN_INPUT_BF16};
    return snn_plan(&g, SNN_TRAIN, nullptr);
  };
  const bool tiles = std::strcmp(snn_isa(), "amx") == 0;
  expect(tiles || (planned(64, 1) == SNN_FORM_WINOGRAD && planned(16, 2) == SNN_FORM_WINOGRAD), c, "fewer products are chosen");
  expect(planned(16, 12) == SNN_FORM_DENSE_BF16 && planned(1, 1) == SNN_FORM_DENSE_BF16, c, "more products are not chosen");
}

}  // namespace

int main(int argc, char** argv) {
  requireLevel();
  const int64_t cases = argc > 1 ? std::atoll(argv[1]) : 100;
  rng.seed(argc > 2 ? static_cast<uint64_t>(std::atoll(argv[2])) : 1);
  checkRefusals(randomCase(0));
  checkChoice(randomCase(0));
  for (int64_t index = 0; index < cases; index++) check(randomCase(index));
  std::printf("%s: %lld cases, %d failures, largest relative error %.1e\n", snn_isa(), (long long)cases, failures, largestError);
  return failures > 0;
}
