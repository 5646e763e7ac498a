// Kernels of kernels/sparse against naive loops in double: random shapes, densities 0 to 100 %, strides, dilations,
// pooling, odd channel counts, one step, empty batches. Usage: sparse-test [cases] [seed]; exits 1 on a difference.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bf16.h"
#include "kernels/snn.h"
#include "level.h"
#include "refused.h"

namespace {

constexpr double roundingTolerance = 3e-6;   // of the sum of |weight * input|: fp32 sums in another order
constexpr double thresholdTolerance = 1e-4;  // distance from the threshold at which a spike may differ

int failures = 0;
std::mt19937_64 rng;

int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(rng); }
float uniform(float low, float high) { return std::uniform_real_distribution<float>(low, high)(rng); }

void expect(bool holds, const std::string& what) {
  if (holds) return;
  if (failures++ < 20) std::printf("FAILED %s\n", what.c_str());
}

struct Case {
  snn_geometry g{};
  int64_t steps, batch, outHeight, outWidth, mapHeight, mapWidth;
  int threads;
  double density;
  std::vector<float> weight, input;  // input: [frames, C, H, W]
  std::vector<double> map;           // pooled input, [frames, C, mapHeight, mapWidth]

  int64_t frames() const { return steps * batch; }
  int64_t words() const { return (g.in_channels + 63) / 64; }
  int64_t outWords() const { return (g.out_channels + 63) / 64; }
  int64_t outPixels() const { return outHeight * outWidth; }
  std::string name(snn_form form) const {
    char text[300];
    std::snprintf(text, sizeof text, "form %d: %lld->%lld %lldx%lld k%lld s%lld p%lld d%lld pool%lld input%d T%lld N%lld density %.2f threads %d",
                  form, (long long)g.in_channels, (long long)g.out_channels, (long long)g.height, (long long)g.width, (long long)g.kernel,
                  (long long)g.stride, (long long)g.padding, (long long)g.dilation, (long long)g.pool_stride, (int)g.input,
                  (long long)steps, (long long)batch, density, threads);
    return text;
  }
};

void poolInput(Case& c) {
  const snn_geometry& g = c.g;
  c.mapHeight = g.pool_stride ? (g.height - 1) / g.pool_stride + 1 : g.height;
  c.mapWidth = g.pool_stride ? (g.width - 1) / g.pool_stride + 1 : g.width;
  c.map.assign(static_cast<size_t>(c.frames() * g.in_channels * c.mapHeight * c.mapWidth), 0.0);
  for (int64_t plane = 0; plane < c.frames() * g.in_channels; plane++) {
    for (int64_t y = 0; y < c.mapHeight; y++) {
      for (int64_t x = 0; x < c.mapWidth; x++) {
        double sum = 0.0;
        const int64_t reach = g.pool_stride ? 1 : 0, step = g.pool_stride ? g.pool_stride : 1;
        for (int64_t yy = y * step - reach; yy <= y * step + reach; yy++) {
          for (int64_t xx = x * step - reach; xx <= x * step + reach; xx++) {
            if (yy >= 0 && yy < g.height && xx >= 0 && xx < g.width) sum += c.input[(plane * g.height + yy) * g.width + xx];
          }
        }
        c.map[(plane * c.mapHeight + y) * c.mapWidth + x] = g.pool_stride ? sum / 9.0 : sum;
      }
    }
  }
}

Case randomCase(int64_t index) {
  Case c;
  const double densities[] = {0.0, 0.02, 0.1, 0.25, 0.5, 1.0};
  const int64_t chosen = pick(0, 6);
  c.density = chosen < 6 ? densities[chosen] : uniform(0.0f, 1.0f);
  const int64_t kind = pick(0, 7);
  c.g.input = kind < 2 ? SNN_INPUT_BYTES : kind == 2 ? SNN_INPUT_BF16 : SNN_INPUT_BITS;
  const int64_t channels[] = {1, 3, 7, 16, 33, 64, 65, 100, 128};
  c.g.in_channels = channels[pick(0, 8)];
  c.g.out_channels = channels[pick(0, 8)];
  c.g.kernel = pick(0, 3) == 0 ? 1 : pick(0, 5) == 0 ? 5 : 3;
  c.g.stride = pick(0, 4) == 0 ? 2 : 1;
  c.g.dilation = pick(0, 2) == 0 ? pick(2, 6) : 1;
  c.g.padding = pick(0, 3) == 0 ? pick(0, 3) : c.g.dilation * (c.g.kernel - 1) / 2;
  c.g.height = pick(1, 12);
  c.g.width = pick(0, 2) == 0 ? 16 * pick(1, 2) : pick(1, 20);
  c.g.pool_stride = c.g.input == SNN_INPUT_BITS && pick(0, 3) == 0 ? pick(1, 2) : 0;
  if (index % 25 == 0) {
    c.g.pool_stride = 0;
    c.g.height = c.g.width = 16;
    c.g.kernel = 3;
    c.g.stride = 1;
    c.g.dilation = c.g.padding = 12;
  }
  c.steps = pick(0, 3) == 0 ? 1 : pick(2, 5);
  c.batch = pick(1, 3);
  // More steps of a tiny map than a word has bits.
  if (index % 25 == 10) {
    c.g.input = SNN_INPUT_BITS;
    c.g.pool_stride = 0;
    c.g.height = c.g.width = c.g.kernel = c.g.stride = c.g.dilation = 1;
    c.g.padding = 0;
    c.steps = pick(65, 150);
  }
  c.threads = static_cast<int>(pick(1, 3));
  c.weight.resize(static_cast<size_t>(c.g.out_channels * c.g.in_channels * c.g.kernel * c.g.kernel));
  for (float& w : c.weight) w = uniform(-1.0f, 1.0f);
  if (pick(0, 4) == 0) std::fill_n(c.weight.begin(), c.g.in_channels * c.g.kernel * c.g.kernel, 0.0f);
  c.input.resize(static_cast<size_t>(c.frames() * c.g.in_channels * c.g.height * c.g.width));
  const bool wide = c.g.input == SNN_INPUT_BYTES && pick(0, 2) == 0;
  for (float& v : c.input) {
    v = uniform(0.0f, 1.0f) < c.density ? 1.0f : 0.0f;
    if (c.g.input == SNN_INPUT_BYTES && v != 0.0f) v = wide ? static_cast<float>(pick(-127, 127)) : pick(0, 1) ? 1.0f : -1.0f;
    if (c.g.input == SNN_INPUT_BF16) v = fromBf16(toBf16(v * uniform(-2.0f, 2.0f)));
  }
  return c;
}

bool fits(const Case& c) {
  const int64_t h = c.g.pool_stride ? (c.g.height - 1) / c.g.pool_stride + 1 : c.g.height;
  const int64_t w = c.g.pool_stride ? (c.g.width - 1) / c.g.pool_stride + 1 : c.g.width;
  const int64_t reach = c.g.dilation * (c.g.kernel - 1);
  return h + 2 * c.g.padding > reach && w + 2 * c.g.padding > reach;
}

/// Naive currents, and the sum of |input| and of |weight * input| that bound the error; all [frames, H', W', O].
struct Naive {
  std::vector<double> currents, inputs, magnitude;
};

Naive naiveConv(const Case& c) {
  const snn_geometry& g = c.g;
  Naive r;
  const size_t size = static_cast<size_t>(c.frames() * c.outPixels() * g.out_channels);
  r.currents.assign(size, 0.0);
  r.inputs.assign(size, 0.0);
  r.magnitude.assign(size, 0.0);
  for (int64_t f = 0; f < c.frames(); f++) {
    for (int64_t p = 0; p < c.outPixels(); p++) {
      for (int64_t i = 0; i < g.in_channels; i++) {
        for (int64_t tap = 0; tap < g.kernel * g.kernel; tap++) {
          const int64_t y = p / c.outWidth * g.stride - g.padding + tap / g.kernel * g.dilation;
          const int64_t x = p % c.outWidth * g.stride - g.padding + tap % g.kernel * g.dilation;
          if (y < 0 || y >= c.mapHeight || x < 0 || x >= c.mapWidth) continue;
          const double value = c.map[static_cast<size_t>(((f * g.in_channels + i) * c.mapHeight + y) * c.mapWidth + x)];
          if (value == 0.0) continue;
          for (int64_t o = 0; o < g.out_channels; o++) {
            const double w = c.weight[static_cast<size_t>((o * g.in_channels + i) * g.kernel * g.kernel + tap)];
            const size_t at = static_cast<size_t>((f * c.outPixels() + p) * g.out_channels + o);
            r.currents[at] += w * value;
            r.inputs[at] += std::fabs(value);
            r.magnitude[at] += std::fabs(w * value);
          }
        }
      }
    }
  }
  return r;
}

int64_t inputFrameBytes(const Case& c) {
  const int64_t pixels = c.g.height * c.g.width;
  if (c.g.input == SNN_INPUT_BITS) return pixels * c.words() * 8;
  return pixels * c.g.in_channels * (c.g.input == SNN_INPUT_BYTES ? 1 : 2);
}

/// Two calls that carry the membranes are one call over all steps, bit for bit and on any number of threads.
void checkStream(const Case& c, const snn_conv* conv, const void* input, const snn_lif& whole, std::vector<float>& membrane,
                 const std::vector<uint64_t>& expectedBits, const std::vector<float>& expectedMembrane, const std::string& name) {
  const int64_t first = pick(1, c.steps - 1), frameWords = c.outPixels() * c.outWords();
  std::vector<uint64_t> bits(expectedBits.size(), ~uint64_t{0});
  for (int64_t from : {int64_t{0}, first}) {
    snn_lif lif = whole;
    lif.membrane = membrane.data();
    if (whole.scale) {
      lif.scale = whole.scale + from * c.g.out_channels;
      lif.shift = whole.shift + from * c.g.out_channels;
    }
    const char* start = static_cast<const char*>(input) + from * c.batch * inputFrameBytes(c);
    const int64_t steps = from == 0 ? first : c.steps - first;
    expect(!refused([&] { snn_infer_layer(conv, start, steps, c.batch, &lif, bits.data() + from * c.batch * frameWords, nullptr, 4 - c.threads); }),
           name + ": stream");
  }
  expect(bits == expectedBits, name + ": spikes of a stream");
  expect(membrane == expectedMembrane, name + ": membranes of a stream");
}

/// A batch of nothing: every call succeeds, reads no input and writes no output.
void checkEmpty(const Case& c, const snn_conv* conv, const std::string& name) {
  const std::vector<float> threshold(static_cast<size_t>(c.g.out_channels), 1.0f);
  const snn_lif lif{nullptr, nullptr, threshold.data(), 0.9f, 0, nullptr};
  std::vector<int64_t> spikes(static_cast<size_t>(c.steps), 7);
  expect(!refused([&] { snn_infer_layer(conv, nullptr, c.steps, 0, &lif, nullptr, spikes.data(), c.threads); }), name + ": empty batch");
  expect(spikes == std::vector<int64_t>(spikes.size(), 0), name + ": spikes of an empty batch");
  expect(!refused([&] { snn_infer_layer(conv, nullptr, 0, c.batch, &lif, nullptr, nullptr, c.threads); }), name + ": no steps");
  expect(!refused([&] { snn_conv_forward(conv, nullptr, 0, nullptr, nullptr, c.threads); }), name + ": no frames");
}

void checkLif(const Case& c, const snn_conv* conv, const void* input, const std::vector<float>& currents, const std::string& name) {
  const int64_t channels = c.g.out_channels, cells = c.outPixels() * channels;
  std::vector<float> scale(static_cast<size_t>(c.steps * channels)), shift(scale.size()), threshold(static_cast<size_t>(channels));
  double spread = 1e-3;
  for (float v : currents) spread = std::max(spread, std::fabs(static_cast<double>(v)));
  for (float& v : scale) v = uniform(0.5f, 2.0f) / static_cast<float>(spread);
  for (float& v : shift) v = uniform(-0.2f, 0.6f);
  for (float& v : threshold) v = uniform(0.3f, 1.2f);
  std::vector<float> membrane(static_cast<size_t>(c.batch * cells));
  for (float& v : membrane) v = uniform(-0.5f, 0.5f);
  const bool withState = pick(0, 1), folded = pick(0, 3) != 0;
  const double tolerance = thresholdTolerance * (folded ? 1.0 : 1.0 + spread);  // charges may cancel
  std::vector<double> v(membrane.size(), 0.0);
  if (withState) v.assign(membrane.begin(), membrane.end());
  snn_lif lif{folded ? scale.data() : nullptr, folded ? shift.data() : nullptr, threshold.data(), 0.9f, static_cast<int>(pick(0, 1)),
              withState ? membrane.data() : nullptr};
  std::vector<float> carried = membrane;
  std::vector<uint64_t> bits(static_cast<size_t>(c.frames() * c.outPixels() * c.outWords()), ~uint64_t{0});
  std::vector<int64_t> spikes(static_cast<size_t>(c.steps), -1);
  snn_infer_layer(conv, input, c.steps, c.batch, &lif, bits.data(), spikes.data(), c.threads);
  for (int64_t t = 0; t < c.steps; t++) {
    int64_t count = 0;
    for (int64_t n = 0; n < c.batch; n++) {
      for (int64_t i = 0; i < cells; i++) {
        const int64_t pixel = i / channels, o = i % channels, frame = t * c.batch + n;
        const double norm = folded ? scale[static_cast<size_t>(t * channels + o)] : 1.0, offset = folded ? shift[static_cast<size_t>(t * channels + o)] : 0.0;
        double& state = v[static_cast<size_t>(n * cells + i)];
        const double u = static_cast<double>(0.9f) * state + norm * currents[static_cast<size_t>(frame * cells + i)] + offset;
        const bool spike = bits[static_cast<size_t>((frame * c.outPixels() + pixel) * c.outWords() + o / 64)] >> (o % 64) & 1;
        const double limit = threshold[static_cast<size_t>(o)];
        expect(spike == (u > limit) || std::fabs(u - limit) < tolerance * (1.0 + std::fabs(u)), name + ": spike");
        state = spike ? (lif.hard_reset ? 0.0 : u - limit) : u;
        count += spike;
      }
    }
    expect(count == spikes[static_cast<size_t>(t)], name + ": spike count");
  }
  for (size_t i = 0; withState && i < v.size(); i++) {
    expect(std::fabs(v[i] - membrane[i]) < tolerance * (1.0 + std::fabs(v[i])), name + ": membrane");
  }
  if (withState && c.steps > 1) checkStream(c, conv, input, lif, carried, bits, membrane, name);
  for (int64_t i = 0; c.g.out_channels % 64 && i < c.frames() * c.outPixels(); i++) {
    expect(bits[static_cast<size_t>((i + 1) * c.outWords() - 1)] >> (c.g.out_channels % 64) == 0, name + ": unused bits are zero");
  }
}

/// Whether 32 bits hold the largest sum of a gather of integers.
bool sumsFit(const snn_geometry& g, snn_form form) {
  const int64_t weight = form == SNN_FORM_GATHER15 ? 16383 : form == SNN_FORM_GATHER14 || form == SNN_FORM_EITHER14 ? 8128 : 0;
  const int64_t input = g.input == SNN_INPUT_BYTES ? 127 : g.pool_stride ? 9 : 1;
  return weight * input * g.kernel * g.kernel * g.in_channels <= INT32_MAX;
}

void checkConv(const Case& c) {
  const Naive naive = naiveConv(c);
  const snn_geometry& g = c.g;
  std::vector<uint64_t> bits(static_cast<size_t>(c.frames() * g.height * g.width * c.words()));
  std::vector<int8_t> bytes(c.input.size());
  std::vector<uint16_t> halves(c.input.size());
  const void* input = bits.data();
  if (g.input == SNN_INPUT_BYTES) {
    expect(snn_pack_bytes(c.input.data(), c.frames(), g.in_channels, g.height, g.width, bytes.data(), c.threads) == 1, "pack bytes");
    input = bytes.data();
  } else if (g.input == SNN_INPUT_BF16) {
    const int64_t pixels = g.height * g.width;
    for (int64_t f = 0; f < c.frames(); f++) {
      for (int64_t i = 0; i < g.in_channels * pixels; i++) {
        halves[static_cast<size_t>((f * pixels + i % pixels) * g.in_channels + i / pixels)] = toBf16(c.input[static_cast<size_t>(f * g.in_channels * pixels + i)]);
      }
    }
    input = halves.data();
  } else {
    snn_pack_bits(c.input.data(), c.frames(), g.in_channels, g.height, g.width, 0, bits.data(), c.threads);
  }
  for (snn_form form : {SNN_FORM_GATHER_FP32, SNN_FORM_GATHER14, SNN_FORM_GATHER15, SNN_FORM_DENSE16, SNN_FORM_DENSE14, SNN_FORM_EITHER14, SNN_FORM_DENSE8, SNN_FORM_DENSE_BF16}) {
    if ((form == SNN_FORM_DENSE_BF16) != (g.input == SNN_INPUT_BF16)) continue;
    if (form == SNN_FORM_EITHER14 && !g.pool_stride) continue;
    const std::string name = c.name(form);
    if (!sumsFit(g, form)) {
      expect(refused([&] { snn_conv_create(&g, c.weight.data(), form); }), name + ": sums beyond 32 bits are refused");
      continue;
    }
    snn_conv* conv = snn_conv_create(&g, c.weight.data(), form);
    expect(snn_conv_out_height(conv) == c.outHeight && snn_conv_out_width(conv) == c.outWidth, name + ": output size");
    std::vector<float> currents(naive.currents.size(), NAN), error(static_cast<size_t>(g.out_channels));
    snn_conv_weight_error(conv, error.data());
    expect(!refused([&] { snn_conv_forward(conv, input, c.frames(), currents.data(), nullptr, c.threads); }), name + ": forward");
    for (size_t i = 0; i < currents.size(); i++) {
      const double bound = error[i % static_cast<size_t>(g.out_channels)] * naive.inputs[i] * 1.0001 + roundingTolerance * naive.magnitude[i] + 1e-6;
      expect(std::fabs(currents[i] - naive.currents[i]) <= bound, name + ": current");
    }
    std::vector<float> again(currents.size(), NAN);
    snn_conv_forward(conv, input, c.frames(), again.data(), nullptr, 4 - c.threads);
    expect(again == currents, name + ": other threads, same numbers");
    checkLif(c, conv, input, currents, name);
    checkEmpty(c, conv, name);
    snn_conv_destroy(conv);
  }
}

void checkBits(const Case& c) {
  if (c.g.input != SNN_INPUT_BITS) return;
  const snn_geometry& g = c.g;
  const int64_t pixels = g.height * g.width;
  std::vector<uint64_t> bits(static_cast<size_t>(c.frames() * pixels * c.words())), again(bits.size());
  const int64_t set = snn_pack_bits(c.input.data(), c.frames(), g.in_channels, g.height, g.width, 0, bits.data(), c.threads);
  int64_t expected = 0;
  for (float v : c.input) expected += v != 0.0f;
  expect(set == expected, "pack: count");
  std::vector<float> back(c.input.size()), last(c.input.size());
  snn_unpack_bits(bits.data(), c.frames(), g.in_channels, g.height, g.width, 0, back.data(), c.threads);
  expect(back == c.input, "unpack is the inverse of pack");
  snn_unpack_bits(bits.data(), c.frames(), g.in_channels, g.height, g.width, 1, last.data(), c.threads);
  for (int64_t f = 0; f < c.frames(); f++) {
    for (int64_t i = 0; i < g.in_channels * pixels; i++) {
      const int64_t channel = i / pixels, pixel = i % pixels, base = f * g.in_channels * pixels;
      expect(last[static_cast<size_t>(base + pixel * g.in_channels + channel)] == c.input[static_cast<size_t>(base + i)], "unpack channels last");
    }
  }
  snn_pack_bits(last.data(), c.frames(), g.in_channels, g.height, g.width, 1, again.data(), c.threads);
  expect(again == bits, "pack channels last");
  std::vector<float> sums(static_cast<size_t>(c.batch * g.in_channels * pixels));
  snn_sum_steps(bits.data(), c.steps, c.batch, g.in_channels, g.height, g.width, sums.data(), c.threads);
  for (size_t i = 0; i < sums.size(); i++) {
    float total = 0.0f;
    for (int64_t t = 0; t < c.steps; t++) total += c.input[static_cast<size_t>(t) * sums.size() + i];
    expect(total == sums[i], "sum over steps");
  }
}

/// Sums of integers that 32 bits would not hold: every bit set, and all weights the same.
void checkLargestSums(int64_t poolStride) {
  const snn_geometry g{poolStride ? 200 : 600, 16, 15, 15, 15, 1, 7, 1, poolStride, SNN_INPUT_BITS};
  const std::vector<float> weight(static_cast<size_t>(g.in_channels * g.out_channels * 225), 0.5f);
  const std::vector<float> ones(static_cast<size_t>(g.in_channels * 225), 1.0f);
  std::vector<uint64_t> bits(static_cast<size_t>(225 * ((g.in_channels + 63) / 64)));
  snn_pack_bits(ones.data(), 1, g.in_channels, g.height, g.width, 0, bits.data(), 1);
  expect(refused([&] { snn_conv_create(&g, weight.data(), poolStride ? SNN_FORM_EITHER14 : SNN_FORM_GATHER15); }), "sums beyond 32 bits are refused");
  for (snn_purpose purpose : {SNN_EXACT, SNN_FAST, SNN_INT8, SNN_TRAIN}) {
    snn_conv* conv = snn_conv_create(&g, weight.data(), snn_plan(&g, purpose, nullptr));
    std::vector<float> currents(static_cast<size_t>(225 * g.out_channels));
    snn_conv_forward(conv, bits.data(), 1, currents.data(), nullptr, 1);
    const double inside = poolStride ? (13.0 * 13 * 9 + 4 * 13 * 6 + 4 * 4) / 9 : 225, expected = 0.5 * inside * static_cast<double>(g.in_channels);
    expect(std::fabs(currents[static_cast<size_t>(112 * g.out_channels)] / expected - 1) < 0.01, "the largest sums");
    snn_conv_destroy(conv);
  }
}

void checkEdges() {
  const float weight[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, threshold[1] = {1};
  snn_geometry g{1, 1, 4, 4, 3, 1, 1, 1, 0, SNN_INPUT_BITS};
  const snn_lif lif{nullptr, nullptr, threshold, 1.0f, 0, nullptr};
  snn_conv* conv = snn_conv_create(&g, weight, SNN_FORM_GATHER14);
  int64_t spikes[2] = {7, 7};
  expect(!refused([&] { snn_infer_layer(conv, nullptr, 2, 0, &lif, nullptr, spikes, 1); }) && spikes[0] == 0 && spikes[1] == 0, "an empty batch has no spikes");
  expect(!refused([&] { snn_infer_layer(conv, nullptr, 0, 2, &lif, nullptr, nullptr, 1); }), "no steps");
  expect(refused([&] { snn_infer_layer(conv, nullptr, 1, 1, &lif, nullptr, nullptr, 1); }), "null buffers are refused");
  expect(refused([&] { snn_infer_layer(conv, nullptr, 1, 1, nullptr, nullptr, nullptr, 1); }), "null dynamics are refused");
  snn_conv_destroy(conv);
  g.kernel = 9;
  expect(refused([&] { snn_conv_create(&g, weight, SNN_FORM_GATHER14); }), "a kernel larger than the map is refused");
  g.kernel = 3;
  g.in_channels = 0;
  expect(refused([&] { snn_conv_create(&g, weight, SNN_FORM_GATHER14); }), "no channels are refused");
  const snn_geometry plain{1, 1, 3, 3, 3, 1, 1, 1, 0, SNN_INPUT_BITS};
  expect(refused([&] { snn_conv_create(&plain, weight, SNN_FORM_EITHER14); }), "two forms are for pooled bits");
  for (const int64_t poolStride : {0, 1}) checkLargestSums(poolStride);
  expect(snn_pack_bits(nullptr, 0, 3, 4, 4, 0, nullptr, 2) == 0, "no frames have no bits");
  expect(snn_pack_bytes(nullptr, 0, 3, 4, 4, nullptr, 2) == 1, "no frames are bytes");
  snn_unpack_bits(nullptr, 0, 3, 4, 4, 0, nullptr, 2);
  snn_sum_steps(nullptr, 3, 0, 3, 4, 4, nullptr, 2);
  float zeros[3] = {7, 7, 7};
  snn_sum_steps(nullptr, 0, 1, 3, 1, 1, zeros, 2);
  expect(zeros[0] == 0 && zeros[2] == 0, "a sum over no steps is zero");
  const float grey[2] = {0.5f, 1.0f};
  uint64_t bits[2];
  int8_t bytes[2];
  expect(snn_pack_bits(grey, 1, 1, 1, 2, 0, bits, 1) == -1, "values other than 0 and 1 are reported");
  expect(snn_pack_bytes(grey, 1, 1, 1, 2, bytes, 1) == 0, "fractions are reported");
}

}  // namespace

int main(int argc, char** argv) {
  requireLevel();
  const int64_t cases = argc > 1 ? std::atoll(argv[1]) : 200;
  rng.seed(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  checkEdges();
  for (int64_t i = 0; i < cases; i++) {
    Case c = randomCase(i);
    if (!fits(c)) continue;
    poolInput(c);
    const int64_t reach = c.g.dilation * (c.g.kernel - 1);
    c.outHeight = (c.mapHeight + 2 * c.g.padding - reach - 1) / c.g.stride + 1;
    c.outWidth = (c.mapWidth + 2 * c.g.padding - reach - 1) / c.g.stride + 1;
    checkBits(c);
    checkConv(c);
  }
  std::printf("%s: %lld cases, %d failures\n", snn_isa(), static_cast<long long>(cases), failures);
  return failures ? 1 : 0;
}
