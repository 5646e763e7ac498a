// The interface between the gather driver and its kernels, one set per instruction set: plain data only.
#pragma once

#include <cstdint>

namespace snnseg::sparse {

constexpr int gatherOutputs = 64;       // output channels of a tile
constexpr int highestGatherWeight = 511;
constexpr int gatherFlush = 64;         // additions that an int16 lane surely holds: 64 * 511 < 2^15

struct GatherLif {
  const float* scale;      // [64]
  const float* shift;
  const float* threshold;
  float leak;
  bool hardReset;
};

struct GatherKernels {
  /// Appends base + i for each set bit i; returns the number appended. Up to 64 entries past the end may be written.
  int (*list)(uint64_t bits, int base, uint16_t* to);
  /// sums[p][64] += multiplier * the weight rows listed for pixel p, entries[begin[p]..begin[p+1]).
  void (*addIntegers)(int32_t* sums, const uint16_t* entries, const int32_t* begin, int64_t pixels, const int16_t* weights, int multiplier);
  void (*addFloats)(float* sums, const uint16_t* entries, const int32_t* begin, int64_t pixels, const float* weights, int multiplier);
  /// One step of 64 neurons from their sums; returns the spikes.
  uint64_t (*lifIntegers)(const int32_t* sums, float* membrane, const GatherLif& lif);
  uint64_t (*lifFloats)(const float* sums, float* membrane, const GatherLif& lif);
};

const GatherKernels& gatherKernels();

extern const GatherKernels gatherPortable;
#if defined(__x86_64__)
extern const GatherKernels gatherAvx2;
extern const GatherKernels gatherAvx512;
#endif

}  // namespace snnseg::sparse
