// The four surrogate gradients dS/dx of the spike S = [x > 0], x = u/threshold - 1, as in REFERENCE of the paper's
// code: linear 0.3*max(0, 1-|x|), fast sigmoid 1/(100|x|+1)^2, exponential exp(-10|x|), pass-through 1.
#pragma once

#include <cmath>
#include <cstdint>

#include "clones.h"

namespace snnseg {

enum class Surrogate : int64_t { linear = 0, fastSigmoid = 1, exponential = 2, passThrough = 3 };

[[maybe_unused]] static inline float linearSurrogate(float x) {
  const float room = 1.0f - std::fabs(x);
  return room > 0.0f ? 0.3f * room : 0.0f;
}

/// slope[i] = dS/dx at x[i]; `slope` may be `x`.
[[maybe_unused]] SNNSEG_CLONES
static void surrogateRow(Surrogate kind, const float* x, float* slope, int64_t n) {
  switch (kind) {
    case Surrogate::linear:
      for (int64_t i = 0; i < n; i++) slope[i] = linearSurrogate(x[i]);
      break;
    case Surrogate::fastSigmoid:
      for (int64_t i = 0; i < n; i++) {
        const float width = 100.0f * std::fabs(x[i]) + 1.0f;
        slope[i] = 1.0f / (width * width);
      }
      break;
    case Surrogate::exponential:
      for (int64_t i = 0; i < n; i++) slope[i] = std::exp(-10.0f * std::fabs(x[i]));
      break;
    case Surrogate::passThrough:
      for (int64_t i = 0; i < n; i++) slope[i] = 1.0f;
      break;
  }
}

}  // namespace snnseg
