// Kernels compute in float32, whatever values are kept as.
#pragma once

#include <cstring>

#include "launch.h"
#include "values.h"

namespace snnseg::cuda {

SNNSEG_THREAD float floatOf(float value) { return value; }

SNNSEG_THREAD float floatOf(Bf16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

/// The value of a map over time: `i` counts within a timestep.
template <class Value>
SNNSEG_THREAD float at(const Timed<Value>& map, int64_t t, int64_t i) {
  return floatOf(map.values[t * map.stride + i]);
}

SNNSEG_THREAD void store(float* to, float value) { *to = value; }

/// To nearest, ties to even; NaN stays NaN.
SNNSEG_THREAD void store(Bf16* to, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  const bool isNan = (bits & 0x7fffffffu) > 0x7f800000u;
  to->bits = isNan ? uint16_t{0x7fc0} : static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace snnseg::cuda
