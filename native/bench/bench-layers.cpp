// Spiking layers of DL-VGG9 (T = 20, 64x64, batch 4): the composed twin on libtorch (fp32 oneDNN convolution, folded
// batch norm and LIF step by step), its convolution alone, and the kernels of kernels/sparse, interleaved in one
// process; then the whole network as the sum of its layers. Prints milliseconds (medians) and ratios. Usage: bench-layers [threads] [runs] [densities...]
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels/snn.h"

namespace {

constexpr int64_t steps = 20, batch = 4;
constexpr float leak = 0.99f;

struct Shape {
  const char* name;
  int64_t in, out, side, kernel, padding, dilation, pool;
  snn_input input = SNN_INPUT_BITS;
};
const Shape shapes[] = {
    {"3->64 @64, ternary", 3, 64, 64, 3, 1, 1, 0, SNN_INPUT_BYTES},
    {"64->64 @64", 64, 64, 64, 3, 1, 1, 0},        {"avg2, 64->128 @32", 64, 128, 64, 3, 1, 1, 2},
    {"128->128 @32", 128, 128, 32, 3, 1, 1, 0},    {"avg2, 128->256 @16", 128, 256, 32, 3, 1, 1, 2},
    {"256->256 @16 d2", 256, 256, 16, 3, 2, 2, 0}, {"256->256 @16 d2", 256, 256, 16, 3, 2, 2, 0},
    {"256->1024 @16 d12", 256, 1024, 16, 3, 12, 12, 0},
};

// One thread is timed by its processor time, which other processes on the machine disturb least.
bool processorTime = false;

double now() {
  if (processorTime) return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct Layer {
  Shape shape;
  at::Tensor weight, scale, shift;
  std::map<snn_form, std::shared_ptr<snn_conv>> convs;
  int64_t outSide = 0, outWords;
  std::vector<float> threshold;
  std::vector<uint64_t> bits;

  explicit Layer(const Shape& s) : shape(s), outWords((s.out + 63) / 64), threshold(static_cast<size_t>(s.out), 1.0f) {
    weight = at::randn({s.out, s.in, s.kernel, s.kernel}) * 0.05f;
    scale = at::rand({steps, s.out}) + 0.5f;
    shift = at::rand({steps, s.out}) * 0.2f - 0.3f;
    const snn_geometry g{s.in, s.out, s.side, s.side, s.kernel, 1, s.padding, s.dilation, s.pool, s.input};
    for (snn_form form : {SNN_FORM_GATHER_FP32, SNN_FORM_GATHER14, SNN_FORM_DENSE14, SNN_FORM_DENSE16, SNN_FORM_DENSE8}) {
      convs[form] = std::shared_ptr<snn_conv>(snn_conv_create(&g, weight.data_ptr<float>(), form), snn_conv_destroy);
      outSide = snn_conv_out_height(convs[form].get());
    }
    bits.resize(static_cast<size_t>(steps * batch * outSide * outSide * outWords));
  }

  at::Tensor convStep(const at::Tensor& spikes) const {
    const at::Tensor map = shape.pool ? at::avg_pool2d(spikes, {3, 3}, {shape.pool, shape.pool}, {1, 1}) : spikes;
    return at::conv2d(map, weight, {}, 1, shape.padding, shape.dilation);
  }

  void convolutions(const at::Tensor& input) const {
    for (int64_t t = 0; t < steps; t++) convStep(input[t]);
  }

  void twin(const at::Tensor& input) const {
    at::Tensor u = at::zeros({batch, shape.out, outSide, outSide});
    for (int64_t t = 0; t < steps; t++) {
      const at::Tensor y = convStep(input[t]) * scale[t].view({1, -1, 1, 1}) + shift[t].view({1, -1, 1, 1});
      u = leak * u + y;
      const at::Tensor spikes = (u - 1.0f).gt(0.0f).to(at::kFloat);
      u = u - spikes;
    }
  }

  void ours(snn_form form, const void* input, int threads) {
    const snn_lif lif{scale.data_ptr<float>(), shift.data_ptr<float>(), threshold.data(), leak, 0, nullptr};
    snn_infer_layer(convs.at(form).get(), input, steps, batch, &lif, bits.data(), nullptr, threads);
  }
};

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1, runs = argc > 2 ? std::atoi(argv[2]) : 3;
  std::vector<double> densities;
  for (int i = 3; i < argc; i++) densities.push_back(std::atof(argv[i]));
  if (densities.empty()) densities = {0.05, 0.10, 0.25, 0.40, 1.0};
  at::set_num_threads(threads);
  processorTime = threads == 1;
  at::NoGradGuard noGrad;
  const std::vector<std::pair<snn_form, const char*>> forms = {
      {SNN_FORM_GATHER_FP32, "gather32"}, {SNN_FORM_GATHER14, "gather14"}, {SNN_FORM_DENSE14, "dense14"}, {SNN_FORM_DENSE16, "dense16"}, {SNN_FORM_DENSE8, "dense8"}};
  std::printf("isa %s, threads %d, runs %d, T %d, batch %d\n", snn_isa(), threads, runs, (int)steps, (int)batch);
  std::printf("%-20s %8s %9s %9s", "layer", "density", "twin ms", "conv ms");
  for (const auto& form : forms) std::printf(" %9s %7s", form.second, "ratio");
  std::printf("\n");
  std::map<double, std::map<std::string, double>> total;
  for (const Shape& shape : shapes) {
    Layer layer(shape);
    for (double density : densities) {
      const at::Tensor input = (at::rand({steps, batch, shape.in, shape.side, shape.side}) < density).to(at::kFloat);
      std::vector<uint64_t> bits(static_cast<size_t>(steps * batch * shape.side * shape.side * ((shape.in + 63) / 64)));
      snn_pack_bits(input.data_ptr<float>(), steps * batch, shape.in, shape.side, shape.side, 0, bits.data(), threads);
      std::vector<int8_t> bytes(static_cast<size_t>(input.numel()));
      snn_pack_bytes(input.data_ptr<float>(), steps * batch, shape.in, shape.side, shape.side, bytes.data(), threads);
      const void* packed = bits.data();
      if (shape.input == SNN_INPUT_BYTES) packed = bytes.data();
      std::vector<std::pair<std::string, std::function<void()>>> contestants = {
          {"twin", [&] { layer.twin(input); }}, {"conv", [&] { layer.convolutions(input); }}};
      for (const auto& form : forms) {
        if (layer.convs.count(form.first)) contestants.push_back({form.second, [&, form] { layer.ours(form.first, packed, threads); }});
      }
      std::map<std::string, std::vector<double>> times;
      for (int run = -1; run < runs; run++) {
        for (auto& contestant : contestants) {
          const double start = now();
          contestant.second();
          if (run >= 0) times[contestant.first].push_back(now() - start);
        }
      }
      const double twin = median(times["twin"]);
      std::printf("%-20s %7.0f%% %9.1f %9.1f", shape.name, 100 * density, twin, median(times["conv"]));
      for (const auto& form : forms) {
        if (times.count(form.second)) std::printf(" %9.2f %6.1fx", median(times[form.second]), twin / median(times[form.second]));
      }
      std::printf("\n");
      std::fflush(stdout);
      for (auto& entry : times) total[density][entry.first] += median(entry.second);
    }
  }
  // Output layer: a 1x1 convolution of every step, added up, against one of the sums over time.
  const at::Tensor weight = at::randn({21, 1024, 1, 1});
  for (double density : densities) {
    const at::Tensor input = (at::rand({steps, batch, 1024, 16, 16}) < density).to(at::kFloat);
    std::vector<uint64_t> bits(static_cast<size_t>(steps * batch * 256 * 16));
    snn_pack_bits(input.data_ptr<float>(), steps * batch, 1024, 16, 16, 0, bits.data(), threads);
    std::vector<double> twin, ours;
    for (int run = -1; run < runs; run++) {
      double start = now();
      at::Tensor sum = at::zeros({batch, 21, 16, 16});
      for (int64_t t = 0; t < steps; t++) sum = sum + at::conv2d(input[t], weight);
      if (run >= 0) twin.push_back(now() - start);
      start = now();
      at::Tensor spikes = at::empty({batch, 1024, 16, 16});
      snn_sum_steps(bits.data(), steps, batch, 1024, 16, 16, spikes.data_ptr<float>(), threads);
      at::conv2d(spikes, weight);
      if (run >= 0) ours.push_back(now() - start);
    }
    std::printf("%-20s %7.0f%% %9.1f %9s %9.2f %6.1fx\n", "1024->21, sum", 100 * density, median(twin), "", median(ours), median(twin) / median(ours));
    total[density]["twin"] += median(twin);
    for (const auto& form : forms) {
      total[density][form.second] += median(ours);
    }
  }
  for (auto& [density, sums] : total) {
    std::printf("%-20s %7.0f%% %9.1f %9.1f", "network", 100 * density, sums["twin"], sums["conv"]);
    for (const auto& form : forms) {
      if (sums.count(form.second)) std::printf(" %9.2f %6.1fx", sums[form.second], sums["twin"] / sums[form.second]);
    }
    std::printf("\n");
  }
}
