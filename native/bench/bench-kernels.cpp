// The kernels of DL-VGG9's layers and of FCN-VGG9's widest by themselves (T = 20, 64x64, batch 4), without libtorch, on the instruction set in use: every form,
// at several densities. Prints milliseconds of processor time of one thread, the clock that a chain of additions shows beside each
// timing, and operations per cycle as if dense (two a multiply-add, taps outside the image left out).
//
//   bench-kernels [--layer TEXT] [--form NAME] [--runs N] [densities...]          default 3 runs at 0.05 0.1 0.25
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "kernels/snn.h"

namespace {

constexpr int64_t steps = 20, batch = 4;

struct Shape {
  const char* name;
  int64_t in, out, side, padding, dilation, pool;
  snn_input input = SNN_INPUT_BITS;
};
const Shape shapes[] = {
    {"3->64, bytes", 3, 64, 64, 1, 1, 0, SNN_INPUT_BYTES}, {"64->64", 64, 64, 64, 1, 1, 0},        {"avg2, 64->128", 64, 128, 64, 1, 1, 2},
    {"128->128", 128, 128, 32, 1, 1, 0},                   {"avg2, 128->256", 128, 256, 32, 1, 1, 2}, {"256->256 d2", 256, 256, 16, 2, 2, 0},
    {"256->1024 d12", 256, 1024, 16, 12, 12, 0},           {"avg2, 256->1024", 256, 1024, 16, 1, 1, 2},       {"1024->1024", 1024, 1024, 8, 1, 1, 0},
};
/// A form, or what it computes backward.
struct Form {
  const char* name;
  snn_form form;
  enum class What { layer, inputGradient, weightGradient } what = What::layer;
};
const Form forms[] = {{"gather32", SNN_FORM_GATHER_FP32}, {"gather15", SNN_FORM_GATHER15}, {"gather14", SNN_FORM_GATHER14}, {"dense14", SNN_FORM_DENSE14}, {"either14", SNN_FORM_EITHER14},
                      {"dense16", SNN_FORM_DENSE16},      {"dense8", SNN_FORM_DENSE8},
                      {"input-gradient", SNN_FORM_DENSE_BF16, Form::What::inputGradient}, {"winograd", SNN_FORM_WINOGRAD, Form::What::inputGradient},
                      {"weight-gradient", SNN_FORM_DENSE_BF16, Form::What::weightGradient}};

double processorSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// In GHz: additions that wait for each other take a cycle each.
double clockNow() {
  constexpr int64_t count = 4000000;
  const double start = processorSeconds();
  uint64_t x = 1;
  for (int64_t i = 0; i < count; i += 8) {
#pragma GCC unroll 8
    for (int k = 0; k < 8; k++) asm volatile("add %0, %0" : "+r"(x));
  }
  return 1e-9 * static_cast<double>(count) / (processorSeconds() - start);
}

/// Multiply-adds of all frames, without taps outside the image.
double multiplyAdds(const Shape& s) {
  const int64_t side = s.pool ? (s.side - 1) / s.pool + 1 : s.side;
  int64_t rows = 0;
  for (int64_t y = 0; y < side; y++) {
    for (int64_t k = 0; k < 3; k++) rows += y + k * s.dilation - s.padding >= 0 && y + k * s.dilation - s.padding < side;
  }
  return static_cast<double>(rows) * static_cast<double>(rows) * static_cast<double>(s.in * s.out * steps * batch);
}

void measure(const Shape& s, const Form& form, double density, int runs) {
  std::mt19937 random(1);
  const bool isBf16 = form.what == Form::What::inputGradient;  // of the layer turned, before its pooling
  const bool ofWeights = form.what == Form::What::weightGradient;
  const int64_t side = isBf16 && s.pool ? s.side / s.pool : s.side;
  const snn_geometry g{isBf16 ? s.out : s.in,
                       isBf16 ? s.in : s.out,
                       side,
                       side,
                       3,
                       1,
                       s.padding,
                       s.dilation,
                       isBf16 ? 0 : s.pool,
                       isBf16 ? SNN_INPUT_BF16 : s.input};
  std::vector<float> weight(static_cast<size_t>(s.in * s.out * 9));
  std::normal_distribution<float> normal(0.0f, 0.05f);
  for (float& w : weight) w = normal(random);
  snn_conv* conv = snn_conv_create(&g, weight.data(), ofWeights ? SNN_FORM_GATHER_FP32 : form.form);
  const int64_t pixels = steps * batch * s.side * s.side, words = (s.in + 63) / 64;
  std::vector<uint64_t> bits(static_cast<size_t>(pixels * words));
  std::vector<int8_t> bytes(static_cast<size_t>(pixels * s.in));
  std::bernoulli_distribution fires(density);
  for (int64_t i = 0; i < pixels; i++) {
    for (int64_t c = 0; c < s.in; c++) {
      const bool fired = fires(random);
      bits[static_cast<size_t>(i * words + c / 64)] |= static_cast<uint64_t>(fired) << (c % 64);
      bytes[static_cast<size_t>(i * s.in + c)] = static_cast<int8_t>(fired ? (i + c) % 2 * 2 - 1 : 0);
    }
  }
  const std::vector<uint16_t> halves(isBf16 || ofWeights ? static_cast<size_t>(steps * batch * side * side * s.out) : 0, 0x3f80);
  std::vector<uint16_t> outHalves(isBf16 ? static_cast<size_t>(steps * batch * side * side * s.in) : 0);
  const void* input = s.input == SNN_INPUT_BYTES ? static_cast<const void*>(bytes.data()) : bits.data();
  const int64_t outPixels = snn_conv_out_height(conv) * snn_conv_out_width(conv);
  std::vector<float> scale(static_cast<size_t>(steps * s.out), 0.5f), shift(scale.size(), -0.3f), threshold(static_cast<size_t>(s.out), 1.0f);
  std::vector<uint64_t> out(static_cast<size_t>(steps * batch * outPixels * ((s.out + 63) / 64)));
  const snn_lif lif{scale.data(), shift.data(), threshold.data(), 0.99f, 0, nullptr};
  std::vector<double> times, clocks;
  for (int run = 0; run <= runs; run++) {
    const double before = clockNow(), start = processorSeconds();
    if (isBf16) {
      snn_conv_forward_bf16(conv, halves.data(), steps * batch, outHalves.data(), 1);
    } else if (ofWeights) {
      snn_weight_gradient(&g, input, halves.data(), steps * batch, weight.data(), 1);
    } else {
      snn_infer_layer(conv, input, steps, batch, &lif, out.data(), nullptr, 1);
    }
    const double time = processorSeconds() - start;
    if (run == 0) continue;  // warm-up
    times.push_back(time);
    clocks.push_back((before + clockNow()) / 2);
  }
  const size_t best = static_cast<size_t>(std::min_element(times.begin(), times.end()) - times.begin());
  const double perCycle = 2 * multiplyAdds(s) / times[best] / clocks[best] * 1e-9;
  std::printf("%-16s %-15s %3.0f %% %8.1f ms %6.2f GHz %7.1f operations a cycle\n", s.name, form.name, 100 * density, 1e3 * times[best], clocks[best], perCycle);
  std::fflush(stdout);
  snn_conv_destroy(conv);
}

}  // namespace

int main(int argc, char** argv) {
  std::string layer, form;
  int runs = 3;
  std::vector<double> densities;
  for (int i = 1; i < argc; i++) {
    const bool more = i + 1 < argc;
    if (!std::strcmp(argv[i], "--layer") && more) {
      layer = argv[++i];
    } else if (!std::strcmp(argv[i], "--form") && more) {
      form = argv[++i];
    } else if (!std::strcmp(argv[i], "--runs") && more) {
      runs = std::max(1, std::atoi(argv[++i]));
    } else {
      densities.push_back(std::atof(argv[i]));
    }
  }
  if (densities.empty()) densities = {0.05, 0.1, 0.25};
  if (snn_isa_error()) {
    std::fprintf(stderr, "%s\n", snn_isa_error());
    return 2;
  }
  std::printf("%s, 1 thread, best of %d by processor time\n", snn_isa(), runs);
  for (const Shape& s : shapes) {
    if (std::string(s.name).find(layer) == std::string::npos) continue;
    for (const Form& f : forms) {
      if (!form.empty() && form != f.name) continue;
      if (f.form == SNN_FORM_EITHER14 && !s.pool) continue;
      if (f.form == SNN_FORM_WINOGRAD && s.padding > 2) continue;  // most of its tiles would be padding
      if (f.what != Form::What::layer && s.input == SNN_INPUT_BYTES) continue;  // images get no gradient
      const bool dense = std::strncmp(f.name, "gather", 6) != 0 && f.form != SNN_FORM_EITHER14 && (f.what != Form::What::weightGradient || s.pool);
      for (const double density : densities) {
        measure(s, f, density, runs);
        if (dense) break;  // the same at every density
      }
    }
  }
  return 0;
}
