// The C interface of convolutions: checks arguments, picks forms and turns exceptions into messages.
#include "snn.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>

#include "dispatch.h"
#include "drivers/conv.h"
#include "plan/form-plan.h"

using namespace snnseg::sparse;

struct snn_conv {
  std::unique_ptr<Conv> conv;
};

namespace {

thread_local std::string lastError;

int fail(const std::string& message) {
  lastError = message;
  return 0;
}

bool isDense(snn_form form) { return form != SNN_FORM_GATHER_FP32 && form != SNN_FORM_GATHER12 && form != SNN_FORM_EITHER12; }

std::unique_ptr<Conv> createConv(const Layer& layer, snn_form form) {
  if (form == SNN_FORM_EITHER12) return createEitherConv(layer);
  return isDense(form) ? createTileConv(layer, form) : createGatherConv(layer, form == SNN_FORM_GATHER12);
}

int runConv(const snn_conv* conv, const ConvCall& call) {
  if (!conv) return fail("snn: expected a convolution, received null");
  if (call.steps < 0 || call.batch < 0) return fail("snn: expected no negative number of frames");
  for (int64_t t = 0; call.spikes && t < call.steps; t++) call.spikes[t] = 0;
  if (call.steps == 0 || call.batch == 0) return 1;
  if (!call.input || (!call.bits && !call.currents && !call.halves)) return fail("snn: expected buffers, received null");
  try {
    // Kernels write whole groups of channels; what lies above them in the last word must be zero.
    const Layer& layer = conv->conv->layer();
    if (call.bits && layer.g.out_channels % 64 != 0) {
      std::fill_n(call.bits, call.steps * call.batch * layer.outPixels() * layer.outWords, uint64_t{0});
    }
    conv->conv->run(call);
    return 1;
  } catch (const std::exception& error) {
    return fail(std::string("snn: ") + error.what());
  }
}

}  // namespace

extern "C" {

const char* snn_last_error(void) { return lastError.c_str(); }

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
  if (!geometry) {
    fail("snn_conv_create: expected a geometry, received null");
    return nullptr;
  }
  Layer layer;
  if (const char* expectation = checkGeometry(*geometry, layer)) {
    fail(std::string("snn_conv_create: ") + expectation);
    return nullptr;
  }
  if (form < SNN_FORM_GATHER_FP32 || form > SNN_FORM_EITHER12) {
    fail("snn_conv_create: expected a form from 1 to 7");
    return nullptr;
  }
  if ((form == SNN_FORM_DENSE_BF16) != (geometry->input == SNN_INPUT_BF16)) {
    fail("snn_conv_create: expected bf16 input with SNN_FORM_DENSE_BF16 and with no other form");
    return nullptr;
  }
  if (form == SNN_FORM_EITHER12 && geometry->pool_stride == 0) {
    fail("snn_conv_create: expected pooled bits with SNN_FORM_EITHER12");
    return nullptr;
  }
  try {
    std::unique_ptr<Conv> conv = createConv(layer, form);
    if (weight) conv->pack(WeightView::straight(layer, weight), 1);
    return new snn_conv{std::move(conv)};
  } catch (const std::exception& error) {
    fail(std::string("snn_conv_create: ") + error.what());
    return nullptr;
  }
}

int snn_conv_pack(snn_conv* conv, const float* weight, int turned, int threads) {
  if (!conv || !weight) return fail("snn_conv_pack: expected a convolution and weights, received null");
  const Layer& layer = conv->conv->layer();
  try {
    conv->conv->pack(turned ? WeightView::turned(layer, weight) : WeightView::straight(layer, weight), threads);
    return 1;
  } catch (const std::exception& error) {
    return fail(std::string("snn_conv_pack: ") + error.what());
  }
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

int snn_infer_layer(const snn_conv* conv, const void* input, int64_t steps, int64_t batch, const snn_lif* lif,
                    uint64_t* out, int64_t* spikes_per_step, int threads) {
  if (!lif || !lif->threshold) return fail("snn_infer_layer: expected dynamics with thresholds, received null");
  return runConv(conv, ConvCall{input, steps, batch, lif, out, spikes_per_step, nullptr, nullptr, nullptr, threads});
}

int snn_conv_forward(const snn_conv* conv, const void* input, int64_t frames, float* out, double* moments, int threads) {
  if (conv && moments && !isDense(conv->conv->form())) return fail("snn_conv_forward: expected a dense form for moments");
  return runConv(conv, ConvCall{input, 1, frames, nullptr, nullptr, nullptr, out, nullptr, moments, threads});
}

int snn_conv_forward_bf16(const snn_conv* conv, const void* input, int64_t frames, uint16_t* out, int threads) {
  if (conv && !isDense(conv->conv->form())) return fail("snn_conv_forward_bf16: expected a dense form");
  return runConv(conv, ConvCall{input, 1, frames, nullptr, nullptr, nullptr, nullptr, out, nullptr, threads});
}

int snn_weight_gradient(const snn_geometry* geometry, const void* input, const uint16_t* gradient, int64_t frames, float* result,
                        int threads) {
  if (!geometry || !result || frames < 0 || (frames > 0 && (!input || !gradient))) return fail("snn_weight_gradient: expected buffers, received null");
  Layer layer;
  try {
    const char* expectation = checkGeometry(*geometry, layer);
    if (!expectation) expectation = weightGradient(layer, input, gradient, frames, result, threads);
    return expectation ? fail(std::string("snn_weight_gradient: ") + expectation) : 1;
  } catch (const std::exception& error) {
    return fail(std::string("snn_weight_gradient: ") + error.what());
  }
}

}  // extern "C"
