// How a neuron sends integers: k = floor(clip(u/threshold, 0, D) + 1/2).
#pragma once

#include "launch.h"

namespace snnseg::cuda {

/// clip(ratio, 0, D); 0 of NaN.
SNNSEG_THREAD float clippedRatio(float ratio, float levels) {
  const float positive = ratio > 0.0f ? ratio : 0.0f;
  return positive < levels ? positive : levels;
}

SNNSEG_THREAD float integerOf(float clipped) { return static_cast<float>(static_cast<int>(clipped + 0.5f)); }

}  // namespace snnseg::cuda
