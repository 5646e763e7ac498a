// Operators of inference on bit-packed spikes: the kernels of kernels/sparse behind libtorch's dispatcher.
//
// Spikes are int64 tensors [F, H, W, words], 64 channels a word, F = T*N frames with time first. Packed
// weights: packed-weights.h.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

#include "checks.h"
#include "kernels/plan/form-plan.h"
#include "packed-weights.h"
#include "kernels/snn.h"
#include "spike-words.h"

namespace snnseg {
namespace {

void checkBits(const at::Tensor& bits, int64_t channels, int64_t height, int64_t width) {
  checkAxes(bits, at::kLong, "[F, H, W, words]", "spikes");
  checkSizes(bits, at::kLong, {bits.size(0), height, width, wordsOf(channels)}, "spikes");
  checkContiguous(bits, "spikes");
}

/// Spikes of any size.
void checkWords(const at::Tensor& bits, int64_t channels) {
  checkAxes(bits, at::kLong, "[F, H, W, words]", "spikes");
  checkRange(channels, 1, longestAxis, "channels");
  checkBits(bits, channels, bits.size(1), bits.size(2));
}

const void* inputOf(const PackedWeights& packed, const at::Tensor& input) {
  const snn_geometry& g = packed.geometry;
  if (g.input == SNN_INPUT_BITS) {
    checkBits(input, g.in_channels, g.height, g.width);
  } else {
    checkAxes(input, at::kChar, "[F, H, W, C]", "input");
    checkSizes(input, at::kChar, {input.size(0), g.height, g.width, g.in_channels}, "input");
    checkContiguous(input, "input");
    TORCH_CHECK(input.numel() == 0 || input.min().item<int8_t>() >= -127, "input: expected bytes of -127 to 127, received -128");
  }
  return input.data_ptr();
}

/// A contiguous float tensor of exactly these sizes, without NaN or infinity.
at::Tensor floats(const at::Tensor& x, at::IntArrayRef sizes, const char* name) {
  checkSizes(x, at::kFloat, sizes, name);
  checkFinite(x, name);
  return x.contiguous();
}

/// Arguments of the neurons of one layer, checked and contiguous.
struct Neurons {
  at::Tensor scale, shift, threshold;
  snn_lif lif;

  Neurons(const c10::optional<at::Tensor>& optionalScale, const c10::optional<at::Tensor>& optionalShift, const at::Tensor& theta,
          const c10::optional<at::Tensor>& membrane, double leak, bool hardReset, at::IntArrayRef membraneSizes, int64_t steps) {
    const int64_t channels = membraneSizes[3];
    const std::array<int64_t, 2> rows{steps, channels};
    checkLeak(leak);
    checkSizes(theta, at::kFloat, {channels}, "threshold");
    checkThresholds(theta);
    threshold = theta.contiguous();
    if (optionalScale) scale = floats(*optionalScale, rows, "scale");
    if (optionalShift) shift = floats(*optionalShift, rows, "shift");
    float* v = nullptr;
    if (membrane) {
      checkSizes(*membrane, at::kFloat, membraneSizes, "membrane");
      checkContiguous(*membrane, "membrane");
      for (const at::Tensor& other : {scale, shift, threshold}) checkApart(*membrane, other, "membrane");
      v = membrane->data_ptr<float>();
    }
    lif = {scale.defined() ? scale.data_ptr<float>() : nullptr, shift.defined() ? shift.data_ptr<float>() : nullptr,
           threshold.data_ptr<float>(), static_cast<float>(leak), hardReset ? 1 : 0, v};
  }
};

int64_t batchOf(int64_t frames, int64_t steps) {
  checkRange(steps, 1, mostSteps, "steps");
  TORCH_CHECK(frames % steps == 0, "steps: expected a divisor of ", frames, " frames, received ", steps);
  return frames / steps;
}

at::Tensor packConv(const at::Tensor& weight, int64_t height, int64_t width, int64_t padding, int64_t dilation, int64_t poolStride,
                    bool bytes, int64_t purpose) {
  checkWeight(weight);
  checkRange(purpose, SNN_EXACT, SNN_INT8, "purpose");
  checkRange(dilation, 1, largestDilation, "dilation");
  checkRange(padding, 0, largestDilation * largestKernel, "padding");
  checkRange(poolStride, 0, longestAxis, "pool_stride");
  const snn_geometry geometry{weight.size(1), weight.size(0), height,   width,      weight.size(2), 1,
                              padding,        dilation,       poolStride, bytes ? SNN_INPUT_BYTES : SNN_INPUT_BITS};
  return packWeights(geometry, weight, static_cast<snn_purpose>(purpose));
}

std::tuple<int64_t, int64_t, std::string> convForm(const at::Tensor& handle) {
  const PackedWeights& packed = packedWeightsOf(handle);
  const char* reason = "";
  snn_plan(&packed.geometry, packed.purpose, &reason);
  return {snn_conv_form(packed.conv), snn_conv_weight_bytes(packed.conv), reason};
}

std::string instructionSet() { return snn_isa(); }

// Names of all that there are, lowest first, or of those that this processor has.
std::vector<std::string> instructionSets(bool available) {
  std::vector<std::string> names;
  for (int level = 0; snn_isa_level(level); level++) {
    if (!available || snn_isa_available(level)) names.push_back(snn_isa_level(level));
  }
  return names;
}

std::tuple<bool, std::string> trainingPlan(bool spiking) {
  const sparse::TrainingPlan plan = sparse::planTraining(spiking, sparse::isa());
  return {plan.fast, plan.reason};
}

at::Tensor weightError(const at::Tensor& handle) {
  const PackedWeights& packed = packedWeightsOf(handle);
  at::Tensor error = at::empty({packed.geometry.out_channels}, at::kFloat);
  snn_conv_weight_error(packed.conv, error.data_ptr<float>());
  return error;
}

std::tuple<at::Tensor, at::Tensor> convLif(const at::Tensor& handle, const at::Tensor& input, int64_t steps,
                                           const c10::optional<at::Tensor>& scale, const c10::optional<at::Tensor>& shift,
                                           const at::Tensor& threshold, const c10::optional<at::Tensor>& membrane, double leak,
                                           bool hardReset) {
  const PackedWeights& packed = packedWeightsOf(handle);
  const void* data = inputOf(packed, input);
  const int64_t batch = batchOf(input.size(0), steps), outputs = packed.geometry.out_channels;
  const int64_t height = snn_conv_out_height(packed.conv), width = snn_conv_out_width(packed.conv);
  const Neurons neurons(scale, shift, threshold, membrane, leak, hardReset, {batch, height, width, outputs}, steps);
  at::Tensor bits = at::empty({steps * batch, height, width, wordsOf(outputs)}, at::kLong);
  at::Tensor counts = at::zeros({steps}, at::kLong);
  snn_infer_layer(packed.conv, data, steps, batch, &neurons.lif, words(bits), counts.data_ptr<int64_t>(), at::get_num_threads());
  return {bits, counts};
}

at::Tensor convCurrents(const at::Tensor& handle, const at::Tensor& input) {
  const PackedWeights& packed = packedWeightsOf(handle);
  const void* data = inputOf(packed, input);
  at::Tensor currents = at::empty({input.size(0), snn_conv_out_height(packed.conv), snn_conv_out_width(packed.conv),
                                   packed.geometry.out_channels},
                                  at::kFloat);
  snn_conv_forward(packed.conv, data, input.size(0), currents.data_ptr<float>(), nullptr, at::get_num_threads());
  return currents.permute({0, 3, 1, 2});
}

// The neurons of a layer whose currents another convolution computed; [N, O, H, W] currents stay the same at every step.
std::tuple<at::Tensor, at::Tensor> lifBits(const at::Tensor& current, int64_t steps, const c10::optional<at::Tensor>& scale,
                                           const c10::optional<at::Tensor>& shift, const at::Tensor& threshold,
                                           const c10::optional<at::Tensor>& membrane, double leak, bool hardReset, bool constant) {
  checkAxes(current, at::kFloat, "[F, O, H, W]", "current");
  checkRange(steps, 1, mostSteps, "steps");
  const int64_t batch = constant ? current.size(0) : batchOf(current.size(0), steps);
  const int64_t channels = current.size(1), height = current.size(2), width = current.size(3), rows = batch * height * width;
  const Neurons neurons(scale, shift, threshold, membrane, leak, hardReset, {batch, height, width, channels}, steps);
  if (membrane) checkApart(*membrane, current, "membrane");
  const at::Tensor z = current.contiguous(at::MemoryFormat::ChannelsLast);
  const int64_t perPixel = wordsOf(channels);
  at::Tensor bits = at::empty({steps * batch, height, width, perPixel}, at::kLong);
  at::Tensor counts = at::zeros({steps}, at::kLong);
  std::mutex countMutex;
  const float* input = z.data_ptr<float>();
  uint64_t* out = words(bits);
  const snn_lif& lif = neurons.lif;
  std::vector<float> ones(static_cast<size_t>(channels), 1.0f), zeros(static_cast<size_t>(channels), 0.0f);
  std::vector<sparse::LifRow> dynamics;
  for (int64_t t = 0; t < steps; t++) {
    dynamics.push_back({lif.scale ? lif.scale + t * channels : ones.data(), lif.shift ? lif.shift + t * channels : zeros.data(), lif.threshold,
                        zeros.data(), lif.leak, 0.0f, hardReset, channels,
                        input + (constant ? 0 : std::min(t + 1, steps - 1) * rows * channels)});
  }
  at::parallel_for(0, rows, 64, [&](int64_t first, int64_t last) {
    std::vector<int64_t> fired(static_cast<size_t>(steps), 0);
    std::vector<float> fresh(static_cast<size_t>(channels));
    for (int64_t row = first; row < last; row++) {
      std::fill(fresh.begin(), fresh.end(), 0.0f);
      float* v = lif.membrane ? lif.membrane + row * channels : fresh.data();
      for (int64_t t = 0; t < steps; t++) {
        const int64_t frameRow = constant ? row : t * rows + row;
        sparse::LifRow step = dynamics[t];
        step.next += row * channels;
        fired[t] += sparse::kernels().fireBits(step, input + frameRow * channels, v, 1, out + (t * rows + row) * perPixel).count;
      }
    }
    const std::lock_guard<std::mutex> lock(countMutex);
    for (int64_t t = 0; t < steps; t++) counts.data_ptr<int64_t>()[t] += fired[t];
  });
  return {bits, counts};
}

at::Tensor packSpikes(const at::Tensor& frames) {
  checkAxes(frames, at::kFloat, "[F, C, H, W]", "frames");
  const at::Tensor values = frames.contiguous();
  at::Tensor bits = at::empty({frames.size(0), frames.size(2), frames.size(3), wordsOf(frames.size(1))}, at::kLong);
  TORCH_CHECK(snn_pack_bits(values.data_ptr<float>(), frames.size(0), frames.size(1), frames.size(2), frames.size(3), 0,
                            words(bits), at::get_num_threads()) >= 0,
              "pack_spikes: expected zeros and ones, received other values");
  return bits;
}

at::Tensor unpackSpikes(const at::Tensor& bits, int64_t channels) {
  checkWords(bits, channels);
  at::Tensor values = at::empty({bits.size(0), channels, bits.size(1), bits.size(2)}, at::kFloat);
  snn_unpack_bits(words(bits), bits.size(0), channels, bits.size(1), bits.size(2), 0, values.data_ptr<float>(),
                  at::get_num_threads());
  return values;
}

// Undefined where a value is no integer in [-127, 127].
at::Tensor packBytes(const at::Tensor& frames) {
  checkAxes(frames, at::kFloat, "[F, C, H, W]", "frames");
  const at::Tensor values = frames.contiguous();
  at::Tensor bytes = at::empty({frames.size(0), frames.size(2), frames.size(3), frames.size(1)}, at::kChar);
  const int exact = snn_pack_bytes(values.data_ptr<float>(), frames.size(0), frames.size(1), frames.size(2), frames.size(3),
                                   bytes.data_ptr<int8_t>(), at::get_num_threads());
  return exact ? bytes : at::Tensor();
}

}  // namespace

at::Tensor sumSpikes(const at::Tensor& bits, int64_t steps, int64_t channels) {
  checkWords(bits, channels);
  const int64_t batch = batchOf(bits.size(0), steps);
  at::Tensor sums = at::empty({batch, channels, bits.size(1), bits.size(2)}, at::kFloat);
  snn_sum_steps(words(bits), steps, batch, channels, bits.size(1), bits.size(2), sums.data_ptr<float>(), at::get_num_threads());
  return sums;
}

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def(
      "pack_conv(Tensor weight, int height, int width, int padding, int dilation, int pool_stride, bool bytes, int purpose) -> Tensor",
      packConv);
  library.def("packed_conv_form(Tensor conv) -> (int form, int weight_bytes, str reason)", convForm);
  library.def("packed_conv_error(Tensor conv) -> Tensor", weightError);
  library.def("instruction_set() -> str", instructionSet);
  library.def("instruction_sets(bool available) -> str[]", instructionSets);
  library.def("training_plan(bool spiking) -> (bool fast, str reason)", trainingPlan);
  library.def(
      "spike_conv_lif(Tensor conv, Tensor input, int steps, Tensor? scale, Tensor? shift, Tensor threshold, Tensor(a!)? membrane, "
      "float leak, bool hard_reset) -> (Tensor spikes, Tensor counts)",
      convLif);
  library.def("spike_conv(Tensor conv, Tensor input) -> Tensor", convCurrents);
  library.def(
      "lif_spikes(Tensor current, int steps, Tensor? scale, Tensor? shift, Tensor threshold, Tensor(a!)? membrane, float leak, "
      "bool hard_reset, bool constant) -> (Tensor spikes, Tensor counts)",
      lifBits);
  library.def("pack_spikes(Tensor frames) -> Tensor", packSpikes);
  library.def("unpack_spikes(Tensor spikes, int channels) -> Tensor", unpackSpikes);
  library.def("pack_bytes(Tensor frames) -> Tensor", packBytes);
  library.def("sum_spikes(Tensor spikes, int steps, int channels) -> Tensor", sumSpikes);
}

}  // namespace snnseg
