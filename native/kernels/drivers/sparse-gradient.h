// Weight gradients from set bits; see sparse-gradient.cpp.
#pragma once

#include <cstdint>

#include "kernels/plan/layer.h"

namespace snnseg::sparse {

/// As weightGradient, for bits that no pooling follows.
void sparseWeightGradient(const Layer& layer, const uint64_t* bits, const uint16_t* gradient, int64_t frames, float* result, int threads);

}  // namespace snnseg::sparse
