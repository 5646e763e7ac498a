// snnseg::integer_sequence: a layer of leaky neurons that send up to D spikes in a timestep, over all timesteps, forward and
// backward.
//
//     u[t] = leak*v[t-1] + i[t]                      charge
//     k[t] = floor(clip(u[t]/threshold, 0, D) + 1/2) fire: an integer
//     s[t] = amplitude*k[t]                          (scaled: threshold*k[t])
//     v[t] = u[t] - threshold*k[t]                   soft reset, no gradient through k
//
// Backward takes dk/d(u/threshold) for 1 where 0 <= u/threshold <= D, else 0. Memory is channels last: [T, N*H*W, C]. What backward
// keeps of a neuron is one byte, or u/threshold where the threshold is learnt. Partial sums are added in the order of blocks of
// fixed size, so results do not depend on the number of threads.
// That is how the CPU does it; a GPU: native/cuda.
// I-LIF: Luo et al. 2024, arXiv:2407.20708. Gradient of a learnt step: Esser et al. 2020, arXiv:1902.08153.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

#include "by-device.h"
#include "checks.h"
#include "integer-neurons.h"
#include "integer-sequence.h"
#include "timed-maps.h"

namespace snnseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// What one spike is worth.
float amplitudeOf(const IntegerDynamics& neurons, float threshold) { return neurons.amplitude > 0 ? neurons.amplitude : threshold; }

/// Channels-last view of [T, N, C, H, W] as [T, rows, C], in blocks of rows.
struct Rows {
  int64_t steps, rows, channels, blocks;
  static constexpr int64_t blockRows = 256;

  explicit Rows(const at::Tensor& x)
      : steps(x.size(0)),
        rows(x.size(1) * x.size(3) * x.size(4)),
        channels(x.size(2)),
        blocks((rows + blockRows - 1) / blockRows) {}
  int64_t begin(int64_t block) const { return block * blockRows; }
  int64_t end(int64_t block) const { return std::min(rows, (block + 1) * blockRows); }
};

struct Tally {
  int64_t count = 0;
  double excess = 0;
};

/// One row of one timestep; v is read and written.
template <bool wholeRatio>
Tally fireRow(const IntegerDynamics& neurons, const float* threshold, const float* current, float* v, float* spikes, void* kept, int64_t channels) {
  Tally tally;
  int32_t count = 0;
  float excess = 0;
  for (int64_t c = 0; c < channels; c++) {
    const float u = neurons.leak * v[c] + current[c];
    const float ratio = u / threshold[c];
    const float clipped = std::min(std::max(0.0f, ratio), neurons.levels);
    const int32_t k = static_cast<int32_t>(clipped + 0.5f);
    const float integer = static_cast<float>(k);
    v[c] = u - threshold[c] * integer;
    spikes[c] = integer * amplitudeOf(neurons, threshold[c]);
    if (wholeRatio) {
      static_cast<float*>(kept)[c] = ratio;
    } else {
      static_cast<uint8_t*>(kept)[c] = ratio == clipped;
    }
    count += k;
    excess += ratio - 1.0f;
  }
  tally.count = count;
  tally.excess = excess;
  return tally;
}

IntegerForward integerForward(const at::Tensor& current, const at::Tensor& threshold, const at::Tensor& initial, const IntegerDynamics& neurons,
                       bool learnt) {
  const Rows layout(current);
  const int64_t channels = layout.channels;
  IntegerForward out;
  out.spikes = emptyTimed(current, at::kFloat);
  out.kept = emptyTimed(current, learnt ? at::kFloat : at::kByte);
  out.membrane = firstMembrane(current, initial);
  out.counts = at::zeros({layout.steps}, current.options().dtype(at::kLong));
  out.excess = at::zeros({layout.steps}, current.options().dtype(at::kDouble));
  const at::Tensor thresholds = perChannel(threshold, channels);
  const float* theta = thresholds.data_ptr<float>();
  const float* i = current.data_ptr<float>();
  float* v = out.membrane.data_ptr<float>();
  float* s = out.spikes.data_ptr<float>();
  char* kept = static_cast<char*>(out.kept.data_ptr());
  const int64_t keptSize = learnt ? sizeof(float) : 1;
  std::vector<Tally> tallies(layout.blocks * layout.steps);
  at::parallel_for(0, layout.blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; block++) {
      for (int64_t t = 0; t < layout.steps; t++) {
        Tally& tally = tallies[block * layout.steps + t];
        for (int64_t row = layout.begin(block); row < layout.end(block); row++) {
          const int64_t at = (t * layout.rows + row) * channels;
          const auto fire = learnt ? fireRow<true> : fireRow<false>;
          const Tally fired = fire(neurons, theta, i + at, v + row * channels, s + at, kept + at * keptSize, channels);
          tally.count += fired.count;
          tally.excess += fired.excess;
        }
      }
    }
  });
  for (size_t job = 0; job < tallies.size(); job++) {
    const int64_t t = static_cast<int64_t>(job) % layout.steps;
    out.counts.data_ptr<int64_t>()[t] += tallies[job].count;
    out.excess.data_ptr<double>()[t] += tallies[job].excess;
  }
  return out;
}

/// The gradient of the current. `carry` is that of v[t], and becomes that of v[t-1].
void backwardRow(const IntegerDynamics& neurons, const float* threshold, const float* gradSpikes, const uint8_t* inside, float* carry, float* grad,
                 int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const float slope = neurons.amplitude > 0 ? neurons.amplitude / threshold[c] : 1.0f;
    const float g = gradSpikes[c] * slope * static_cast<float>(inside[c]) + carry[c];
    grad[c] = g;
    carry[c] = neurons.leak * g;
  }
}

/// The same where the threshold is learnt, whose gradient is added to `sum`.
void backwardLearntRow(const IntegerDynamics& neurons, const float* threshold, const float* gradSpikes, const float* ratio, float* carry, float* grad,
                       double* sum, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const float clipped = std::min(std::max(0.0f, ratio[c]), neurons.levels);
    const float k = static_cast<float>(static_cast<int32_t>(clipped + 0.5f));
    const float inside = ratio[c] == clipped ? 1.0f : 0.0f;
    const float byRatio = gradSpikes[c] * amplitudeOf(neurons, threshold[c]) * inside;  // of k
    const float scaled = neurons.amplitude > 0 ? 0.0f : gradSpikes[c] * k;
    sum[c] += scaled - byRatio * ratio[c] / threshold[c] - carry[c] * k;
    const float g = byRatio / threshold[c] + carry[c];
    grad[c] = g;
    carry[c] = neurons.leak * g;
  }
}

/// Gradients of the current and, where it is learnt, of the threshold.
std::pair<at::Tensor, at::Tensor> integerBackward(const at::Tensor& gradSpikes, const at::Tensor& kept, const at::Tensor& threshold,
                                                  const IntegerDynamics& neurons) {
  const bool learnt = kept.scalar_type() == at::kFloat;
  const Rows layout(kept);
  const int64_t channels = layout.channels;
  const at::Tensor incoming = timedChannelsLast(plainGradient(gradSpikes));
  at::Tensor result = emptyTimed(kept, at::kFloat);
  const at::Tensor thresholds = perChannel(threshold, channels);
  const float* theta = thresholds.data_ptr<float>();
  const float* gs = incoming.data_ptr<float>();
  float* g = result.data_ptr<float>();
  std::vector<double> partial(learnt ? layout.blocks * channels : 0, 0.0);
  at::parallel_for(0, layout.blocks, 1, [&](int64_t first, int64_t last) {
    std::vector<float> carry(Rows::blockRows * channels);
    for (int64_t block = first; block < last; block++) {
      std::fill(carry.begin(), carry.end(), 0.0f);
      for (int64_t t = layout.steps - 1; t >= 0; t--) {
        for (int64_t row = layout.begin(block); row < layout.end(block); row++) {
          const int64_t at = (t * layout.rows + row) * channels;
          float* carried = carry.data() + (row - layout.begin(block)) * channels;
          if (learnt) {
            backwardLearntRow(neurons, theta, gs + at, kept.data_ptr<float>() + at, carried, g + at, partial.data() + block * channels, channels);
          } else {
            backwardRow(neurons, theta, gs + at, kept.data_ptr<uint8_t>() + at, carried, g + at, channels);
          }
        }
      }
    }
  });
  if (!learnt) return {result, at::Tensor()};
  std::vector<double> total(channels, 0.0);
  for (int64_t block = 0; block < layout.blocks; block++) {
    for (int64_t c = 0; c < channels; c++) total[c] += partial[block * channels + c];
  }
  return {result, ofChannels(at::from_blob(total.data(), {channels}, at::kDouble), threshold)};
}

class IntegerSequence : public torch::autograd::Function<IntegerSequence> {
 public:
  static variable_list forward(AutogradContext* context, const Variable& current, const Variable& threshold,
                               const c10::optional<at::Tensor>& initial, double leak, int64_t levels, double amplitude) {
    const IntegerDynamics neurons{static_cast<float>(leak), static_cast<float>(levels), static_cast<float>(amplitude)};
    const at::Tensor none;
    const IntegerForward out = functionsOn<IntegerFunctions>(current.device().type()).forward(
        timedChannelsLast(current), threshold, initial.value_or(none), neurons, threshold.requires_grad());
    context->save_for_backward({out.kept, threshold});
    context->saved_data["leak"] = leak;
    context->saved_data["levels"] = levels;
    context->saved_data["amplitude"] = amplitude;
    context->mark_non_differentiable({out.membrane, out.counts, out.excess});
    return {out.spikes, out.membrane, out.counts, out.excess};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const IntegerDynamics neurons{static_cast<float>(data["leak"].toDouble()), static_cast<float>(data["levels"].toInt()),
                           static_cast<float>(data["amplitude"].toDouble())};
    variable_list result(6);
    if (!gradients[0].defined()) return result;
    std::tie(result[0], result[1]) =
        functionsOn<IntegerFunctions>(saved[0].device().type()).backward(gradients[0], saved[0], saved[1], neurons);
    return result;
  }
};

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> integerSequence(const at::Tensor& current, const at::Tensor& threshold,
                                                                           const c10::optional<at::Tensor>& initial, double leak,
                                                                           int64_t levels, double amplitude) {
  const c10::Device device = deviceFor<IntegerFunctions>(current);
  checkAxes(current, at::kFloat, "[T, N, C, H, W]", "current", device);
  checkRange(current.size(0), 0, mostSteps, "timesteps");
  checkLeak(leak);
  checkRange(levels, 1, mostLevels, "levels");
  checkAmplitude(amplitude);
  checkChannelThreshold(threshold, current.size(2), device);
  if (initial.has_value() && initial->defined()) {
    checkSizes(*initial, at::kFloat, current.sizes().slice(1), "initial", device);
    checkNoGradient(*initial, "initial", "detach it, or use neuronSequence");
  }
  const auto out = IntegerSequence::apply(current, threshold, initial, leak, levels, amplitude);
  return {out[0], out[1], out[2], out[3]};
}

const bool onCpu = (functionsOn<IntegerFunctions>(at::kCPU) = {integerForward, integerBackward}, true);

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def(
      "integer_sequence(Tensor current, Tensor threshold, Tensor? initial, float leak, int levels, float amplitude) -> "
      "(Tensor spikes, Tensor membrane, Tensor counts, Tensor excess)",
      integerSequence);
}

}  // namespace snnseg
