// Gathers: for the set inputs of a pixel, rows of weights are added, 128 bytes of output channels at a time.
#pragma once

#include "kernels/kernels.h"
#include "lif.h"

namespace snnseg::sparse {
namespace {

typedef int16_t ShortPart __attribute__((vector_size(SNN_VECTOR_BYTES)));

#if SNN_VECTOR_BYTES == 64
int list(uint64_t bits, int base, int step, uint16_t* to) {
  const __m512i numbers = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const IntPart all = reinterpret_cast<IntPart>(numbers) * step + base;
  int count = 0;
  for (int part = 0; part < 4; part++) {
    const __mmask16 some = static_cast<__mmask16>(bits >> (16 * part));
    const __m512i chosen = _mm512_maskz_compress_epi32(some, reinterpret_cast<__m512i>(all + 16 * part * step));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + count), _mm512_cvtepi32_epi16(chosen));
    count += __builtin_popcount(some);
  }
  return count;
}
#else
int list(uint64_t bits, int base, int step, uint16_t* to) {
  int count = 0;
  for (; bits; bits &= bits - 1) to[count++] = static_cast<uint16_t>(base + step * __builtin_ctzll(bits));
  return count;
}
#endif

/// 32 entries of a run are copied without asking, as most have no more.
int32_t joinLists(const JoinTask& task) {
  typedef uint16_t Entries __attribute__((vector_size(SNN_VECTOR_BYTES)));
  constexpr int width = sizeof(Entries) / 2, surely = 32;
  uint16_t* const start = task.entries;
  uint16_t* to = start + task.end;
  for (int64_t p = 0; p < task.pixels; p++) {
    const int32_t* words = task.wordBegin + p * task.originStep;
    task.begin[p] = static_cast<int32_t>(to - start);
    const uint16_t origin = static_cast<uint16_t>(p * task.originStep * gatherWordBytes);
    for (int i = 0; i < task.runs; i++) {
      const int32_t* word = words + task.offsets[i];
      const uint16_t* from = task.listed + word[0];
      const int some = word[task.lengths[i]] - word[0];
      const Entries base = Entries{} + static_cast<uint16_t>(task.bases[i] - origin);
      const auto copy = [&](int at) {
        const Entries moved = loadPart<Entries>(from + at) + base;
        __builtin_memcpy(to + at, &moved, sizeof moved);
      };
#pragma GCC unroll 4
      for (int at = 0; at < surely; at += width) copy(at);
      for (int at = surely; at < some; at += width) copy(at);
      to += some;
    }
    for (int i = 0; i < gatherAtOnce; i++) to[i] = task.filler;
    to = start + ((to - start) + gatherAtOnce - 1) / gatherAtOnce * gatherAtOnce;
  }
  return static_cast<int32_t>(to - start);
}

// Bytes of a row whose sums stay in registers: all, or half where there are 16 registers of 16 bytes.
#if SNN_VECTOR_BYTES == 16 && !defined(__aarch64__)
constexpr int rowBytesTogether = gatherRowBytes / 2;
#else
constexpr int rowBytesTogether = gatherRowBytes;
#endif
constexpr int rowParts = rowBytesTogether / SNN_VECTOR_BYTES;

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

template <class Part>
using RowSums = Part[gatherSums][rowParts];

template <class Part>
SNN_INLINE void clear(RowSums<Part>& sums) {
#pragma GCC unroll 4
  for (int i = 0; i < gatherSums; i++) {
#pragma GCC unroll 8
    for (int k = 0; k < rowParts; k++) sums[i][k] = Part{};
  }
}

/// Rows that follow each other go to sums of their own, so that no addition waits for another.
template <class Part>
SNN_INLINE void addRows(RowSums<Part>& sums, const uint16_t* entries, const char* weights) {
  const uint64_t next = loadPart<uint64_t>(entries);
  const uint64_t rows[gatherAtOnce] = {next & 0xffff, next >> 16 & 0xffff, next >> 32 & 0xffff, next >> 48};
#pragma GCC unroll 4
  for (int i = 0; i < gatherAtOnce; i++) {
#pragma GCC unroll 8
    for (int k = 0; k < rowParts; k++) {
      sums[i % gatherSums][k] += loadPart<Part>(weights + rows[i] + k * SNN_VECTOR_BYTES);
      pin(sums[i % gatherSums][k]);
    }
  }
}

template <bool fresh, class Part, class Sum>
SNN_INLINE void addTo(Sum* to, Part sum, Sum multiplier) {
  if (multiplier != 1) sum *= spread(multiplier);
  if constexpr (!fresh) sum += loadPart<Part>(to);
  __builtin_memcpy(to, &sum, sizeof sum);
}

/// Sums of `rowBytesTogether` bytes of the rows of some entries.
template <bool fresh>
SNN_INLINE void addEntries(int32_t* to, const uint16_t* entries, int count, const char* weights, int32_t multiplier) {
  constexpr int surely = gatherFlush * gatherSums;
  IntPart wide[2 * rowParts];
#pragma GCC unroll 16
  for (int k = 0; k < 2 * rowParts; k++) wide[k] = IntPart{};
  const auto add = [&](int some) __attribute__((always_inline)) {
    RowSums<ShortPart> sums;
    clear(sums);
    for (int i = 0; i < some; i += gatherAtOnce) addRows(sums, entries + i, weights);
#pragma GCC unroll 4
    for (int i = 0; i < gatherSums; i++) {
#pragma GCC unroll 8
      for (int k = 0; k < rowParts; k++) addWidened(sums[i][k], wide[2 * k], wide[2 * k + 1]);
    }
  };
  for (; count > surely; count -= surely, entries += surely) add(surely);
  add(count);
#pragma GCC unroll 16
  for (int k = 0; k < 2 * rowParts; k++) addTo<fresh>(to + k * (SNN_VECTOR_BYTES / 4), wide[k], multiplier);
}

template <bool fresh>
SNN_INLINE void addEntries(float* to, const uint16_t* entries, int count, const char* weights, float multiplier) {
  RowSums<FloatPart> sums;
  clear(sums);
  for (int i = 0; i < count; i += gatherAtOnce) addRows(sums, entries + i, weights);
#pragma GCC unroll 8
  for (int k = 0; k < rowParts; k++) addTo<fresh>(to + k * (SNN_VECTOR_BYTES / 4), sums[0][k] + sums[1][k], multiplier);
}

template <class Weight, bool fresh, class Sum>
void addPixels(Sum* sums, const GatherTask& task) {
  constexpr int outputs = gatherOutputs<Weight>;
  const Sum multiplier = static_cast<Sum>(task.multiplier);
  for (int64_t p = 0; p < task.pixels; p++, sums += outputs) {
    const int count = task.begin[p + 1] - task.begin[p];
    if (!fresh && count == 0) continue;
    for (int from = 0; from < gatherRowBytes; from += rowBytesTogether) {
      Sum* to = sums + from / static_cast<int>(sizeof(Weight));
      addEntries<fresh>(to, task.entries + task.begin[p], count, static_cast<const char*>(task.weights) + from, multiplier);
    }
  }
}

void addIntegers(int32_t* sums, const GatherTask& task) {
  task.fresh ? addPixels<int16_t, true>(sums, task) : addPixels<int16_t, false>(sums, task);
}

void addFloats(float* sums, const GatherTask& task) {
  task.fresh ? addPixels<float, true>(sums, task) : addPixels<float, false>(sums, task);
}

inline Floats floatsOf(const int32_t* sums) { return Floats::fromIntegers(sums); }
inline Floats floatsOf(const float* sums) { return Floats::load(sums); }

template <class Weight, class Sum>
void scaleSums(const Sum* sums, const GatherCurrents& to) {
  constexpr int outputs = gatherOutputs<Weight>;
  const bool whole = to.channels == outputs && streams(to.currents, to.step, lanes);
  for (int64_t p = 0; p < to.pixels; p++, sums += outputs) {
    float* currents = to.currents + p * to.step;
    for (int o = 0; o < to.channels; o += lanes) {
      const Floats scaled = floatsOf(sums + o) * Floats::load(to.scale + o);
      whole ? stream(scaled, currents + o) : scaled.storeSome(currents + o, to.channels - o);
    }
  }
  if (whole) finishStreams();
}

template <class Weight, class Sum>
void lifSums(const Sum* sums, const GatherLif& lif) {
  constexpr int outputs = gatherOutputs<Weight>;
  withReset(resetOf(lif.hardReset, 0.0f), [&](auto constant) {
    for (int o = 0; o < outputs; o += lanes) {
      const Neurons neurons = neuronsOf(lif.leak, Floats::load(lif.threshold + o));
      const Floats scale = Floats::load(lif.scale + o), shift = Floats::load(lif.shift + o);
      for (int64_t p = 0; p < lif.pixels; p++) {
        float* membrane = lif.membrane + p * outputs + o;
        const Floats y = floatsOf(sums + p * outputs + o) * scale + shift;
        Floats v = Floats::load(membrane);
        const uint16_t spikes = fire<decltype(constant)::reset>(neurons, charge(neurons, v, y), v).bits();
        __builtin_memcpy(lif.bits + p * lif.bitsStep + o / 8, &spikes, sizeof spikes);
        v.store(membrane);
      }
    }
  });
}

}  // namespace
}  // namespace snnseg::sparse
