// Integer results are the same bits on every instruction set, on any number of threads and in every release: hashes of currents,
// spikes and membranes of fixed layers, committed below. The gather's and the dense form's 12 bits share theirs. Gathers in fp32
// add in one order on every level and so have hashes too. Usage: hash-test [cases], below 10 on three threads only; or hash-test print,
// which prints the table.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/snn.h"
#include "level.h"

namespace {

struct Layer {
  const char* name;
  snn_geometry g;
  int64_t steps, batch;
  unsigned density;  // in 256
  float gain;        // of the currents, so that some neurons fire
  uint64_t exact, fourteen, fifteen, sixteen, eight;
};

const Layer layers[] = {
    {"bits", {64, 64, 9, 16, 3, 1, 1, 1, 0, SNN_INPUT_BITS}, 4, 2, 40, 0.25f,
     0xc7952b35bb89c988u, 0x30f5896d6312a645u, 0x89acf9f3fbb8b288u, 0xd282984fa390cc35u, 0xdf9bc11a72535807u},
    {"many channels", {200, 130, 6, 7, 3, 1, 1, 1, 0, SNN_INPUT_BITS}, 3, 1, 128, 0.0625f,
     0xe330c201a0f4b64cu, 0x851945f186c97c4fu, 0xac1ed7e54b1b4774u, 0x4e39a0fe6db083deu, 0xab0bc243eaf1773bu},
    {"odd channels, stride 2", {33, 21, 11, 13, 5, 2, 2, 1, 0, SNN_INPUT_BITS}, 3, 2, 60, 0.125f,
     0xe321930a283602e3u, 0xaf58df60db93b355u, 0xfafbb3d86a5f5c01u, 0x6f16f0859335439bu, 0xcb0f5a75a29ada80u},
    {"dilation 4", {65, 48, 12, 12, 3, 1, 4, 4, 0, SNN_INPUT_BITS}, 3, 1, 60, 0.125f,
     0x073aaf1253ee0116u, 0xc6f8d4d32b6f3744u, 0x6586936a03c876e2u, 0xcc13debd8327b8c2u, 0xe01bcec1deef4c31u},
    {"dilation 5 in a small map", {40, 64, 7, 6, 3, 1, 5, 5, 0, SNN_INPUT_BITS}, 5, 1, 80, 0.25f,
     0xc4901e0c09e50684u, 0xb9798298d9499dc1u, 0xd56d0a4664772685u, 0x96359ddc509a85ccu, 0x77984d0a3a80d520u},
    {"pixels", {100, 19, 5, 23, 1, 1, 0, 1, 0, SNN_INPUT_BITS}, 2, 3, 100, 0.25f,
     0xfd6b232dba923ce0u, 0xdaa14fd83f5259f9u, 0xe6560a9ce1cf6e20u, 0xf31a08b0af76ac3fu, 0x85e5d27eec1e7d70u},
    {"pooled", {64, 72, 15, 17, 3, 1, 1, 1, 2, SNN_INPUT_BITS}, 4, 1, 60, 0.25f,
     0xa3b96e33ef594c28u, 0xc575035d045fe3b5u, 0x674e154e0be2d35eu, 0x32a1e56c8be88d74u, 0x0f9220b2387c2beeu},
    {"pooled without stride, dilation 2", {70, 33, 8, 9, 3, 1, 2, 2, 1, SNN_INPUT_BITS}, 3, 1, 60, 0.25f,
     0x1331ec2e84a9d3fdu, 0x0329ea1bc008a0ebu, 0x5609c4d339510fe5u, 0x05e0b765ce047996u, 0x6ed37e8461bf6f3au},
    {"bytes", {3, 64, 14, 15, 3, 1, 1, 1, 0, SNN_INPUT_BYTES}, 3, 2, 200, 0.0078125f,
     0xf546bf996ee814c4u, 0x167b7becc87f3a1fu, 0xcf4496f54cac5a99u, 0xb5eb33e77ac6b367u, 0xb9080d0d2c062a44u},
    {"bytes, dilation 3", {5, 34, 9, 18, 3, 1, 3, 3, 0, SNN_INPUT_BYTES}, 2, 1, 128, 0.0078125f,
     0x7437f2ce412bbd57u, 0x232274d12ca3d789u, 0xdabd23fd36b5d07cu, 0xfbb0586911c60d56u, 0x9517ebf8d275c3fdu},
};

/// SplitMix64 (Steele, Lea & Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t bits() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  unsigned below(unsigned limit) { return static_cast<unsigned>(bits() >> 32) % limit; }
  /// A multiple of 2^-12 in [low, low + 1): exact.
  float share(float low) { return low + static_cast<float>(below(4096)) / 4096.0f; }

 private:
  uint64_t state_;
};

/// FNV-1a.
class Hash {
 public:
  template <class T>
  void add(const std::vector<T>& values) {
    const unsigned char* bytes = reinterpret_cast<const unsigned char*>(values.data());
    for (size_t i = 0; i < values.size() * sizeof(T); i++) value_ = (value_ ^ bytes[i]) * 0x100000001b3u;
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325u;
};

struct Inputs {
  std::vector<uint64_t> bits;
  std::vector<int8_t> bytes;
  std::vector<float> weight, scale, shift, threshold, membrane;

  const void* input(const Layer& l) const { return l.g.input == SNN_INPUT_BYTES ? static_cast<const void*>(bytes.data()) : bits.data(); }
};

Inputs inputsOf(const Layer& l, int64_t outPixels) {
  Random random(static_cast<uint64_t>(l.g.in_channels * 1000 + l.g.out_channels));
  Inputs in;
  const int64_t pixels = l.steps * l.batch * l.g.height * l.g.width, words = (l.g.in_channels + 63) / 64;
  in.bits.assign(static_cast<size_t>(pixels * words), 0);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < l.g.in_channels; c++) {
      const bool on = random.below(256) < l.density;
      if (on) in.bits[static_cast<size_t>(p * words + c / 64)] |= uint64_t{1} << c % 64;
      in.bytes.push_back(static_cast<int8_t>(on ? static_cast<int>(random.below(255)) - 127 : 0));
    }
  }
  in.weight.resize(static_cast<size_t>(l.g.out_channels * l.g.in_channels * l.g.kernel * l.g.kernel));
  for (float& value : in.weight) value = random.share(-0.5f);
  in.threshold.resize(static_cast<size_t>(l.g.out_channels));
  for (float& value : in.threshold) value = random.share(0.5f);
  in.scale.resize(static_cast<size_t>(l.steps * l.g.out_channels));
  for (float& value : in.scale) value = random.share(0.5f) * l.gain;
  in.shift.resize(in.scale.size());
  for (float& value : in.shift) value = random.share(-0.25f);
  in.membrane.resize(static_cast<size_t>(l.batch * outPixels * l.g.out_channels));
  for (float& value : in.membrane) value = random.share(-0.5f);
  return in;
}

struct Result {
  uint64_t hash = 0;
  double rate = 0.0;  // spikes a neuron and step
};

/// Currents, then neurons of either reset, the hard ones with membranes that are carried.
Result resultOf(const Layer& l, snn_form form, int threads) {
  const std::vector<float> none(static_cast<size_t>(l.g.out_channels * l.g.in_channels * l.g.kernel * l.g.kernel), 0.0f);
  snn_conv* conv = snn_conv_create(&l.g, none.data(), form);
  const int64_t outPixels = snn_conv_out_height(conv) * snn_conv_out_width(conv), frames = l.steps * l.batch;
  const Inputs in = inputsOf(l, outPixels);
  std::vector<float> currents(static_cast<size_t>(frames * outPixels * l.g.out_channels)), membrane = in.membrane;
  snn_conv_pack(conv, in.weight.data(), 0, threads);
  snn_conv_forward(conv, in.input(l), frames, currents.data(), nullptr, threads);
  Hash hash;
  hash.add(currents);
  Result result;
  for (int hard = 0; hard < 2; hard++) {
    std::vector<uint64_t> bits(static_cast<size_t>(frames * outPixels * ((l.g.out_channels + 63) / 64)));
    std::vector<int64_t> spikes(static_cast<size_t>(l.steps));
    const snn_lif lif{in.scale.data(), in.shift.data(), in.threshold.data(), 0.875f, hard, hard ? membrane.data() : nullptr};
    snn_infer_layer(conv, in.input(l), l.steps, l.batch, &lif, bits.data(), spikes.data(), threads);
    hash.add(bits);
    hash.add(spikes);
    for (int64_t count : spikes) result.rate += static_cast<double>(count) / static_cast<double>(2 * currents.size());
  }
  hash.add(membrane);
  snn_conv_destroy(conv);
  result.hash = hash.value();
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  requireLevel();
  const bool print = argc > 1 && std::strcmp(argv[1], "print") == 0;
  const bool few = argc > 1 && !print && std::atoi(argv[1]) < 10;
  int failures = 0;
  for (const Layer& l : layers) {
    const struct {
      snn_form form;
      const char* name;
      uint64_t expected;
    } forms[] = {{SNN_FORM_GATHER_FP32, "gather32", l.exact}, {SNN_FORM_GATHER14, "gather14", l.fourteen}, {SNN_FORM_GATHER15, "gather15", l.fifteen}, {SNN_FORM_DENSE14, "dense14", l.fourteen}, {SNN_FORM_EITHER14, "either14", l.fourteen},
                 {SNN_FORM_DENSE16, "dense16", l.sixteen},    {SNN_FORM_DENSE8, "dense8", l.eight}};
    for (const auto& f : forms) {
      if (f.form == SNN_FORM_EITHER14 && l.g.pool_stride == 0) continue;
      for (int threads : {1, 3}) {
        if (few && threads == 1) continue;
        const Result result = resultOf(l, f.form, threads);
        if (print && threads == 1) std::printf("%s %s 0x%016llx rate %.3f\n", l.name, f.name, static_cast<unsigned long long>(result.hash), result.rate);
        if (print || result.hash == f.expected) continue;
        failures++;
        std::printf("FAILED %s, %s, %d threads: expected hash %016llx, received %016llx\n", l.name, f.name, threads,
                    static_cast<unsigned long long>(f.expected), static_cast<unsigned long long>(result.hash));
      }
    }
  }
  std::printf("%s: hashes, %d failures\n", snn_isa(), failures);
  return failures > 0;
}
