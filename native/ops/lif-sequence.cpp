// snnseg::lif_sequence: batch norm through time (BNTT) and a leaky integrate-and-fire layer over all timesteps, in
// one operator, forward and backward.
//
//     y[t] = BN_t(i[t])  (t < normalized steps; else y[t] = i[t])
//     u[t] = leak*v[t-1] + y[t]                    charge
//     s[t] = [u[t]/threshold - 1 > 0]              fire
//     v[t] = u[t] - threshold*s[t]                 soft reset (hard: u[t]*(1 - s[t])), no gradient through it
//
// A leak that is learnt (PLIF: Fang et al. 2021, arXiv:2007.05785) gets the gradient sum over t of du[t]*v[t-1].
//
// With imbalance a > 0 a second threshold -threshold/a resets too, sending no spike. The step itself: kernels/isa/lif.h. Memory is channels last:
// [T, N*H*W, C]. Rows are cut into blocks of fixed size, and partial sums are added in block order, so results do not
// depend on the number of threads. Backward keeps only the input: membranes are recomputed block by block.
// That is how the CPU does it; a GPU: native/cuda.
// BNTT: Kim & Panda 2020, arXiv:2010.01729. Surrogate gradients: Neftci et al. 2019, arXiv:1901.09948.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "by-device.h"
#include "checks.h"
#include "kernels/dispatch.h"
#include "lif-sequence.h"
#include "norm-sums.h"
#include "timed-maps.h"

namespace snnseg {

at::Tensor thresholdRows(const at::Tensor& threshold, at::IntArrayRef neurons) {
  const int64_t channels = neurons[0], pixels = neurons[1] * neurons[2];
  if (threshold.dim() == 3 && threshold.numel() == channels * pixels) return threshold.permute({1, 2, 0}).contiguous().view({pixels, channels});
  return threshold.reshape({-1}).expand({channels}).contiguous().view({1, channels});
}

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

using sparse::kernels;

float inverseOf(double imbalance) { return imbalance > 0 ? static_cast<float>(1.0 / imbalance) : 0.0f; }

// Channels-last view of [T, N, C, H, W] as [T, rows, C].
struct Layout {
  int64_t steps, rows, channels, pixels, blockRows, blocks;

  Layout(const at::Tensor& current, int64_t bufferedSteps)
      : steps(current.size(0)),
        rows(current.size(1) * current.size(3) * current.size(4)),
        channels(current.size(2)),
        pixels(current.size(3) * current.size(4)) {
    // One block's buffers should stay in a core's second-level cache.
    const int64_t budget = 96 * 1024;
    blockRows = std::max<int64_t>(1, budget / std::max<int64_t>(1, channels * bufferedSteps));
    blockRows = std::min(blockRows, std::max<int64_t>(1, rows));
    blocks = (rows + blockRows - 1) / blockRows;
  }
  int64_t begin(int64_t block) const { return block * blockRows; }
  int64_t end(int64_t block) const { return std::min(rows, (block + 1) * blockRows); }
};

// Whose excess is exact enough in float before it goes to double.
constexpr int64_t rowsAtOnce = 32;

struct Thresholds {
  at::Tensor rows, inverse;
  bool perNeuron;

  Thresholds(const at::Tensor& threshold, const at::Tensor& current)
      : rows(thresholdRows(threshold, current.sizes().slice(2))), inverse(rows.reciprocal()), perNeuron(rows.size(0) > 1) {}

  /// LifDynamics of step t of currents, with the thresholds of the first row; `norm` is undefined where the step is not normalized.
  sparse::LifRow ofStep(int64_t t, const AffineNorm& norm, const Layout& layout, const LifDynamics& dynamics, const float* current) const {
    const bool normalized = t < dynamics.normalizedSteps;
    const int64_t channels = layout.channels;
    return {normalized ? norm.scale.data_ptr<float>() + t * channels : nullptr, normalized ? norm.shift.data_ptr<float>() + t * channels : nullptr,
            rows.data_ptr<float>(), inverse.data_ptr<float>(), dynamics.leak, dynamics.inverseImbalance, dynamics.hardReset, channels,
            current + std::min(t + 1, layout.steps - 1) * layout.rows * channels};
  }
  sparse::LifBackwardRow backward(const Layout& layout, const LifDynamics& dynamics) const {
    return {rows.data_ptr<float>(), inverse.data_ptr<float>(), dynamics.leak, dynamics.hardReset, dynamics.surrogate, layout.channels};
  }
  /// How many rows from this one on share their thresholds, of those that kernels take at once.
  int64_t alike(int64_t row, int64_t end) const { return perNeuron ? 1 : std::min(end - row, rowsAtOnce); }
  /// The same from another row on.
  sparse::LifRow at(int64_t row, sparse::LifRow dynamics, const Layout& layout) const {
    dynamics.next += row * layout.channels;
    return withThresholds(row, dynamics, layout);
  }
  sparse::LifBackwardRow at(int64_t row, const sparse::LifBackwardRow& dynamics, const Layout& layout) const {
    return withThresholds(row, dynamics, layout);
  }

 private:
  template <class Row>
  Row withThresholds(int64_t row, Row dynamics, const Layout& layout) const {
    if (!perNeuron) return dynamics;
    const int64_t offset = row % layout.pixels * layout.channels;
    dynamics.threshold += offset;
    dynamics.inverseThreshold += offset;
    return dynamics;
  }
};

// Sums of z and z^2 over the rows, [T, 2, C].
std::vector<double> currentMoments(const at::Tensor& current, const Layout& layout, const LifDynamics& dynamics) {
  const int64_t steps = dynamics.normalizedSteps, channels = layout.channels;
  const int64_t statRows = std::max<int64_t>(layout.blockRows, (layout.rows + 15) / 16);
  const int64_t blocks = layout.rows == 0 ? 0 : (layout.rows + statRows - 1) / statRows;
  const int64_t size = steps * 2 * channels;
  std::vector<double> partial(blocks * size, 0.0);
  const float* z = current.data_ptr<float>();
  at::parallel_for(0, blocks * steps, 1, [&](int64_t first, int64_t last) {
    for (int64_t job = first; job < last; job++) {
      const int64_t block = job / steps, t = job % steps;
      double* sum = partial.data() + block * size + t * 2 * channels;
      const int64_t end = std::min(layout.rows, (block + 1) * statRows);
      for (int64_t row = block * statRows; row < end; row++) {
        kernels().addMomentsDouble(z + (t * layout.rows + row) * channels, sum, sum + channels, channels);
      }
    }
  });
  return addParts(partial, blocks, size);
}

void checkNorm(const at::Tensor& gamma, const at::Tensor& runningMean, const at::Tensor& runningVar, int64_t steps, int64_t channels,
               c10::Device device) {
  TORCH_CHECK(runningMean.defined() && runningVar.defined() && runningMean.dim() == 2,
              "running_mean and running_var: expected [T, C] of both where timesteps are normalised");
  const int64_t rows = std::max(steps, runningMean.size(0));
  checkSizes(runningMean, at::kFloat, {rows, channels}, "running_mean", device);
  checkSizes(runningVar, at::kFloat, {rows, channels}, "running_var", device);
  checkContiguous(runningMean, "running_mean");
  checkContiguous(runningVar, "running_var");
  checkApart(runningMean, runningVar, "running_mean");
  if (gamma.defined()) checkSizes(gamma, at::kFloat, {rows, channels}, "gamma", device);
}

void checkThreshold(const at::Tensor& threshold, at::IntArrayRef neurons, c10::Device device) {
  checkPlain(threshold, at::kFloat, "threshold", device);
  const int64_t channels = neurons[0];
  TORCH_CHECK(threshold.numel() == 1 || threshold.sizes() == neurons || threshold.sizes() == at::IntArrayRef({channels}) ||
                  threshold.sizes() == at::IntArrayRef({channels, 1, 1}),
              "threshold: expected one value, [", channels, "] or ", neurons, ", received ", threshold.sizes());
  checkThresholds(threshold);
}

void checkInputs(const at::Tensor& current, const at::Tensor& gamma, const at::Tensor& runningMean, const at::Tensor& runningVar,
                 const at::Tensor& threshold, const at::Tensor& initial, double momentum, double eps, const at::Tensor& leak, double imbalance,
                 int64_t surrogate, int64_t normalizedSteps) {
  const c10::Device device = deviceFor<LifFunctions>(current);
  checkAxes(current, at::kFloat, "[T, N, C, H, W]", "current", device);
  checkRange(current.size(0), 0, mostSteps, "timesteps");
  checkRange(normalizedSteps, 0, current.size(0), "normalized_steps");
  checkSurrogate(surrogate);
  // A number comes from the CPU; one that is learnt is where its gradient is made.
  checkSizes(leak, at::kFloat, {1}, "leak", isReadHere(leak) && !leak.requires_grad() ? leak.device() : device);
  TORCH_CHECK(imbalance >= 0 && std::isfinite(imbalance), "imbalance: expected 0 or more, received ", imbalance);
  if (normalizedSteps > 0) {
    checkNorm(gamma, runningMean, runningVar, normalizedSteps, current.size(2), device);
    checkNormOptions(momentum, eps);
  }
  checkThreshold(threshold, current.sizes().slice(2), device);
  checkNoGradient(threshold, "threshold", "detach it, or use lifSequenceReference");
  if (!initial.defined()) return;
  checkSizes(initial, at::kFloat, current.sizes().slice(1), "initial", device);
  checkNoGradient(initial, "initial", "detach it, or use lifSequenceReference");
}

LifForward lifForward(const at::Tensor& current, const at::Tensor& gamma, at::Tensor runningMean, at::Tensor runningVar,
                   const at::Tensor& threshold, const at::Tensor& initial, bool training, double momentum, double eps,
                   const LifDynamics& dynamics) {
  const Layout layout(current, 4);
  const int64_t channels = layout.channels, normalized = dynamics.normalizedSteps;
  LifForward out;
  AffineNorm norm;
  if (normalized > 0) {
    at::Tensor meanView = runningMean.narrow(0, 0, normalized), varView = runningVar.narrow(0, 0, normalized);
    if (training) {
      out.statistics = batchStatistics(currentMoments(current, layout, dynamics), layout.rows, momentum, eps, meanView, varView);
    } else {
      out.statistics = runningStatistics(meanView, varView, eps);
    }
    norm = affineForm(out.statistics, gamma.defined() ? gamma.narrow(0, 0, normalized) : gamma);
  }
  out.spikes = emptyTimed(current, at::kFloat);
  out.membrane = firstMembrane(current, initial);
  out.counts = at::zeros({layout.steps}, current.options().dtype(at::kLong));
  out.excess = at::zeros({layout.steps}, current.options().dtype(at::kDouble));
  const Thresholds thresholds(threshold, current);
  const float* z = current.data_ptr<float>();
  float* spikes = out.spikes.data_ptr<float>();
  float* membrane = out.membrane.data_ptr<float>();
  std::vector<int64_t> counts(layout.blocks * layout.steps, 0);
  std::vector<double> excess(layout.blocks * layout.steps, 0.0);
  at::parallel_for(0, layout.blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; block++) {
      for (int64_t t = 0; t < layout.steps; t++) {
        const sparse::LifRow step = thresholds.ofStep(t, norm, layout, dynamics, z);
        const int64_t end = layout.end(block);
        for (int64_t row = layout.begin(block), some; row < end; row += some) {
          some = thresholds.alike(row, end);
          const int64_t at = (t * layout.rows + row) * channels;
          const sparse::Fired fired = kernels().fireFloats(thresholds.at(row, step, layout), z + at, membrane + row * channels, some, spikes + at);
          counts[block * layout.steps + t] += fired.count;
          excess[block * layout.steps + t] += fired.excess - static_cast<double>(some * channels);
        }
      }
    }
  });
  int64_t* totalCounts = out.counts.data_ptr<int64_t>();
  double* totalExcess = out.excess.data_ptr<double>();
  for (int64_t block = 0; block < layout.blocks; block++) {
    for (int64_t t = 0; t < layout.steps; t++) {
      totalCounts[t] += counts[block * layout.steps + t];
      totalExcess[t] += excess[block * layout.steps + t];
    }
  }
  return out;
}

/// Sum of du*v over a row, v being what its charged membranes `u` became.
double leakSum(const sparse::LifRow& row, const float* du, const float* u, int64_t channels) {
  double sum = 0;
  for (int64_t c = 0; c < channels; c++) {
    float v = u[c];
    if (u[c] > row.threshold[c]) v = row.hardReset ? 0.0f : u[c] - row.threshold[c];
    if (row.inverseImbalance > 0 && u[c] < -row.threshold[c] * row.inverseImbalance) v = u[c] + row.threshold[c] * row.inverseImbalance;
    sum += static_cast<double>(du[c]) * v;
  }
  return sum;
}

// Gradients of the current, and of gamma and the leak where they are learnt.
std::tuple<at::Tensor, at::Tensor, at::Tensor> lifBackward(const at::Tensor& gradSpikes, const at::Tensor& current, const at::Tensor& gamma,
                                              const at::Tensor& threshold, const at::Tensor& initial, const Statistics& statistics,
                                              bool training, bool learnsLeak, const LifDynamics& dynamics) {
  const Layout layout(current, current.size(0) + 1);
  const int64_t channels = layout.channels, steps = layout.steps, normalized = dynamics.normalizedSteps;
  const auto& [mean, invStd] = statistics;
  AffineNorm norm;
  if (normalized > 0) norm = affineForm(statistics, gamma.defined() ? gamma.narrow(0, 0, normalized) : gamma);
  const at::Tensor incoming = timedChannelsLast(plainGradient(gradSpikes));
  at::Tensor result = emptyTimed(current, at::kFloat);
  const Thresholds thresholds(threshold, current);
  const at::Tensor start = initial.defined() ? initial.contiguous(at::MemoryFormat::ChannelsLast) : initial;
  const float* z = current.data_ptr<float>();
  const float* gs = incoming.data_ptr<float>();
  float* g = result.data_ptr<float>();
  const int64_t sumSize = normalized * 2 * channels;
  std::vector<double> partial(layout.blocks * sumSize, 0.0);
  std::vector<double> leakSums(layout.blocks, 0.0);

  at::parallel_for(0, layout.blocks, 1, [&](int64_t first, int64_t last) {
    std::vector<float> u(steps * layout.blockRows * channels), v(layout.blockRows * channels);
    for (int64_t block = first; block < last; block++) {
      const int64_t begin = layout.begin(block), end = layout.end(block), size = (end - begin) * channels;
      if (start.defined()) {
        std::copy_n(start.data_ptr<float>() + begin * channels, size, v.data());
      } else {
        std::fill_n(v.data(), size, 0.0f);
      }
      for (int64_t t = 0; t < steps; t++) {
        const sparse::LifRow step = thresholds.ofStep(t, norm, layout, dynamics, z);
        for (int64_t row = begin, some; row < end; row += some) {
          some = thresholds.alike(row, end);
          kernels().chargeRows(thresholds.at(row, step, layout), z + (t * layout.rows + row) * channels, v.data() + (row - begin) * channels, some,
                               u.data() + (t * layout.blockRows + row - begin) * channels);
        }
      }
      const sparse::LifBackwardRow back = thresholds.backward(layout, dynamics);
      float* carry = v.data();
      std::fill_n(carry, size, 0.0f);
      for (int64_t t = steps - 1; t >= 0; t--) {
        double* sums = t < normalized ? partial.data() + block * sumSize + t * 2 * channels : nullptr;
        const sparse::LifRow step = thresholds.ofStep(t, norm, layout, dynamics, z);
        const float* charges = u.data() + t * layout.blockRows * channels;
        for (int64_t row = begin, some; row < end; row += some) {
          some = thresholds.alike(row, end);
          const int64_t at = (t * layout.rows + row) * channels, offset = (row - begin) * channels;
          kernels().lifBackward(thresholds.at(row, back, layout), gs + at, charges + offset, carry + offset, some, g + at);
        }
        for (int64_t row = begin; row < end; row++) {
          const float* uRow = charges + (row - begin) * channels;
          const int64_t at = (t * layout.rows + row) * channels;
          if (learnsLeak && t > 0) {
            leakSums[block] += leakSum(thresholds.at(row, step, layout), g + at, uRow - layout.blockRows * channels, channels);
          }
          if (learnsLeak && t == 0 && start.defined()) {
            const float* v = start.data_ptr<float>() + row * channels;
            for (int64_t c = 0; c < channels; c++) leakSums[block] += static_cast<double>(g[at + c]) * v[c];
          }
          if (sums != nullptr) {
            kernels().addNormSums(g + at, z + at, mean.data_ptr<float>() + t * channels, invStd.data_ptr<float>() + t * channels, sums,
                            sums + channels, channels);
          }
        }
      }
    }
  });
  at::Tensor gradLeak;
  if (learnsLeak) {
    double sum = 0;
    for (const double part : leakSums) sum += part;
    gradLeak = at::full({1}, sum, current.options());
  }
  if (normalized == 0) return {result, at::Tensor(), gradLeak};

  const std::vector<double> total = addParts(partial, layout.blocks, sumSize);
  at::Tensor meanGrad = at::empty({normalized, channels}, current.options()), meanDot = at::empty_like(meanGrad);
  at::Tensor gradGamma = gamma.defined() ? at::zeros(gamma.sizes(), current.options()) : at::Tensor();
  // The gradient of gamma is this process's part; it is added up over ranks like every other.
  const NormSums shared = backwardSums(total, layout.rows, training);
  const double count = std::max(1.0, shared.rows);
  for (int64_t t = 0; t < normalized; t++) {
    for (int64_t c = 0; c < channels; c++) {
      const int64_t sum = t * 2 * channels + c, dot = sum + channels;
      meanGrad.data_ptr<float>()[t * channels + c] = static_cast<float>(shared.values[sum] / count);
      meanDot.data_ptr<float>()[t * channels + c] = static_cast<float>(shared.values[dot] / count);
      if (gradGamma.defined()) gradGamma.data_ptr<float>()[t * channels + c] = static_cast<float>(total[dot]);
    }
  }
  at::parallel_for(0, normalized * layout.blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t job = first; job < last; job++) {
      const int64_t t = job / layout.blocks, block = job % layout.blocks, offset = t * channels;
      for (int64_t row = layout.begin(block); row < layout.end(block); row++) {
        const int64_t at = (t * layout.rows + row) * channels;
        if (training) {
          kernels().normBackward(g + at, z + at, mean.data_ptr<float>() + offset, invStd.data_ptr<float>() + offset,
                          norm.scale.data_ptr<float>() + offset, meanGrad.data_ptr<float>() + offset,
                          meanDot.data_ptr<float>() + offset, channels);
        } else {
          kernels().scaleRow(g + at, norm.scale.data_ptr<float>() + offset, channels);
        }
      }
    }
  });
  return {result, gradGamma, gradLeak};
}

LifDynamics dynamicsOf(const at::Tensor& leak, double imbalance, bool hardReset, int64_t surrogate, int64_t normalizedSteps) {
  const bool known = isReadHere(leak);
  return {known ? leak.item<float>() : 0.0f, known ? at::Tensor() : leak.detach(), inverseOf(imbalance), hardReset,
          static_cast<Surrogate>(surrogate), normalizedSteps};
}

class LifSequence : public torch::autograd::Function<LifSequence> {
 public:
  static variable_list forward(AutogradContext* context, const Variable& current, const c10::optional<at::Tensor>& optionalGamma,
                               const c10::optional<at::Tensor>& runningMean, const c10::optional<at::Tensor>& runningVar,
                               const Variable& threshold, const c10::optional<at::Tensor>& optionalInitial, bool training,
                               double momentum, double eps, const Variable& leak, double imbalance, bool hardReset, int64_t surrogate,
                               int64_t normalizedSteps) {
    const at::Tensor none, gamma = optionalGamma.value_or(none), initial = optionalInitial.value_or(none);
    if (isReadHere(leak)) checkLeak(leak.item<float>());
    const LifDynamics dynamics = dynamicsOf(leak, imbalance, hardReset, surrogate, normalizedSteps);
    const at::Tensor input = timedChannelsLast(current);
    const LifForward out = functionsOn<LifFunctions>(input.device().type()).forward(
        input, gamma, runningMean.value_or(none), runningVar.value_or(none), threshold, initial, training,
                             momentum, eps, dynamics);
    context->save_for_backward({input, gamma, threshold, initial, out.statistics.mean, out.statistics.invStd, leak});
    context->saved_data["training"] = training;
    context->saved_data["imbalance"] = imbalance;
    context->saved_data["hardReset"] = hardReset;
    context->saved_data["surrogate"] = surrogate;
    context->saved_data["normalizedSteps"] = normalizedSteps;
    context->mark_non_differentiable({out.membrane, out.counts, out.excess});
    return {out.spikes, out.membrane, out.counts, out.excess};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const at::Tensor leak = saved[6];
    const LifDynamics dynamics = dynamicsOf(leak, data["imbalance"].toDouble(), data["hardReset"].toBool(), data["surrogate"].toInt(),
                                            data["normalizedSteps"].toInt());
    variable_list result(14);
    if (!gradients[0].defined()) return result;
    std::tie(result[0], result[1], result[9]) = functionsOn<LifFunctions>(saved[0].device().type()).backward(
        gradients[0], saved[0], saved[1], saved[2], saved[3], {saved[4], saved[5]}, data["training"].toBool(), leak.requires_grad(), dynamics);
    return result;
  }
};

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> lifSequence(
    const at::Tensor& current, const c10::optional<at::Tensor>& gamma, const c10::optional<at::Tensor>& runningMean,
    const c10::optional<at::Tensor>& runningVar, const at::Tensor& threshold, const c10::optional<at::Tensor>& initial, bool training,
    double momentum, double eps, const at::Tensor& leak, double imbalance, bool hardReset, int64_t surrogate, int64_t normalizedSteps) {
  const at::Tensor none;
  checkInputs(current, gamma.value_or(none), runningMean.value_or(none), runningVar.value_or(none), threshold, initial.value_or(none),
              momentum, eps, leak, imbalance, surrogate, normalizedSteps);
  const auto out = LifSequence::apply(current, gamma, runningMean, runningVar, threshold, initial, training, momentum, eps, leak,
                                      imbalance, hardReset, surrogate, normalizedSteps);
  return {out[0], out[1], out[2], out[3]};
}

const bool onCpu = (functionsOn<LifFunctions>(at::kCPU) = {lifForward, lifBackward}, true);

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def(
      "lif_sequence(Tensor current, Tensor? gamma, Tensor? running_mean, Tensor? running_var, Tensor threshold, Tensor? initial, "
      "bool training, float momentum, float eps, Tensor leak, float imbalance, bool hard_reset, int surrogate, "
      "int normalized_steps) -> (Tensor spikes, Tensor membrane, Tensor counts, Tensor excess)",
      lifSequence);
}

}  // namespace snnseg
