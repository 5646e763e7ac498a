// Gathers: for the set inputs of a pixel, rows of weights are added, 64 output channels at a time.
#pragma once

#include "kernels/kernels.h"
#include "lif.h"

namespace snnseg::sparse {
namespace {

typedef int16_t ShortPart __attribute__((vector_size(SNN_VECTOR_BYTES)));
constexpr int shortParts = gatherOutputs * 2 / SNN_VECTOR_BYTES, floatParts = gatherOutputs * 4 / SNN_VECTOR_BYTES;

#if SNN_VECTOR_BYTES == 64
int list(uint64_t bits, int base, uint16_t* to) {
  const __m512i all = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  int count = 0;
  for (int part = 0; part < 4; part++) {
    const __mmask16 some = static_cast<__mmask16>(bits >> (16 * part));
    const __m512i chosen = _mm512_maskz_compress_epi32(some, _mm512_add_epi32(all, _mm512_set1_epi32(base + 16 * part)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + count), _mm512_cvtepi32_epi16(chosen));
    count += __builtin_popcount(some);
  }
  return count;
}
#else
int list(uint64_t bits, int base, uint16_t* to) {
  int count = 0;
  for (; bits; bits &= bits - 1) to[count++] = static_cast<uint16_t>(base + __builtin_ctzll(bits));
  return count;
}
#endif

/// sums[64] += multiplier * lanes.
inline void flush(const ShortPart (&lanes64)[shortParts], int32_t* sums, int multiplier) {
  alignas(64) int16_t each[gatherOutputs];
#pragma GCC unroll 8
  for (int k = 0; k < shortParts; k++) __builtin_memcpy(each + k * (SNN_VECTOR_BYTES / 2), &lanes64[k], SNN_VECTOR_BYTES);
  if (multiplier == 1) {
    for (int o = 0; o < gatherOutputs; o++) sums[o] += each[o];
  } else {
    for (int o = 0; o < gatherOutputs; o++) sums[o] += each[o] * multiplier;
  }
}

void addIntegers(int32_t* sums, const uint16_t* entries, const int32_t* begin, int64_t pixels, const int16_t* weights, int multiplier) {
  for (int64_t p = 0; p < pixels; p++, sums += gatherOutputs) {
    for (int32_t i = begin[p]; i < begin[p + 1];) {
      const int32_t stop = begin[p + 1] - i > gatherFlush ? i + gatherFlush : begin[p + 1];
      ShortPart total[shortParts] = {};
      for (; i < stop; i++) {
        const int16_t* row = weights + entries[i] * gatherOutputs;
#pragma GCC unroll 8
        for (int k = 0; k < shortParts; k++) total[k] += loadPart<ShortPart>(row + k * (SNN_VECTOR_BYTES / 2));
      }
      flush(total, sums, multiplier);
    }
  }
}

void addFloats(float* sums, const uint16_t* entries, const int32_t* begin, int64_t pixels, const float* weights, int multiplier) {
  const FloatPart factor = spread(static_cast<float>(multiplier));
  for (int64_t p = 0; p < pixels; p++, sums += gatherOutputs) {
    if (begin[p] == begin[p + 1]) continue;
    FloatPart total[floatParts] = {};
    for (int32_t i = begin[p]; i < begin[p + 1]; i++) {
      const float* row = weights + entries[i] * gatherOutputs;
#pragma GCC unroll 16
      for (int k = 0; k < floatParts; k++) total[k] += loadPart<FloatPart>(row + k * (SNN_VECTOR_BYTES / 4));
    }
#pragma GCC unroll 16
    for (int k = 0; k < floatParts; k++) {
      float* to = sums + k * (SNN_VECTOR_BYTES / 4);
      const FloatPart sum = loadPart<FloatPart>(to) + total[k] * factor;
      __builtin_memcpy(to, &sum, sizeof sum);
    }
  }
}

void widen(const uint16_t* from, int64_t count, float* to) {
  for (int64_t i = 0; i < gatherOutputs; i += lanes) fromHalvesSome(from + i, count - i).store(to + i);
}

void addListedRows(float* sums, const float* rows, int64_t shift, const uint16_t* entries, int64_t count) {
  FloatPart total[floatParts];
#pragma GCC unroll 16
  for (int k = 0; k < floatParts; k++) total[k] = loadPart<FloatPart>(sums + k * (SNN_VECTOR_BYTES / 4));
  for (int64_t i = 0; i < count; i++) {
    const float* row = rows + (entries[i] + shift) * gatherOutputs;
#pragma GCC unroll 16
    for (int k = 0; k < floatParts; k++) total[k] += loadPart<FloatPart>(row + k * (SNN_VECTOR_BYTES / 4));
  }
#pragma GCC unroll 16
  for (int k = 0; k < floatParts; k++) __builtin_memcpy(sums + k * (SNN_VECTOR_BYTES / 4), &total[k], SNN_VECTOR_BYTES);
}

inline Floats floatsOf(const int32_t* sums) { return Floats::fromIntegers(sums); }
inline Floats floatsOf(const float* sums) { return Floats::load(sums); }

template <class Sum>
uint64_t lifSums(const Sum* sums, float* membrane, const GatherLif& lif) {
  return withReset(resetOf(lif.hardReset, 0.0f), [&](auto constant) {
    uint64_t spikes = 0;
    for (int o = 0; o < gatherOutputs; o += lanes) {
      const Neurons neurons = neuronsOf(lif.leak, Floats::load(lif.threshold + o));
      const Floats y = floatsOf(sums + o) * Floats::load(lif.scale + o) + Floats::load(lif.shift + o);
      Floats v = Floats::load(membrane + o);
      spikes |= static_cast<uint64_t>(fire<decltype(constant)::reset>(neurons, charge(neurons, v, y), v).bits()) << o;
      v.store(membrane + o);
    }
    return spikes;
  });
}

}  // namespace
}  // namespace snnseg::sparse
