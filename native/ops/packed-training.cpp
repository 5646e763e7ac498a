// Training on bit-packed spikes: convolution, batch norm through time and LIF neurons of a layer in one operator.
//
//     z = conv([pool](s)),  y[t] = BN_t(z[t]),  u[t] = leak*v[t-1] + y[t],  s'[t] = [u[t] > threshold],  reset
//
// From forward to backward a layer keeps its input bits, its packed weights and its statistics: currents are computed
// again. Bits carry no gradient in libtorch, so a spike map travels as a pair: the bits, and a `carrier` of the spikes' shape
// [T, N, H, W, C] in bfloat16 that has one element of memory and whose gradient is theirs.
//
// Gradients, and the weights that they are multiplied by, are bfloat16 with float32 sums; in Winograd's form they are rounded again once transformed,
// where pairs of bfloat16 are multiplied. The forward pass rounds weights of layers that
// read spikes to 16 bits, or to 15 where set bits are gathered (planForm); all other weights and currents are float32.
// That is how the CPU does it (packed-layer.cpp); a GPU, whose currents of spikes are bfloat16: native/cuda/packed-layer.cpp.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>

#include "by-device.h"
#include "checks.h"
#include "owned-gradient.h"
#include "packed-layer.h"
#include "reaching-dilation.h"
#include "spike-words.h"

namespace snnseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// The gradient's way through a spike map of this shape.
at::Tensor newCarrier(at::IntArrayRef shape, c10::Device device) {
  return at::zeros({1}, at::TensorOptions(device).dtype(at::kBFloat16)).expand(shape);
}

/// A gradient in bf16 whose [N, H, W, C] are contiguous, over time perhaps the same.
at::Tensor halfGradient(const at::Tensor& gradient) {
  const at::Tensor half = gradient.to(at::kBFloat16);
  return half.size(0) > 0 && half.select(0, 0).is_contiguous() ? half : half.contiguous();
}

const PackedFunctions& functionsFor(const at::Tensor& x) { return functionsOn<PackedFunctions>(x.device().type()); }

void checkNorm(const at::Tensor& gamma, const at::Tensor& runningMean, const at::Tensor& runningVar, int64_t steps, int64_t channels,
               c10::Device device) {
  TORCH_CHECK(runningMean.defined() == runningVar.defined() && (runningMean.defined() || !gamma.defined()),
              "batch norm: expected running_mean and running_var, or neither and no gamma");
  if (!runningMean.defined()) return;
  const auto check = [&](const at::Tensor& x, const char* name) {
    checkSizes(x, at::kFloat, {steps, channels}, name, device);
    checkContiguous(x, name);
  };
  check(runningMean, "running_mean");
  check(runningVar, "running_var");
  if (gamma.defined()) check(gamma, "gamma");
  checkApart(runningMean, runningVar, "running_mean");
}

at::Tensor thresholdsOf(const at::Tensor& threshold, int64_t channels) {
  return threshold.reshape({-1}).expand({channels}).contiguous();
}

class PackedConvLif : public torch::autograd::Function<PackedConvLif> {
 public:
  static variable_list forward(AutogradContext* context, const Variable& input, const c10::optional<at::Tensor>& carrier, const Variable& weight,
                               const c10::optional<at::Tensor>& optionalGamma, const c10::optional<at::Tensor>& runningMean,
                               const c10::optional<at::Tensor>& runningVar, const Variable& threshold, int64_t steps, int64_t dilation,
                               int64_t poolStride, bool training, double momentum, double eps, double leak, bool hardReset,
                               int64_t surrogate) {
    const at::Tensor none, gamma = optionalGamma.value_or(none), thresholds = thresholdsOf(threshold, weight.size(0));
    PackedInput layer{input, weight, steps, dilation, poolStride};
    PackedNeurons neurons{thresholds, gamma, leak, hardReset, static_cast<Surrogate>(surrogate), training, momentum, eps};
    const PackedFired fired = functionsFor(input).forward(layer, neurons, runningMean.value_or(none), runningVar.value_or(none));
    context->save_for_backward({input, weight, gamma, thresholds, neurons.statistics.mean, neurons.statistics.invStd});
    if (layer.packed.defined()) context->saved_data["packed"] = layer.packed;
    context->saved_data["carried"] = carrier.has_value();
    context->saved_data["steps"] = steps;
    context->saved_data["dilation"] = dilation;
    context->saved_data["poolStride"] = poolStride;
    context->saved_data["training"] = training;
    context->saved_data["leak"] = leak;
    context->saved_data["hardReset"] = hardReset;
    context->saved_data["surrogate"] = surrogate;
    context->mark_non_differentiable({fired.bits, fired.counts, fired.excess});
    const auto& bits = fired.bits;
    return {bits, newCarrier({steps, layer.batch(), bits.size(1), bits.size(2), weight.size(0)}, bits.device()), fired.counts, fired.excess};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    variable_list result(16);
    if (!gradients[1].defined()) return result;
    const auto saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const PackedInput layer{saved[0], saved[1], data["steps"].toInt(), data["dilation"].toInt(), data["poolStride"].toInt(),
                            data.count("packed") ? data["packed"].toTensor() : at::Tensor()};
    PackedNeurons neurons{saved[3], saved[2], data["leak"].toDouble(), data["hardReset"].toBool(),
                          static_cast<Surrogate>(data["surrogate"].toInt()), data["training"].toBool()};
    neurons.statistics = {saved[4], saved[5]};
    const bool owned = ownsGradient(gradients[1]);
    const at::Tensor ofSpikes = halfGradient(plainGradient(gradients[1]));
    // In place where that changes nobody's tensor.
    const at::Tensor g = owned && ofSpikes.is_contiguous() ? ofSpikes : at::empty(ofSpikes.sizes(), ofSpikes.options());
    const size_t input = layer.spikes() ? 1 : 0;
    const bool ofInput = context->needs_input_grad(input) && (!layer.spikes() || data["carried"].toBool());
    const PackedGradients all = functionsFor(layer.input).backward(layer, neurons, ofSpikes, g, ofInput);
    result[input] = all.input;
    result[2] = all.weight;
    result[3] = all.gamma;
    return result;
  }
};

/// A convolution of spikes without neurons: currents [F, O, H, W].
class PackedConv2d : public torch::autograd::Function<PackedConv2d> {
 public:
  static Variable forward(AutogradContext* context, const Variable& bits, const Variable& carrier, const Variable& weight) {
    PackedInput layer{bits, weight, carrier.size(0)};
    const at::Tensor currents = functionsFor(bits).currents(layer);
    context->save_for_backward({bits, weight});
    if (layer.packed.defined()) context->saved_data["packed"] = layer.packed;
    context->saved_data["steps"] = layer.steps;
    return currents;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    auto& data = context->saved_data;
    PackedInput layer{saved[0], saved[1], data["steps"].toInt()};
    if (data.count("packed")) layer.packed = data["packed"].toTensor();
    const PackedGradients all = functionsFor(layer.input).currentsBackward(layer, plainGradient(gradients[0]));
    return {Variable(), all.input, all.weight};
  }
};

/// Spikes per neuron over all steps, [N, C, H, W].
class PackedSum : public torch::autograd::Function<PackedSum> {
 public:
  static Variable forward(AutogradContext* context, const Variable& bits, const Variable& carrier) {
    context->saved_data["steps"] = carrier.size(0);
    return functionsFor(bits).sum(bits, carrier.size(0), carrier.size(4));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor g = plainGradient(gradients[0]).permute({0, 2, 3, 1}).to(at::kBFloat16).contiguous();
    std::vector<int64_t> shape = g.sizes().vec();
    shape.insert(shape.begin(), context->saved_data["steps"].toInt());
    return {Variable(), g.expand(shape)};
  }
};

/// Spikes per neuron and timestep, a scalar, from the spikes of every timestep, [T].
class PackedRate : public torch::autograd::Function<PackedRate> {
 public:
  static Variable forward(AutogradContext* context, const Variable& counts, const Variable& carrier) {
    context->saved_data["shape"] = carrier.sizes().vec();
    return counts.sum().to(at::kFloat) / std::max<int64_t>(1, carrier.numel());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const std::vector<int64_t> shape = context->saved_data["shape"].toIntVector();
    int64_t count = 1;
    for (int64_t size : shape) count *= size;
    return {Variable(), (plainGradient(gradients[0]) / std::max<int64_t>(1, count)).to(at::kBFloat16).expand(shape)};
  }
};

void checkCarrier(const at::Tensor& carrier, c10::Device device) {
  checkAxes(carrier, at::kBFloat16, "[T, N, H, W, C]", "carrier", device);
  checkRange(carrier.size(0), 1, mostSteps, "timesteps");
}

void checkSpikes(const at::Tensor& bits, const at::Tensor& carrier, c10::Device device) {
  checkCarrier(carrier, device);
  checkSizes(bits, at::kLong, {carrier.size(0) * carrier.size(1), carrier.size(2), carrier.size(3), wordsOf(carrier.size(4))}, "spikes", device);
  checkContiguous(bits, "spikes");
}

/// Images [T, N, C, H, W], or [N, C, H, W] where they are the same at each step.
void checkImages(const at::Tensor& images, int64_t steps, int64_t channels, c10::Device device) {
  checkAxes(images, at::kFloat, images.dim() == 4 ? "[N, C, H, W]" : "[T, N, C, H, W]", "images", device);
  TORCH_CHECK(images.size(-3) == channels && (images.dim() == 4 || images.size(0) == steps) && images.size(-2) >= 1 && images.size(-1) >= 1,
              "images: expected [", steps, ", N, ", channels, ", H, W] or [N, ", channels, ", H, W], received ", images.sizes());
}

void checkThreshold(const at::Tensor& threshold, int64_t channels, c10::Device device) {
  checkPlain(threshold, at::kFloat, "threshold", device);
  TORCH_CHECK(threshold.numel() == 1 || threshold.sizes() == at::IntArrayRef({channels}), "threshold: expected one value or [", channels,
              "], received ", threshold.sizes());
  checkThresholds(threshold);
  checkNoGradient(threshold, "threshold", "detach it, or use lifSequenceReference");
}

void checkKernel(const at::Tensor& weight, c10::Device device) {
  checkWeight(weight, device);
  TORCH_CHECK(weight.size(2) % 2 == 1 && weight.size(2) <= 15, "weight: expected [O, C, K, K] with K odd and up to 15, received ",
              weight.sizes());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> packedConvLif(
    const at::Tensor& input, const c10::optional<at::Tensor>& carrier, const at::Tensor& weight, const c10::optional<at::Tensor>& gamma,
    const c10::optional<at::Tensor>& runningMean, const c10::optional<at::Tensor>& runningVar, const at::Tensor& threshold, int64_t steps,
    int64_t dilation, int64_t poolStride, bool training, double momentum, double eps, double leak, bool hardReset, int64_t surrogate) {
  const at::Tensor none;
  const c10::Device device = deviceFor<PackedFunctions>(input);
  const bool spikes = input.scalar_type() == at::kLong;
  checkRange(steps, 1, mostSteps, "steps");
  checkKernel(weight, device);
  if (spikes) {
    TORCH_CHECK(carrier.has_value(), "carrier: expected one beside spikes, received none");
    checkSpikes(input, *carrier, device);
    TORCH_CHECK(carrier->size(0) == steps, "carrier: expected ", steps, " timesteps, received ", carrier->sizes());
    TORCH_CHECK(carrier->size(4) == weight.size(1), "weight: expected [O, ", carrier->size(4), ", K, K], received ", weight.sizes());
  } else {
    TORCH_CHECK(!carrier, "carrier: expected none beside images, received ", carrier->sizes());
    checkImages(input, steps, weight.size(1), device);
    TORCH_CHECK(poolStride == 0, "pool_stride: expected 0 for images, received ", poolStride);
  }
  TORCH_CHECK(dilation >= 1, "dilation: expected 1 or more, received ", dilation);
  dilation = reachingDilation(dilation, input.size(spikes ? 1 : -2), input.size(spikes ? 2 : -1));
  checkRange(poolStride, 0, longestAxis, "pool_stride");
  checkSurrogate(surrogate);
  checkLeak(leak);
  checkNorm(gamma.value_or(none), runningMean.value_or(none), runningVar.value_or(none), steps, weight.size(0), device);
  if (runningMean) checkNormOptions(momentum, eps);
  checkThreshold(threshold, weight.size(0), device);
  const auto out = PackedConvLif::apply(input, carrier, weight, gamma, runningMean, runningVar, threshold, steps, dilation,
                                        poolStride, training, momentum, eps, leak, hardReset, surrogate);
  return {out[0], out[1], out[2], out[3]};
}

at::Tensor packedConv(const at::Tensor& bits, const at::Tensor& carrier, const at::Tensor& weight) {
  const c10::Device device = deviceFor<PackedFunctions>(bits);
  checkSpikes(bits, carrier, device);
  checkKernel(weight, device);
  TORCH_CHECK(carrier.size(4) == weight.size(1), "weight: expected [O, ", carrier.size(4), ", K, K], received ", weight.sizes());
  return PackedConv2d::apply(bits, carrier, weight);
}

at::Tensor packedSum(const at::Tensor& bits, const at::Tensor& carrier) {
  checkSpikes(bits, carrier, deviceFor<PackedFunctions>(bits));
  return PackedSum::apply(bits, carrier);
}

at::Tensor packedRate(const at::Tensor& counts, const at::Tensor& carrier) {
  const c10::Device device = deviceFor<PackedFunctions>(counts);
  checkCarrier(carrier, device);
  checkSizes(counts, at::kLong, {carrier.size(0)}, "counts", device);
  return PackedRate::apply(counts, carrier);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(snnseg, library) {
  library.def(
      "packed_conv_lif(Tensor input, Tensor? carrier, Tensor weight, Tensor? gamma, Tensor? running_mean, Tensor? running_var, "
      "Tensor threshold, int steps, int dilation, int pool_stride, bool training, float momentum, float eps, float leak, "
      "bool hard_reset, int surrogate) -> (Tensor bits, Tensor carrier, Tensor counts, Tensor excess)",
      packedConvLif);
  library.def("packed_conv2d(Tensor bits, Tensor carrier, Tensor weight) -> Tensor", packedConv);
  library.def("packed_sum(Tensor bits, Tensor carrier) -> Tensor", packedSum);
  library.def("packed_rate(Tensor counts, Tensor carrier) -> Tensor", packedRate);
}

}  // namespace snnseg
