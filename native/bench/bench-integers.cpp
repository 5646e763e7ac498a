// Convolutions of small integers (0 to 8, activations of integer neurons) by 8-bit weights, as in a network of 480x360 pictures: libtorch's
// float32 convolution (channels last) and ours, interleaved in one process, processor time on one thread. Prints medians in
// milliseconds, G multiply-adds a second, and their share of vpmaddubsw's peak at the clock that a chain of additions shows.
// Usage: bench-integers [runs] [largest integer]
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "kernels/integer-conv.h"
#include "kernels/snn.h"

namespace {

using snnseg::sparse::IntegerConv;

struct Shape {
  const char* name;
  int64_t in, out, height, width, kernel, stride, dilation;
  bool depthwise;
};
const Shape shapes[] = {
    {"1x1 64->64 @60x45", 64, 64, 45, 60, 1, 1, 1, false},
    {"1x1 128->128 @60x45", 128, 128, 45, 60, 1, 1, 1, false},
    {"1x1 64->64 @120x90", 64, 64, 90, 120, 1, 1, 1, false},
    {"1x1 128->128 @120x90", 128, 128, 90, 120, 1, 1, 1, false},
    {"1x1 24->96 @120x90", 24, 96, 90, 120, 1, 1, 1, false},
    {"depthwise 64 @60x45", 64, 64, 45, 60, 3, 1, 1, true},
    {"depthwise 128 d1 @60x45", 128, 128, 45, 60, 3, 1, 1, true},
    {"depthwise 128 d2 @60x45", 128, 128, 45, 60, 3, 1, 2, true},
    {"depthwise 128 d4 @60x45", 128, 128, 45, 60, 3, 1, 4, true},
    {"depthwise 64 @120x90", 64, 64, 90, 120, 3, 1, 1, true},
    {"depthwise 128 d2 @120x90", 128, 128, 90, 120, 3, 1, 2, true},
    {"depthwise 64 /2 @120x90", 64, 64, 90, 120, 3, 2, 1, true},
    {"3x3 64->64 @60x45", 64, 64, 45, 60, 3, 1, 1, false},
    {"3x3 32->64 /2 @120x90", 32, 64, 90, 120, 3, 2, 1, false},
    {"3x3 64->64 d4 @60x45", 64, 64, 45, 60, 3, 1, 4, false},
    {"stem 3->32 /2 @480x360", 3, 32, 360, 480, 3, 2, 1, false},
};

double now() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// Gigahertz, by a chain of dependent additions.
double clockNow() {
  const double start = now();
  constexpr int64_t additions = 4'000'000;
  int64_t sum = 1;
  for (int64_t i = 0; i < additions; i++) asm volatile("add $1, %0" : "+r"(sum));
  return static_cast<double>(additions) / (now() - start) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 15, largest = argc > 2 ? std::atoi(argv[2]) : 8;
  at::set_num_threads(1);
  at::NoGradGuard noGrad;
  std::printf("isa %s, one thread, runs %d, integers 0..%d\n", snn_isa(), runs, largest);
  std::printf("%-26s %8s %9s %9s %8s %7s %8s %7s\n", "layer", "M mul", "float ms", "ours ms", "ratio", "G/s", "of peak", "GHz");
  for (const Shape& s : shapes) {
    const IntegerConv conv{s.in, s.out, s.kernel, s.stride, s.dilation, s.depthwise};
    const int64_t groups = s.depthwise ? s.in : 1, outHeight = conv.outSide(s.height), outWidth = conv.outSide(s.width);
    const at::Tensor weight = at::randn({s.out, s.in / groups, s.kernel, s.kernel});
    const at::Tensor input = at::randint(0, largest + 1, {1, s.height, s.width, s.in}, at::kByte);
    const at::Tensor floats = input.permute({0, 3, 1, 2}).to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor lastWeight = weight.contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<int8_t> packed(static_cast<size_t>(snnseg::sparse::integerWeightBytes(conv)));
    std::vector<float> step(static_cast<size_t>(s.out)), shift(step.size(), 0.5f), scale(step.size());
    packIntegerWeights(conv, weight.data_ptr<float>(), packed.data(), step.data());
    for (size_t o = 0; o < scale.size(); o++) scale[o] = step[o] / 16.0f;
    std::vector<uint8_t> result(static_cast<size_t>(outHeight * outWidth * s.out));
    const snnseg::sparse::IntegerConvCall call{input.data_ptr<uint8_t>(), 1, s.height, s.width, packed.data(), scale.data(), shift.data(), 8, result.data(), nullptr, nullptr, nullptr};
    std::vector<double> theirs, ours, clocks;
    const int64_t padding = conv.padding();
    for (int run = -2; run < runs; run++) {
      double start = now();
      at::conv2d(floats, lastWeight, {}, {s.stride, s.stride}, {padding, padding}, {s.dilation, s.dilation}, groups);
      if (run >= 0) theirs.push_back(now() - start);
      clocks.push_back(clockNow());
      constexpr int repeats = 4;
      start = now();
      for (int i = 0; i < repeats; i++) integerConv(conv, call, 1);
      if (run >= 0) ours.push_back((now() - start) / repeats);
    }
    const double products = static_cast<double>(outHeight * outWidth * s.out * s.in / groups * s.kernel * s.kernel) / 1e6;
    const double rate = products / median(ours), clock = median(clocks);
    std::printf("%-26s %8.1f %9.3f %9.3f %7.1fx %7.1f %7.0f%% %7.2f\n", s.name, products, median(theirs), median(ours), median(theirs) / median(ours),
                rate, 100.0 * rate / (64.0 * clock), clock);
    std::fflush(stdout);
  }
}
