// bfloat16 as the dot products see it: denormal inputs count as zeros, denormal results become zeros, whatever MXCSR says.
#pragma once

#include <cstdint>
#include <cstring>

namespace standIn {

inline float asFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint32_t asBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float withoutDenormals(float value) {
  const uint32_t bits = asBits(value);
  return bits & 0x7f800000 ? value : asFloat(bits & 0x80000000);
}

inline float expanded(uint16_t bf16) { return withoutDenormals(asFloat(static_cast<uint32_t>(bf16) << 16)); }

/// sum + a * b, rounded once.
inline float multiplyAdd(float sum, uint16_t a, uint16_t b) {
  return withoutDenormals(__builtin_fmaf(expanded(a), expanded(b), withoutDenormals(sum)));
}

/// To nearest, ties to even; denormals become zeros, NaN a quiet NaN.
inline uint16_t rounded(float value) {
  const uint32_t bits = asBits(value), exponent = bits & 0x7f800000, fraction = bits & 0x007fffff;
  if (exponent == 0) return static_cast<uint16_t>(bits >> 16 & 0x8000);
  if (exponent == 0x7f800000) return static_cast<uint16_t>(bits >> 16 | (fraction ? 0x40 : 0));
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

}  // namespace standIn
