// snnseg::normalized_activation: batch norm and what answers it without a memory, in one operator, forward and backward.
//
//     n = (z - mean)/sqrt(var + eps)*gamma + beta     statistics of the batch, or running ones; without norm n = z
//     y = max(0, n)                                   levels 0
//     y = a*k, k = floor(clip(n/threshold, 0, D) + 1/2)   levels D: neurons of one timestep that begin at rest (a = 0: the threshold)
//
// Backward takes dk/d(n/threshold) for 1 where 0 <= n/threshold <= D, else 0, and keeps nothing but z, from which it computes n
// again. A map is read twice and written once forward, and read four times and written once backward. Memory is channels last,
// [N*H*W, C]; partial sums are added in the order of blocks of fixed size, so results do not depend on the number of threads.
// That is how the CPU does it; a GPU: native/cuda.
// Batch norm: Ioffe & Szegedy 2015, arXiv:1502.03167. Integers: Luo et al. 2024, arXiv:2407.20708. Learnt steps: Esser et al. 2020,
// arXiv:1902.08153.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

#include "by-device.h"
#include "checks.h"
#include "integer-neurons.h"
#include "kernels/dispatch.h"
#include "norm-sums.h"
#include "normalized-activation.h"

namespace snnseg {

ActivationAffine::ActivationAffine(const at::Tensor& z, const Statistics& statistics, const at::Tensor& gamma, const at::Tensor& beta,
                                   const at::Tensor& threshold, const ActivationOptions& options) {
  if (options.normalized) {
    norm = affineForm(statistics, gamma);
    if (beta.defined()) norm.shift = norm.shift + beta;
  }
  if (options.levels == 0) return;
  thresholds = perChannel(threshold, z.size(1));
  amplitudes = options.scaled() ? thresholds : at::full({z.size(1)}, options.amplitude, z.options().memory_format(c10::nullopt));
}

namespace {

using sparse::kernels;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Rows of channels in blocks; a block's sums are float32 over `flush` rows and double beyond.
struct Rows {
  int64_t rows, channels, blocks;
  static constexpr int64_t blockRows = 512, flush = 64;

  explicit Rows(const at::Tensor& z)
      : rows(z.size(0) * z.size(2) * z.size(3)), channels(z.size(1)), blocks((rows + blockRows - 1) / blockRows) {}

  /// Calls visit(block, row, rows) for every `flush` rows; a block is one thread's.
  template <typename Visit>
  void forEach(Visit&& visit) const {
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
      for (int64_t block = first; block < last; block++) {
        const int64_t end = std::min(rows, (block + 1) * blockRows);
        for (int64_t row = block * blockRows; row < end; row += flush) visit(block, row, std::min(flush, end - row));
      }
    });
  }

  /// The sum over all rows of `add(row, rows, sums)`, which adds to `size` float32 sums.
  template <typename Add>
  std::vector<double> total(int64_t size, Add&& add) const {
    std::vector<double> partial(blocks * size, 0.0);
    forEach([&](int64_t block, int64_t row, int64_t count) {
      std::vector<float> sums(size, 0.0f);
      add(row, count, sums.data());
      kernels().addTo(sums.data(), partial.data() + block * size, size);
    });
    return addParts(partial, blocks, size);
  }
};

sparse::ActivationRow rowOf(const ActivationAffine& affine, const at::Tensor& z, const ActivationOptions& options) {
  const auto floats = [](const at::Tensor& x) { return x.defined() ? x.data_ptr<float>() : nullptr; };
  return {floats(affine.norm.scale), floats(affine.norm.shift), floats(affine.thresholds), floats(affine.amplitudes),
          static_cast<float>(options.levels), z.size(1)};
}

/// Sums of z and z^2, [2, C]. They are taken about the first row, as float32 would lose the variance of a large mean.
std::vector<double> moments(const at::Tensor& z, const Rows& layout) {
  const int64_t channels = layout.channels;
  const float* from = z.data_ptr<float>();
  std::vector<double> sums = layout.total(2 * channels, [&](int64_t row, int64_t rows, float* to) {
    kernels().addMomentsAbout(from + row * channels, from, rows, channels, to, to + channels);
  });
  const double count = static_cast<double>(layout.rows);
  for (int64_t c = 0; c < channels && layout.rows > 0; c++) {
    const double pivot = from[c];
    sums[channels + c] += pivot * (2 * sums[c] + count * pivot);
    sums[c] += count * pivot;
  }
  return sums;
}

Statistics statisticsOf(const at::Tensor& z, const Rows& layout, at::Tensor runningMean, at::Tensor runningVar, const ActivationOptions& options) {
  if (!options.normalized) return {};
  at::Tensor mean = runningMean.unsqueeze(0), variance = runningVar.unsqueeze(0);
  if (!options.training) return runningStatistics(mean, variance, options.eps);
  return batchStatistics(moments(z, layout), layout.rows, options.momentum, options.eps, mean, variance);
}

ActivationForward activationForward(const at::Tensor& z, const at::Tensor& gamma, const at::Tensor& beta, at::Tensor runningMean,
                                    at::Tensor runningVar, const at::Tensor& threshold, const ActivationOptions& options) {
  const Rows layout(z);
  ActivationForward out;
  out.statistics = statisticsOf(z, layout, runningMean, runningVar, options);
  const ActivationAffine affine(z, out.statistics, gamma, beta, threshold, options);
  const sparse::ActivationRow row = rowOf(affine, z, options);
  out.y = at::empty_like(z);
  const float* from = z.data_ptr<float>();
  float* to = out.y.data_ptr<float>();
  std::vector<int64_t> counts(layout.blocks, 0);
  std::vector<double> ratios(layout.blocks, 0.0);
  layout.forEach([&](int64_t block, int64_t at, int64_t rows) {
    const sparse::Fired fired = kernels().activate(row, from + at * layout.channels, rows, to + at * layout.channels);
    counts[block] += fired.count;
    ratios[block] += fired.excess;
  });
  out.count = at::zeros({1}, z.options().memory_format(c10::nullopt).dtype(at::kLong));
  out.excess = at::zeros({1}, out.count.options().dtype(at::kDouble));
  for (int64_t block = 0; block < layout.blocks; block++) {
    *out.count.data_ptr<int64_t>() += counts[block];
    *out.excess.data_ptr<double>() += ratios[block];
  }
  *out.excess.data_ptr<double>() -= static_cast<double>(z.numel());
  return out;
}

ActivationGradients activationBackward(const at::Tensor& gradient, const at::Tensor& z, const Statistics& statistics, const at::Tensor& gamma,
                                       const at::Tensor& beta, const at::Tensor& threshold, const ActivationOptions& options) {
  const Rows layout(z);
  const int64_t channels = layout.channels;
  const ActivationAffine affine(z, statistics, gamma, beta, threshold, options);
  const sparse::ActivationRow row = rowOf(affine, z, options);
  const at::Tensor incoming = plainGradient(gradient).contiguous(at::MemoryFormat::ChannelsLast);
  const float *gy = incoming.data_ptr<float>(), *from = z.data_ptr<float>();
  const at::Tensor zeros = at::zeros({channels}, z.options().memory_format(c10::nullopt));
  const at::Tensor mean = options.normalized ? statistics.mean.reshape({-1}) : zeros;
  const bool learnsThreshold = options.levels > 0 && threshold.requires_grad();
  ActivationGradients result;
  at::Tensor meanGradient = zeros, meanDot = zeros;
  if (options.normalized || learnsThreshold) {
    const std::vector<double> sums = layout.total(3 * channels, [&](int64_t at, int64_t rows, float* to) {
      kernels().addActivationSums(row, gy + at * channels, from + at * channels, rows,
                                  {mean.data_ptr<float>(), to, to + channels, learnsThreshold ? to + 2 * channels : nullptr, options.scaled()});
    });
    const auto partOf = [&](const std::vector<double>& of, int64_t which) {
      return at::from_blob(const_cast<double*>(of.data()) + which * channels, {channels}, at::kDouble);
    };
    const auto part = [&](int64_t which) { return partOf(sums, which); };
    if (options.normalized) {
      const at::Tensor invStd = statistics.invStd.reshape({-1}), dot = part(1) * invStd;  // of g' and the normalised z
      // Gradients of gamma and beta are this process's part; they are added up over ranks like every other.
      const NormSums shared = backwardSums(sums, layout.rows, options.training);
      const double count = std::max(1.0, shared.rows);
      meanGradient = (partOf(shared.values, 0) / count).to(at::kFloat);
      meanDot = (partOf(shared.values, 1) * invStd * invStd / count).to(at::kFloat);
      if (gamma.defined()) result.gamma = dot.to(at::kFloat);
      if (beta.defined()) result.beta = part(0).to(at::kFloat);
    }
    if (learnsThreshold) {
      result.threshold = ofChannels(part(2), threshold);
    }
  }
  const bool takes = options.normalized && options.training;
  const sparse::NormShares shares{takes ? mean.data_ptr<float>() : nullptr, meanGradient.data_ptr<float>(), meanDot.data_ptr<float>()};
  result.z = at::empty_like(z);
  float* to = result.z.data_ptr<float>();
  layout.forEach([&](int64_t, int64_t at, int64_t rows) {
    kernels().activationBackward(row, gy + at * channels, from + at * channels, rows, shares, to + at * channels);
  });
  return result;
}

class NormalizedActivation : public torch::autograd::Function<NormalizedActivation> {
 public:
  static variable_list forward(AutogradContext* context, const Variable& input, const c10::optional<at::Tensor>& optionalGamma,
                               const c10::optional<at::Tensor>& optionalBeta, const c10::optional<at::Tensor>& runningMean,
                               const c10::optional<at::Tensor>& runningVar, const c10::optional<at::Tensor>& optionalThreshold,
                               const ActivationOptions& options) {
    const at::Tensor none, gamma = optionalGamma.value_or(none), beta = optionalBeta.value_or(none), threshold = optionalThreshold.value_or(none);
    const at::Tensor z = input.contiguous(at::MemoryFormat::ChannelsLast);
    const ActivationForward out = functionsOn<ActivationFunctions>(z.device().type()).forward(
        z, gamma, beta, runningMean.value_or(none), runningVar.value_or(none), threshold, options);
    context->save_for_backward({z, gamma, beta, threshold, out.statistics.mean, out.statistics.invStd});
    context->saved_data["training"] = options.training;
    context->saved_data["levels"] = options.levels;
    context->saved_data["amplitude"] = options.amplitude;
    context->mark_non_differentiable({out.count, out.excess});
    return {out.y, out.count, out.excess};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const ActivationOptions options{saved[4].defined(), data["training"].toBool(), 0, 0, data["levels"].toInt(), data["amplitude"].toDouble()};
    variable_list result(7);
    if (!gradients[0].defined()) return result;
    const ActivationGradients found = functionsOn<ActivationFunctions>(saved[0].device().type()).backward(
        gradients[0], saved[0], {saved[4], saved[5]}, saved[1], saved[2], saved[3], options);
    result[0] = found.z;
    result[1] = found.gamma;
    result[2] = found.beta;
    result[5] = found.threshold;
    return result;
  }
};

void checkInputs(const at::Tensor& z, const at::Tensor& gamma, const at::Tensor& beta, const at::Tensor& runningMean, const at::Tensor& runningVar,
                 const at::Tensor& threshold, const ActivationOptions& options) {
  const c10::Device device = deviceFor<ActivationFunctions>(z);
  checkAxes(z, at::kFloat, "[N, C, H, W]", "input", device);
  checkRange(options.levels, 0, mostLevels, "levels");
  checkAmplitude(options.amplitude);
  const int64_t channels = z.size(1);
  if (options.normalized) {
    TORCH_CHECK(runningVar.defined(), "running_var: expected [", channels, "] beside running_mean");
    for (const auto& [x, name] : {std::pair{runningMean, "running_mean"}, std::pair{runningVar, "running_var"}}) {
      checkSizes(x, at::kFloat, {channels}, name, device);
      checkContiguous(x, name);
      checkNoGradient(x, name, "detach it");
    }
    checkApart(runningMean, runningVar, "running_mean");
    checkNormOptions(options.momentum, options.eps);
    if (gamma.defined()) checkSizes(gamma, at::kFloat, {channels}, "gamma", device);
    if (beta.defined()) checkSizes(beta, at::kFloat, {channels}, "beta", device);
  } else {
    TORCH_CHECK(!gamma.defined() && !beta.defined() && !runningVar.defined(), "running_mean: expected [", channels, "] where there is a norm");
  }
  if (options.levels == 0) {
    TORCH_CHECK(!threshold.defined(), "threshold: expected none of ReLUs");
    return;
  }
  TORCH_CHECK(threshold.defined(), "threshold: expected one value or [", channels, "]");
  checkChannelThreshold(threshold, channels, device);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> normalizedActivation(const at::Tensor& input, const c10::optional<at::Tensor>& gamma,
                                                                    const c10::optional<at::Tensor>& beta,
                                                                    const c10::optional<at::Tensor>& runningMean,
                                                                    const c10::optional<at::Tensor>& runningVar,
                                                                    const c10::optional<at::Tensor>& threshold, bool training, double momentum,
                                                                    double eps, int64_t levels, double amplitude) {
  const at::Tensor none;
  const ActivationOptions options{runningMean.has_value() && runningMean->defined(), training, momentum, eps, levels, amplitude};
  checkInputs(input, gamma.value_or(none), beta.value_or(none), runningMean.value_or(none), runningVar.value_or(none), threshold.value_or(none),
              options);
  const auto out = NormalizedActivation::apply(input, gamma, beta, runningMean, runningVar, threshold, options);
  return {out[0], out[1], out[2]};
}

const bool onCpu = (functionsOn<ActivationFunctions>(at::kCPU) = {activationForward, activationBackward}, true);

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def(
      "normalized_activation(Tensor input, Tensor? gamma, Tensor? beta, Tensor? running_mean, Tensor? running_var, Tensor? threshold, "
      "bool training, float momentum, float eps, int levels, float amplitude) -> (Tensor y, Tensor count, Tensor excess)",
      normalizedActivation);
}

}  // namespace snnseg
