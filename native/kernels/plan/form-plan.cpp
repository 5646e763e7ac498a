#include "form-plan.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "winograd-plan.h"

namespace snnseg::sparse {

int highestGatherWeight(snn_form form) { return form == SNN_FORM_GATHER15 ? highestOf15Bits : highestOf14Bits; }

bool gatherFits(const snn_geometry& geometry, snn_form form) {
  const int largestInput = geometry.input == SNN_INPUT_BYTES ? 127 : geometry.pool_stride ? 9 : 1;
  return static_cast<double>(highestGatherWeight(form)) * largestInput * static_cast<double>(geometry.kernel * geometry.kernel * geometry.in_channels) < 2147483648.0;
}

FormPlan planForm(const snn_geometry& geometry, snn_purpose purpose, Isa isa) {
  if (geometry.input == SNN_INPUT_BF16) {
    if (isa == Isa::amx) return {SNN_FORM_DENSE_BF16, "gradients are dense, and matrix tiles multiply bfloat16 fastest"};
    if (winogradFits(geometry) && winogradSaves(geometry)) return {SNN_FORM_WINOGRAD, "gradients are dense, and Winograd's form takes fewer products"};
    return {SNN_FORM_DENSE_BF16, "gradients are dense, and Winograd's form would take no fewer products"};
  }
  if (purpose == SNN_EXACT) return {SNN_FORM_GATHER_FP32, "fp32 weights are wanted"};
  const bool spikes = geometry.input == SNN_INPUT_BITS && geometry.pool_stride == 0;
  if (isa == Isa::amx) {
    if (purpose == SNN_INT8) return {SNN_FORM_DENSE8, "matrix tiles are fastest at every density"};
    return {SNN_FORM_DENSE16, "matrix tiles are fastest at every density"};
  }
  if (purpose == SNN_TRAIN && !spikes && isa >= Isa::avx2) return {SNN_FORM_DENSE16, "most pooled counts are not 0"};
  const char* const tooMany = "sums of so many inputs might exceed 32 bits";
  if (purpose == SNN_TRAIN) {
    if (!gatherFits(geometry, SNN_FORM_GATHER15)) return {SNN_FORM_GATHER_FP32, tooMany};
    return {SNN_FORM_GATHER15, "only set bits cost anything"};
  }
  if (purpose == SNN_INT8 && !spikes && isa >= Isa::avx2) return {SNN_FORM_DENSE8, "most pooled counts are not 0, and 8 bits take one product"};
  if (!gatherFits(geometry, SNN_FORM_GATHER14)) return {isa >= Isa::avx2 && !spikes ? SNN_FORM_DENSE16 : SNN_FORM_GATHER_FP32, tooMany};
  if (geometry.input == SNN_INPUT_BYTES && isa >= Isa::avx2) return {SNN_FORM_DENSE14, "bytes are dense"};
  if (!spikes && isa >= Isa::avx2) return {SNN_FORM_EITHER14, "few pooled counts that are not 0 are added faster, and many multiplied"};
  return {SNN_FORM_GATHER14, "only set bits cost anything"};
}

bool gradientFromBits(const snn_geometry& geometry, Isa isa) {
  constexpr int64_t mostListed = 1 << 16;  // pixels that a strip's rows and those its taps reach may have, at least
  const int64_t listedRows = geometry.dilation * (geometry.kernel - 1) + std::max<int64_t>(1, 256 / geometry.width);
  const bool listable = listedRows * geometry.width * 5 / 4 < mostListed;  // with margins of up to an eighth on either side
  return isa != Isa::amx && geometry.input == SNN_INPUT_BITS && geometry.pool_stride == 0 && listable;
}

TrainingPlan planTraining(bool spiking, Isa isa) {
  if (!spiking) {
    return isaHasBfloat16() ? TrainingPlan{true, "this processor multiplies bfloat16"} : TrainingPlan{false, "this processor has no bfloat16 products"};
  }
  if (isa == Isa::portable || isa == Isa::neon) return {false, "bits are slower than floats without wide vectors"};
  return {true, "bits are faster than floats here, and take a fraction of their memory"};
}

}  // namespace snnseg::sparse
