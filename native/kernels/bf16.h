// Conversions to and from bfloat16.
#pragma once

#include <cstdint>
#include <cstring>

namespace snnseg {
namespace {

/// To nearest, ties to even.
[[maybe_unused]] inline uint16_t toBf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

[[maybe_unused]] inline float fromBf16(uint16_t value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16;
  float result;
  std::memcpy(&result, &bits, 4);
  return result;
}

}  // namespace
}  // namespace snnseg
