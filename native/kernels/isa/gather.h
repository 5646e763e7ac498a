// Gathers: for the set inputs of a pixel, rows of weights are added, 64 output channels at a time.
#pragma once

#include "kernels/kernels.h"
#include "lif.h"

namespace snnseg::sparse {
namespace {

typedef int16_t ShortPart __attribute__((vector_size(SNN_VECTOR_BYTES)));

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

/// Joins the lists of some words: entries of word `offsets[i]`, each plus `bases[i]`. Two vectors of 16 are copied without asking, as
/// most words have no more.
int joinLists(const uint16_t* entries, const int32_t* begin, const int32_t* offsets, const uint16_t* bases, int count, uint16_t* to) {
  typedef uint16_t Entries __attribute__((vector_size(SNN_VECTOR_BYTES < 32 ? SNN_VECTOR_BYTES : 32)));
  constexpr int width = sizeof(Entries) / 2, surely = 32;
  uint16_t* const start = to;
  for (int i = 0; i < count; i++) {
    const uint16_t* from = entries + begin[offsets[i]];
    const int some = begin[offsets[i] + 1] - begin[offsets[i]];
    const Entries base = Entries{} + bases[i];
    const auto copy = [&](int at) {
      const Entries moved = loadPart<Entries>(from + at) + base;
      __builtin_memcpy(to + at, &moved, sizeof moved);
    };
#pragma GCC unroll 4
    for (int at = 0; at < surely; at += width) copy(at);
    for (int at = surely; at < some; at += width) copy(at);
    to += some;
  }
  return static_cast<int>(to - start);
}

// Outputs whose sums stay in registers, in 16 and in 32 bits: 64, or 32 where there are 16 registers of 16 bytes.
#if SNN_VECTOR_BYTES == 16 && !defined(__aarch64__)
constexpr int sumsTogether = 32;
#else
constexpr int sumsTogether = 64;
#endif
constexpr int shortParts = sumsTogether * 2 / SNN_VECTOR_BYTES, floatParts = gatherOutputs * 4 / SNN_VECTOR_BYTES;

/// low and high += the two halves of 16-bit lanes.
SNN_INLINE void addWidened(ShortPart lanes, IntPart& low, IntPart& high) {
#if SNN_VECTOR_BYTES == 64
  const __m512i all = reinterpret_cast<__m512i>(lanes);
  low += reinterpret_cast<IntPart>(_mm512_cvtepi16_epi32(_mm512_castsi512_si256(all)));
  high += reinterpret_cast<IntPart>(_mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(all, 1)));
#elif SNN_VECTOR_BYTES == 32
  const __m256i all = reinterpret_cast<__m256i>(lanes);
  low += reinterpret_cast<IntPart>(_mm256_cvtepi16_epi32(_mm256_castsi256_si128(all)));
  high += reinterpret_cast<IntPart>(_mm256_cvtepi16_epi32(_mm256_extracti128_si256(all, 1)));
#elif defined(__x86_64__)
  const __m128i all = reinterpret_cast<__m128i>(lanes);
  low += reinterpret_cast<IntPart>(_mm_srai_epi32(_mm_unpacklo_epi16(all, all), 16));
  high += reinterpret_cast<IntPart>(_mm_srai_epi32(_mm_unpackhi_epi16(all, all), 16));
#else
  typedef int16_t Half __attribute__((vector_size(SNN_VECTOR_BYTES / 2)));
  low += __builtin_convertvector(loadPart<Half>(&lanes), IntPart);
  high += __builtin_convertvector(loadPart<Half>(reinterpret_cast<const char*>(&lanes) + sizeof(Half)), IntPart);
#endif
}

template <class Part, int count, class Weight>
SNN_INLINE void addRow(Part (&total)[count], const Weight* row) {
#pragma GCC unroll 16
  for (int k = 0; k < count; k++) {
    total[k] += loadPart<Part>(row + k * (SNN_VECTOR_BYTES / static_cast<int>(sizeof(Weight))));
    pin(total[k]);
  }
}

SNN_INLINE void clear(ShortPart (&total)[shortParts]) {
#pragma GCC unroll 8
  for (int k = 0; k < shortParts; k++) total[k] = ShortPart{};
}

SNN_INLINE void flush(const ShortPart (&total)[shortParts], IntPart (&wide)[2 * shortParts]) {
#pragma GCC unroll 8
  for (int k = 0; k < shortParts; k++) addWidened(total[k], wide[2 * k], wide[2 * k + 1]);
}

/// sums += multiplier * the rows of some entries, `sumsTogether` outputs of them.
SNN_INLINE void addEntries(int32_t* sums, const uint16_t* entries, int count, const int16_t* weights, int multiplier) {
  IntPart wide[2 * shortParts];
#pragma GCC unroll 16
  for (int k = 0; k < 2 * shortParts; k++) wide[k] = IntPart{};
  ShortPart total[shortParts];
  for (; count >= gatherFlush; count -= gatherFlush, entries += gatherFlush) {
    clear(total);
    for (int four = 0; four < gatherFlush; four += 4) {
      uint64_t next = loadPart<uint64_t>(entries + four);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++, next >>= 16) addRow(total, weights + (next & 0xffff) * gatherOutputs);
    }
    flush(total, wide);
  }
  clear(total);
  for (int i = 0; i < count; i++) addRow(total, weights + entries[i] * gatherOutputs);
  flush(total, wide);
#pragma GCC unroll 16
  for (int k = 0; k < 2 * shortParts; k++) {
    int32_t* to = sums + k * (SNN_VECTOR_BYTES / 4);
    const IntPart sum = loadPart<IntPart>(to) + wide[k] * multiplier;
    __builtin_memcpy(to, &sum, sizeof sum);
  }
}

void addIntegers(int32_t* sums, const uint16_t* entries, const int32_t* begin, int64_t pixels, const int16_t* weights, int multiplier) {
  for (int64_t p = 0; p < pixels; p++, sums += gatherOutputs) {
    if (begin[p] == begin[p + 1]) continue;
    for (int o = 0; o < gatherOutputs; o += sumsTogether) addEntries(sums + o, entries + begin[p], begin[p + 1] - begin[p], weights + o, multiplier);
  }
}

void addFloats(float* sums, const uint16_t* entries, const int32_t* begin, int64_t pixels, const float* weights, int multiplier) {
  const FloatPart factor = spread(static_cast<float>(multiplier));
  for (int64_t p = 0; p < pixels; p++, sums += gatherOutputs) {
    if (begin[p] == begin[p + 1]) continue;
    FloatPart total[floatParts];
#pragma GCC unroll 16
    for (int k = 0; k < floatParts; k++) total[k] = FloatPart{};
    int32_t i = begin[p];
    for (; i + 4 <= begin[p + 1]; i += 4) {
      uint64_t next = loadPart<uint64_t>(entries + i);
#pragma GCC unroll 4
      for (int four = 0; four < 4; four++, next >>= 16) addRow(total, weights + (next & 0xffff) * gatherOutputs);
    }
    for (; i < begin[p + 1]; i++) addRow(total, weights + entries[i] * gatherOutputs);
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
  rows += shift * gatherOutputs;
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint64_t next = loadPart<uint64_t>(entries + i);
#pragma GCC unroll 4
    for (int four = 0; four < 4; four++, next >>= 16) addRow(total, rows + (next & 0xffff) * gatherOutputs);
  }
  for (; i < count; i++) addRow(total, rows + entries[i] * gatherOutputs);
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
