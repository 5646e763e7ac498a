// Training on bit-packed spikes: convolution, batch norm through time and LIF neurons of a layer in one operator.
//
//     z = conv([pool](s)),  y[t] = BN_t(z[t]),  u[t] = leak*v[t-1] + y[t],  s'[t] = [u[t] > threshold],  reset
//
// From forward to backward a layer keeps its input bits, its packed weights and its statistics: currents are computed
// again. Bits carry no gradient in libtorch, so a spike map travels as a pair: the bits, and a `carrier` of the spikes' shape
// [T, N, H, W, C] in bfloat16 that has one element of memory and whose gradient is theirs.
//
// Gradients, and the weights that they are multiplied by, are bfloat16 with float32 sums. The forward pass rounds weights of layers that
// read spikes to 16 bits, or to 15 where set bits are gathered (planForm); all other weights and currents are float32.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>

#include "checks.h"
#include "norm-sums.h"
#include "owned-gradient.h"
#include "packed-conv.h"
#include "packed-lif.h"
#include "reaching-dilation.h"
#include "spike-words.h"
#include "temporal-norm.h"

namespace snnseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// The gradient's way through a spike map of this shape.
at::Tensor newCarrier(at::IntArrayRef shape) { return at::zeros({1}, at::kBFloat16).expand(shape); }

/// A gradient in bf16 whose [N, H, W, C] are contiguous, over time perhaps the same.
at::Tensor spikeGradient(const at::Tensor& gradient) {
  const at::Tensor half = gradient.to(at::kBFloat16);
  return half.size(0) > 0 && half.select(0, 0).is_contiguous() ? half : half.contiguous();
}

struct LifSettings {
  double momentum, eps, leak;
  bool training, hardReset;
  int64_t surrogate;
};

PackedLif lifOf(const at::Tensor& current, int64_t steps, bool constant, const at::Tensor& threshold, const LifSettings& settings) {
  const int64_t frames = constant ? current.size(0) : current.size(0) / steps;
  return {steps, frames * current.size(1) * current.size(2), current.size(3), static_cast<float>(settings.leak), settings.hardReset,
          static_cast<Surrogate>(settings.surrogate), threshold.data_ptr<float>(), current.data_ptr<float>(), constant,
          at::get_num_threads()};
}

Affine pointersOf(const AffineNorm& norm) {
  if (!norm.scale.defined()) return {};
  return {norm.scale.data_ptr<float>(), norm.shift.data_ptr<float>()};
}

// From the sums of g and g*z: the gradient of gamma, and z's as a*g + b*z + c:
//     gz = scale * (g - mean(g) - xhat * mean(g*xhat)),  xhat = (z - mean) * invStd
// Without batch norm z's is g.
NormGradient normCoefficients(const PackedLif& layer, const Statistics& statistics, const Affine& norm, const std::vector<double>& sums,
                              bool training, const at::Tensor& gradGamma) {
  const size_t count = static_cast<size_t>(layer.steps * layer.channels);
  NormGradient result{std::vector<float>(count, 1.0f), std::vector<float>(count, 0.0f), std::vector<float>(count, 0.0f)};
  if (!norm.scale) return result;
  result.a.assign(norm.scale, norm.scale + count);
  // The gradient of gamma is this process's part; it is added up over ranks like every other.
  const NormSums shared = backwardSums(sums, layer.rows, training);
  const double rows = std::max(1.0, shared.rows);
  for (int64_t t = 0; t < layer.steps; t++) {
    for (int64_t c = 0; c < layer.channels; c++) {
      const int64_t i = t * layer.channels + c, first = t * 2 * layer.channels + c, second = first + layer.channels;
      const double mean = statistics.mean.data_ptr<float>()[i], invStd = statistics.invStd.data_ptr<float>()[i];
      const auto dotOf = [&](const std::vector<double>& of) { return (of[second] - mean * of[first]) * invStd; };
      if (gradGamma.defined()) gradGamma.data_ptr<float>()[i] = static_cast<float>(dotOf(sums));
      if (!training) continue;
      const double sum = shared.values[first], dot = dotOf(shared.values);
      const double slope = norm.scale[i] * invStd * dot / rows;
      result.b[i] = static_cast<float>(-slope);
      result.c[i] = static_cast<float>(slope * mean - norm.scale[i] * sum / rows);
    }
  }
  return result;
}

void checkNorm(const at::Tensor& gamma, const at::Tensor& runningMean, const at::Tensor& runningVar, int64_t steps, int64_t channels) {
  TORCH_CHECK(runningMean.defined() == runningVar.defined() && (runningMean.defined() || !gamma.defined()),
              "batch norm: expected running_mean and running_var, or neither and no gamma");
  if (!runningMean.defined()) return;
  const auto check = [&](const at::Tensor& x, const char* name) {
    checkSizes(x, at::kFloat, {steps, channels}, name);
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

/// The images' gradient, float32 in their shape, from that of the currents, bfloat16 [frames, H, W, O].
at::Tensor imageGradient(const at::Tensor& images, const at::Tensor& weight, const at::Tensor& g, int64_t dilation) {
  const at::Tensor frames = images.dim() == 5 ? images.flatten(0, 1) : images;
  const int64_t padding = dilation * (weight.size(2) / 2);
  const auto gradients =
      at::convolution_backward(g.permute({0, 3, 1, 2}).to(at::kFloat), frames, weight, c10::nullopt, {1, 1}, {padding, padding},
                               {dilation, dilation}, false, {0, 0}, 1, {true, false, false});
  return std::get<0>(gradients).view_as(images);
}

class PackedConvLif : public torch::autograd::Function<PackedConvLif> {
 public:
  static variable_list forward(AutogradContext* context, const Variable& input, const c10::optional<at::Tensor>& carrier, const Variable& weight,
                               const c10::optional<at::Tensor>& optionalGamma, const c10::optional<at::Tensor>& optionalMean,
                               const c10::optional<at::Tensor>& optionalVar, const Variable& threshold, int64_t steps, int64_t dilation,
                               int64_t poolStride, bool training, double momentum, double eps, double leak, bool hardReset,
                               int64_t surrogate) {
    const at::Tensor none, gamma = optionalGamma.value_or(none);
    at::Tensor runningMean = optionalMean.value_or(none), runningVar = optionalVar.value_or(none);
    const LifSettings settings{momentum, eps, leak, training, hardReset, surrogate};
    const int64_t channels = weight.size(0);
    const PackedConv conv(input, weight, steps, {dilation, poolStride});
    const bool normalizes = runningMean.defined() && training;
    std::vector<double> moments;
    const at::Tensor thresholds = thresholdsOf(threshold, channels), current = conv.currents(normalizes ? &moments : nullptr);
    const PackedLif layer = lifOf(current, steps, conv.constant(), thresholds, settings);
    Statistics statistics;
    if (normalizes) {
      if (moments.empty()) moments = currentMoments(layer);
      statistics = batchStatistics(moments, layer.rows, settings.momentum, settings.eps, runningMean, runningVar);
    }
    if (runningMean.defined() && !training) statistics = {runningMean.clone(), (runningVar + eps).rsqrt()};

    const int64_t height = current.size(1), width = current.size(2), batch = conv.batch();
    at::Tensor bits = at::empty({steps * batch, height, width, layer.words()}, at::kLong);
    at::Tensor counts = at::empty({steps}, at::kLong), excess = at::empty({steps}, at::kDouble);
    const AffineNorm norm = statistics.mean.defined() ? affineForm(statistics, gamma) : AffineNorm();
    packedLifForward(layer, pointersOf(norm), words(bits), counts.data_ptr<int64_t>(), excess.data_ptr<double>());
    context->save_for_backward({input, weight, gamma, thresholds, statistics.mean, statistics.invStd});
    if (conv.packed().defined()) context->saved_data["packed"] = conv.packed();
    context->saved_data["carried"] = carrier.has_value();
    context->saved_data["steps"] = steps;
    context->saved_data["dilation"] = dilation;
    context->saved_data["poolStride"] = poolStride;
    context->saved_data["training"] = training;
    context->saved_data["leak"] = leak;
    context->saved_data["hardReset"] = hardReset;
    context->saved_data["surrogate"] = surrogate;
    context->mark_non_differentiable({bits, counts, excess});
    return {bits, newCarrier({steps, batch, height, width, channels}), counts, excess};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    variable_list result(16);
    if (!gradients[1].defined()) return result;
    const auto saved = context->get_saved_variables();
    const at::Tensor &input = saved[0], &weight = saved[1], &gamma = saved[2], &thresholds = saved[3];
    const Statistics statistics{saved[4], saved[5]};
    auto& data = context->saved_data;
    const LifSettings settings{0, 0, data["leak"].toDouble(), data["training"].toBool(), data["hardReset"].toBool(),
                               data["surrogate"].toInt()};
    const int64_t steps = data["steps"].toInt();
    const PackedConv conv(input, weight, steps, {data["dilation"].toInt(), data["poolStride"].toInt()},
                          data.count("packed") ? data["packed"].toTensor() : at::Tensor());
    at::Tensor current = conv.currents();
    const PackedLif layer = lifOf(current, steps, conv.constant(), thresholds, settings);
    const AffineNorm affine = statistics.mean.defined() ? affineForm(statistics, gamma) : AffineNorm();
    const Affine norm = pointersOf(affine);
    const std::vector<int64_t> shape{steps * conv.batch(), current.size(1), current.size(2), layer.channels};
    const bool owned = ownsGradient(gradients[1]);
    const at::Tensor incoming = spikeGradient(plainGradient(gradients[1]));
    // In place where that changes nobody's tensor.
    at::Tensor g = owned && incoming.is_contiguous() ? incoming.view(shape) : at::empty(shape, at::kBFloat16);
    const std::vector<double> sums = packedLifBackward(layer, norm, {halves(incoming), incoming.stride(0)}, halves(g));
    if (gamma.defined()) result[3] = at::empty_like(gamma);
    const NormGradient coefficients = normCoefficients(layer, statistics, norm, sums, settings.training, result[3]);
    if (conv.constant()) {
      at::Tensor sum = at::empty_like(current);
      normGradientSum(layer, coefficients, halves(g), sum.data_ptr<float>());
      g = sum.to(at::kBFloat16);
    } else {
      normGradient(layer, coefficients, halves(g));
    }
    current.reset();
    result[2] = conv.weightGradient(g);
    const bool spikes = input.scalar_type() == at::kLong;
    if (spikes && data["carried"].toBool() && context->needs_input_grad(1)) result[1] = conv.inputGradient(g);
    if (!spikes && context->needs_input_grad(0)) result[0] = imageGradient(input, weight, g, data["dilation"].toInt());
    return result;
  }
};

/// A convolution of spikes without neurons: currents [F, O, H, W].
class PackedConv2d : public torch::autograd::Function<PackedConv2d> {
 public:
  static Variable forward(AutogradContext* context, const Variable& bits, const Variable& carrier, const Variable& weight) {
    const PackedConv conv(bits, weight, carrier.size(0));
    context->save_for_backward({bits, weight});
    context->saved_data["packed"] = conv.packed();
    context->saved_data["steps"] = carrier.size(0);
    return conv.currents().permute({0, 3, 1, 2});
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const PackedConv conv(saved[0], saved[1], context->saved_data["steps"].toInt(), {}, context->saved_data["packed"].toTensor());
    const at::Tensor g = plainGradient(gradients[0]).permute({0, 2, 3, 1}).to(at::kBFloat16).contiguous();
    return {Variable(), conv.inputGradient(g), conv.weightGradient(g)};
  }
};

/// Spikes per neuron over all steps, [N, C, H, W].
class PackedSum : public torch::autograd::Function<PackedSum> {
 public:
  static Variable forward(AutogradContext* context, const Variable& bits, const Variable& carrier) {
    context->saved_data["steps"] = carrier.size(0);
    return sumSpikes(bits, carrier.size(0), carrier.size(4));
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

void checkCarrier(const at::Tensor& carrier) {
  checkAxes(carrier, at::kBFloat16, "[T, N, H, W, C]", "carrier");
  checkRange(carrier.size(0), 1, mostSteps, "timesteps");
}

void checkSpikes(const at::Tensor& bits, const at::Tensor& carrier) {
  checkCarrier(carrier);
  checkSizes(bits, at::kLong, {carrier.size(0) * carrier.size(1), carrier.size(2), carrier.size(3), wordsOf(carrier.size(4))}, "spikes");
  checkContiguous(bits, "spikes");
}

/// Images [T, N, C, H, W], or [N, C, H, W] where they are the same at each step.
void checkImages(const at::Tensor& images, int64_t steps, int64_t channels) {
  checkAxes(images, at::kFloat, images.dim() == 4 ? "[N, C, H, W]" : "[T, N, C, H, W]", "images");
  TORCH_CHECK(images.size(-3) == channels && (images.dim() == 4 || images.size(0) == steps) && images.size(-2) >= 1 && images.size(-1) >= 1,
              "images: expected [", steps, ", N, ", channels, ", H, W] or [N, ", channels, ", H, W], received ", images.sizes());
}

void checkThreshold(const at::Tensor& threshold, int64_t channels) {
  checkPlain(threshold, at::kFloat, "threshold");
  TORCH_CHECK(threshold.numel() == 1 || threshold.sizes() == at::IntArrayRef({channels}), "threshold: expected one value or [", channels,
              "], received ", threshold.sizes());
  checkThresholds(threshold);
  checkNoGradient(threshold, "threshold", "detach it, or use lifSequenceReference");
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> packedConvLif(
    const at::Tensor& input, const c10::optional<at::Tensor>& carrier, const at::Tensor& weight, const c10::optional<at::Tensor>& gamma,
    const c10::optional<at::Tensor>& runningMean, const c10::optional<at::Tensor>& runningVar, const at::Tensor& threshold, int64_t steps,
    int64_t dilation, int64_t poolStride, bool training, double momentum, double eps, double leak, bool hardReset, int64_t surrogate) {
  const at::Tensor none;
  checkRange(steps, 1, mostSteps, "steps");
  checkWeight(weight);
  if (input.scalar_type() == at::kLong) {
    TORCH_CHECK(carrier.has_value(), "carrier: expected one beside spikes, received none");
    checkSpikes(input, *carrier);
    TORCH_CHECK(carrier->size(0) == steps, "carrier: expected ", steps, " timesteps, received ", carrier->sizes());
    TORCH_CHECK(carrier->size(4) == weight.size(1), "weight: expected [O, ", carrier->size(4), ", K, K], received ", weight.sizes());
  } else {
    TORCH_CHECK(!carrier, "carrier: expected none beside images, received ", carrier->sizes());
    checkImages(input, steps, weight.size(1));
  }
  TORCH_CHECK(dilation >= 1, "dilation: expected 1 or more, received ", dilation);
  const bool spikes = input.scalar_type() == at::kLong;
  dilation = reachingDilation(dilation, input.size(spikes ? 1 : -2), input.size(spikes ? 2 : -1));
  checkRange(poolStride, 0, longestAxis, "pool_stride");
  checkSurrogate(surrogate);
  checkLeak(leak);
  checkNorm(gamma.value_or(none), runningMean.value_or(none), runningVar.value_or(none), steps, weight.size(0));
  if (runningMean) checkNormOptions(momentum, eps);
  checkThreshold(threshold, weight.size(0));
  const auto out = PackedConvLif::apply(input, carrier, weight, gamma, runningMean, runningVar, threshold, steps, dilation,
                                        poolStride, training, momentum, eps, leak, hardReset, surrogate);
  return {out[0], out[1], out[2], out[3]};
}

at::Tensor packedConv(const at::Tensor& bits, const at::Tensor& carrier, const at::Tensor& weight) {
  checkSpikes(bits, carrier);
  checkWeight(weight);
  TORCH_CHECK(carrier.size(4) == weight.size(1), "weight: expected [O, ", carrier.size(4), ", K, K], received ", weight.sizes());
  return PackedConv2d::apply(bits, carrier, weight);
}

at::Tensor packedSum(const at::Tensor& bits, const at::Tensor& carrier) {
  checkSpikes(bits, carrier);
  return PackedSum::apply(bits, carrier);
}

at::Tensor packedRate(const at::Tensor& counts, const at::Tensor& carrier) {
  checkCarrier(carrier);
  checkSizes(counts, at::kLong, {carrier.size(0)}, "counts");
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
