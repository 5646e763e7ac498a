// Gradients of the hidden layers of DL-VGG9 (T = 20, 64x64, batch 4): ours on matrix tiles against libtorch's (oneDNN, time
// folded into the batch, channels last) in bf16 and fp32, interleaved in one process. Prints medians in milliseconds.
// Usage: bench-gradients [threads] [runs] [density]
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

#include "kernels/snn.h"

namespace {

constexpr int64_t frames = 80;

struct Shape {
  const char* name;
  int64_t in, out, side, dilation, pool;
};
const Shape shapes[] = {{"64->64 @64", 64, 64, 64, 1, 0},           {"avg2, 64->128 @32", 64, 128, 64, 1, 2},
                        {"128->128 @32", 128, 128, 32, 1, 0},       {"avg2, 128->256 @16", 128, 256, 32, 1, 2},
                        {"256->256 @16 d2", 256, 256, 16, 2, 0},    {"256->1024 @16 d12", 256, 1024, 16, 12, 0}};

bool processorTime = false;  // of one thread: what other processes disturb least

double now() {
  if (processorTime) return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1, runs = argc > 2 ? std::atoi(argv[2]) : 3;
  const double density = argc > 3 ? std::atof(argv[3]) : 0.25;
  at::set_num_threads(threads);
  processorTime = threads == 1;
  at::NoGradGuard noGrad;
  std::printf("threads %d, runs %d, %lld frames, density %.0f%%; weight gradient | input gradient, ms\n", threads, runs, (long long)frames, 100 * density);
  std::printf("%-20s %8s %8s %8s | %8s %8s %8s\n", "layer", "fp32", "bf16", "ours", "fp32", "bf16", "ours");
  for (const Shape& s : shapes) {
    const auto last = at::MemoryFormat::ChannelsLast;
    const at::Tensor spikes = (at::rand({frames, s.in, s.side, s.side}) < density).to(at::kFloat);
    const at::Tensor map = (s.pool ? at::avg_pool2d(spikes, {3, 3}, {s.pool, s.pool}, {1, 1}) : spikes).contiguous(last);
    const int64_t side = map.size(2);
    const at::Tensor weight = at::randn({s.out, s.in, 3, 3}) * 0.05f, gradient = at::randn({frames, s.out, side, side}).contiguous(last);
    const at::Tensor half = gradient.to(at::kBFloat16), halfMap = map.to(at::kBFloat16), halfWeight = weight.to(at::kBFloat16);
    const auto backward = [&](const at::Tensor& g, const at::Tensor& x, const at::Tensor& w, bool wantsWeight) {
      at::convolution_backward(g, x, w, c10::nullopt, {1, 1}, {s.dilation, s.dilation}, {s.dilation, s.dilation}, false, {0, 0}, 1,
                               {!wantsWeight, wantsWeight, false});
    };
    std::vector<uint64_t> bits(static_cast<size_t>(frames * s.side * s.side * s.in / 64));
    snn_pack_bits(spikes.data_ptr<float>(), frames, s.in, s.side, s.side, 0, bits.data(), threads);
    const snn_geometry forward{s.in, s.out, s.side, s.side, 3, 1, s.dilation, s.dilation, s.pool, SNN_INPUT_BITS};
    const snn_geometry turned{s.out, s.in, side, side, 3, 1, s.dilation, s.dilation, 0, SNN_INPUT_BF16};
    const at::Tensor turnedWeight = weight.permute({1, 0, 2, 3}).flip({2, 3}).contiguous();
    const auto* g = reinterpret_cast<const uint16_t*>(half.data_ptr<at::BFloat16>());
    at::Tensor gw = at::empty_like(weight), gx = at::empty({frames, side, side, s.in}, at::kBFloat16);
    snn_conv* conv = snn_conv_create(&turned, turnedWeight.data_ptr<float>(), SNN_FORM_DENSE_BF16);
    const std::vector<std::function<void()>> ways = {
        [&] { backward(gradient, map, weight, true); },
        [&] { backward(half, halfMap, halfWeight, true); },
        [&] { snn_weight_gradient(&forward, bits.data(), g, frames, gw.data_ptr<float>(), threads); },
        [&] { backward(gradient, map, weight, false); },
        [&] { backward(half, halfMap, halfWeight, false); },
        [&] { snn_conv_forward_bf16(conv, g, frames, reinterpret_cast<uint16_t*>(gx.data_ptr<at::BFloat16>()), threads); }};
    std::vector<std::vector<double>> times(ways.size());
    for (int run = -1; run < runs; run++) {
      for (size_t way = 0; way < ways.size(); way++) {
        const double start = now();
        ways[way]();
        if (run >= 0) times[way].push_back(now() - start);
      }
    }
    std::printf("%-20s", s.name);
    for (size_t way = 0; way < ways.size(); way++) {
      std::sort(times[way].begin(), times[way].end());
      std::printf("%s %8.1f", way == 3 ? " |" : "", times[way][times[way].size() / 2]);
    }
    std::printf("\n");
    std::fflush(stdout);
    snn_conv_destroy(conv);
  }
}
