// The face of convolutions: checks arguments and picks forms.
#include "snn.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

#include "dispatch.h"
#include "drivers/conv.h"
#include "plan/form-plan.h"
#include "plan/winograd-plan.h"

using namespace snnseg::sparse;

struct snn_conv {
  std::unique_ptr<Conv> conv;
};

namespace {

[[noreturn]] void refuse(const std::string& message) { throw std::runtime_error(message); }

bool isGather(snn_form form) { return form == SNN_FORM_GATHER_FP32 || form == SNN_FORM_GATHER14 || form == SNN_FORM_GATHER15; }
bool isDense(snn_form form) { return !isGather(form) && form != SNN_FORM_EITHER14; }

std::unique_ptr<Conv> createConv(const Layer& layer, snn_form form) {
  if (form == SNN_FORM_EITHER14) return createEitherConv(layer);
  if (form == SNN_FORM_WINOGRAD) return createWinogradConv(layer);
  return isGather(form) ? createGatherConv(layer, form) : createTileConv(layer, form);
}

void runConv(const snn_conv* conv, const ConvCall& call) {
  if (!conv) refuse("snn: expected a convolution, received null");
  if (call.steps < 0 || call.batch < 0) refuse("snn: expected no negative number of frames");
  for (int64_t t = 0; call.spikes && t < call.steps; t++) call.spikes[t] = 0;
  if (call.steps == 0 || call.batch == 0) return;
  if (!call.input || (!call.bits && !call.currents && !call.halves)) refuse("snn: expected buffers, received null");
  // Kernels write whole groups of channels; what lies above them in the last word must be zero.
  const Layer& layer = conv->conv->layer();
  if (call.bits && layer.g.out_channels % 64 != 0) {
    std::fill_n(call.bits, call.steps * call.batch * layer.outPixels() * layer.outWords, uint64_t{0});
  }
  conv->conv->run(call);
}

}  // namespace

const char* snn_isa(void) { return isaName(isa()); }
const char* snn_isa_error(void) { return isaError(); }
const char* snn_isa_level(int level) {
  return level >= 0 && level < static_cast<int>(std::size(isaLevels)) ? isaName(isaLevels[level]) : nullptr;
}
int snn_isa_available(int level) { return snn_isa_level(level) && isaAvailable(isaLevels[level]); }

snn_form snn_plan(const snn_geometry* geometry, snn_purpose purpose, const char** reason) {
  const FormPlan plan = planForm(*geometry, purpose, isa());
  if (reason) *reason = plan.reason;
  return plan.form;
}

snn_conv* snn_conv_create(const snn_geometry* geometry, const float* weight, snn_form form) {
  const std::string operation = "snn_conv_create: ";
  if (!geometry) refuse(operation + "expected a geometry, received null");
  Layer layer;
  if (const char* expectation = checkGeometry(*geometry, layer)) refuse(operation + expectation);
  if (form < SNN_FORM_GATHER_FP32 || form > SNN_FORM_GATHER15) refuse(operation + "expected a form from 1 to 9");
  if ((form == SNN_FORM_DENSE_BF16 || form == SNN_FORM_WINOGRAD) != (geometry->input == SNN_INPUT_BF16)) {
    refuse(operation + "expected bf16 input with SNN_FORM_DENSE_BF16 and SNN_FORM_WINOGRAD, and with no other form");
  }
  if (form == SNN_FORM_WINOGRAD && !winogradFits(*geometry)) {
    refuse(operation + "expected kernel 3, stride 1, padding = dilation and at most 1024 input channels with SNN_FORM_WINOGRAD");
  }
  if ((form == SNN_FORM_GATHER14 || form == SNN_FORM_GATHER15 || form == SNN_FORM_EITHER14) && !gatherFits(*geometry, form)) {
    refuse(operation + "expected fewer input channels or a smaller kernel, as sums might exceed 32 bits");
  }
  if (form == SNN_FORM_EITHER14 && geometry->pool_stride == 0) refuse(operation + "expected pooled bits with SNN_FORM_EITHER14");
  std::unique_ptr<Conv> conv = createConv(layer, form);
  if (weight) conv->pack(WeightView::straight(layer, weight), 1);
  return new snn_conv{std::move(conv)};
}

void snn_conv_pack(snn_conv* conv, const float* weight, int turned, int threads) {
  if (!conv || !weight) refuse("snn_conv_pack: expected a convolution and weights, received null");
  const Layer& layer = conv->conv->layer();
  conv->conv->pack(turned ? WeightView::turned(layer, weight) : WeightView::straight(layer, weight), threads);
}
void snn_conv_destroy(snn_conv* conv) { delete conv; }

snn_form snn_conv_form(const snn_conv* conv) { return conv->conv->form(); }
int64_t snn_conv_out_height(const snn_conv* conv) { return conv->conv->layer().outHeight; }
int64_t snn_conv_out_width(const snn_conv* conv) { return conv->conv->layer().outWidth; }
int64_t snn_conv_weight_bytes(const snn_conv* conv) { return conv->conv->weightBytes(); }

void snn_conv_weight_error(const snn_conv* conv, float* error) {
  const std::vector<float>& errors = conv->conv->weightError();
  std::copy(errors.begin(), errors.end(), error);
}

void snn_infer_layer(const snn_conv* conv, const void* input, int64_t steps, int64_t batch, const snn_lif* lif,
                     uint64_t* out, int64_t* spikes_per_step, int threads) {
  if (!lif || !lif->threshold) refuse("snn_infer_layer: expected dynamics with thresholds, received null");
  runConv(conv, ConvCall{input, steps, batch, lif, out, spikes_per_step, nullptr, nullptr, nullptr, threads});
}

void snn_conv_forward(const snn_conv* conv, const void* input, int64_t frames, float* out, double* moments, int threads) {
  if (conv && moments && !isDense(conv->conv->form())) refuse("snn_conv_forward: expected a dense form for moments");
  runConv(conv, ConvCall{input, 1, frames, nullptr, nullptr, nullptr, out, nullptr, moments, threads});
}

void snn_conv_forward_bf16(const snn_conv* conv, const void* input, int64_t frames, uint16_t* out, int threads) {
  if (conv && !isDense(conv->conv->form())) refuse("snn_conv_forward_bf16: expected a dense form");
  runConv(conv, ConvCall{input, 1, frames, nullptr, nullptr, nullptr, nullptr, out, nullptr, threads});
}

void snn_weight_gradient(const snn_geometry* geometry, const void* input, const uint16_t* gradient, int64_t frames, float* result,
                         int threads) {
  const std::string operation = "snn_weight_gradient: ";
  if (!geometry || !result || frames < 0 || (frames > 0 && (!input || !gradient))) refuse(operation + "expected buffers, received null");
  Layer layer;
  const char* expectation = checkGeometry(*geometry, layer);
  if (!expectation) expectation = weightGradient(layer, input, gradient, frames, result, threads);
  if (expectation) refuse(operation + expectation);
}
