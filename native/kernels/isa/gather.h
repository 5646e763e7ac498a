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

/// Where the rows of the next entries begin, in bytes.
SNN_INLINE void nextRows(const uint16_t* entries, uint64_t (&rows)[gatherAtOnce]) {
  const uint64_t next = loadPart<uint64_t>(entries);
#pragma GCC unroll 4
  for (int i = 0; i < gatherAtOnce; i++) rows[i] = next >> (16 * i) & 0xffff;
}

template <bool fresh, class Part, class Sum>
SNN_INLINE void addTo(Sum* to, Part sum, Sum multiplier) {
  if (multiplier != 1) sum *= spread(multiplier);
  if constexpr (!fresh) sum += loadPart<Part>(to);
  __builtin_memcpy(to, &sum, sizeof sum);
}

/// even and odd += every second 16-bit lane.
SNN_INLINE void addTurns(ShortPart lanes, IntPart& even, IntPart& odd) {
#if SNN_VECTOR_BYTES == 64
  const __m512i all = reinterpret_cast<__m512i>(lanes);
  even += reinterpret_cast<IntPart>(_mm512_madd_epi16(all, _mm512_set1_epi32(1)));
  odd += reinterpret_cast<IntPart>(_mm512_madd_epi16(all, _mm512_set1_epi32(1 << 16)));
#elif SNN_VECTOR_BYTES == 32
  const __m256i all = reinterpret_cast<__m256i>(lanes);
  even += reinterpret_cast<IntPart>(_mm256_madd_epi16(all, _mm256_set1_epi32(1)));
  odd += reinterpret_cast<IntPart>(_mm256_madd_epi16(all, _mm256_set1_epi32(1 << 16)));
#else
  const IntPart all = reinterpret_cast<IntPart>(lanes);
  even += all << 16 >> 16;
  odd += all >> 16;
#endif
}

/// The lanes of both in turn, in the order of their outputs.
SNN_INLINE void zip(IntPart& even, IntPart& odd) {
#if SNN_VECTOR_BYTES == 64
  const __m512i a = reinterpret_cast<__m512i>(even), b = reinterpret_cast<__m512i>(odd);
  const __m512i first = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  even = reinterpret_cast<IntPart>(_mm512_permutex2var_epi32(a, first, b));
  odd = reinterpret_cast<IntPart>(_mm512_permutex2var_epi32(a, _mm512_add_epi32(first, _mm512_set1_epi32(8)), b));
#elif SNN_VECTOR_BYTES == 32
  const __m256i a = reinterpret_cast<__m256i>(even), b = reinterpret_cast<__m256i>(odd);
  const __m256i low = _mm256_unpacklo_epi32(a, b), high = _mm256_unpackhi_epi32(a, b);
  even = reinterpret_cast<IntPart>(_mm256_permute2x128_si256(low, high, 0x20));
  odd = reinterpret_cast<IntPart>(_mm256_permute2x128_si256(low, high, 0x31));
#else
  const IntPart a = even, b = odd;
  even = IntPart{a[0], b[0], a[1], b[1]};
  odd = IntPart{a[2], b[2], a[3], b[3]};
#endif
}

/// Sums of `rowBytesTogether` bytes of the rows of some entries; those of `together` rows fit 16 bits.
template <int together, bool fresh>
SNN_INLINE void addEntries(int32_t* to, const uint16_t* entries, int count, const char* weights, int32_t multiplier) {
  IntPart even[rowParts], odd[rowParts];
#pragma GCC unroll 8
  for (int k = 0; k < rowParts; k++) even[k] = odd[k] = IntPart{};
  for (int i = 0; i < count; i += gatherAtOnce) {
    uint64_t rows[gatherAtOnce];
    nextRows(entries + i, rows);
#pragma GCC unroll 8
    for (int k = 0; k < rowParts; k++) {
      const char* part = weights + k * SNN_VECTOR_BYTES;
      const ShortPart first = loadPart<ShortPart>(part + rows[0]) + loadPart<ShortPart>(part + rows[1]);
      const ShortPart second = loadPart<ShortPart>(part + rows[2]) + loadPart<ShortPart>(part + rows[3]);
      if constexpr (together == gatherAtOnce) {
        addTurns(first + second, even[k], odd[k]);
      } else {
        addTurns(first, even[k], odd[k]);
        addTurns(second, even[k], odd[k]);
      }
      pin(even[k]);
      pin(odd[k]);
    }
  }
#pragma GCC unroll 8
  for (int k = 0; k < rowParts; k++) {
    zip(even[k], odd[k]);
    addTo<fresh>(to + 2 * k * (SNN_VECTOR_BYTES / 4), even[k], multiplier);
    addTo<fresh>(to + (2 * k + 1) * (SNN_VECTOR_BYTES / 4), odd[k], multiplier);
  }
}

template <int, bool fresh>
SNN_INLINE void addEntries(float* to, const uint16_t* entries, int count, const char* weights, float multiplier) {
  // Rows that follow each other go to sums of their own, so that no addition waits for another.
  FloatPart sums[2][rowParts];
#pragma GCC unroll 8
  for (int k = 0; k < rowParts; k++) sums[0][k] = sums[1][k] = FloatPart{};
  for (int i = 0; i < count; i += gatherAtOnce) {
    uint64_t rows[gatherAtOnce];
    nextRows(entries + i, rows);
#pragma GCC unroll 4
    for (int each = 0; each < gatherAtOnce; each++) {
#pragma GCC unroll 8
      for (int k = 0; k < rowParts; k++) {
        sums[each % 2][k] += loadPart<FloatPart>(weights + rows[each] + k * SNN_VECTOR_BYTES);
        pin(sums[each % 2][k]);
      }
    }
  }
#pragma GCC unroll 8
  for (int k = 0; k < rowParts; k++) addTo<fresh>(to + k * (SNN_VECTOR_BYTES / 4), sums[0][k] + sums[1][k], multiplier);
}

template <class Weight, int together, bool fresh, class Sum>
void addPixels(Sum* sums, const GatherTask& task) {
  constexpr int outputs = gatherOutputs<Weight>;
  const Sum multiplier = static_cast<Sum>(task.multiplier);
  for (int64_t p = 0; p < task.pixels; p++, sums += outputs) {
    const int count = task.begin[p + 1] - task.begin[p];
    if (!fresh && count == 0) continue;
    for (int from = 0; from < gatherRowBytes; from += rowBytesTogether) {
      Sum* to = sums + from / static_cast<int>(sizeof(Weight));
      addEntries<together, fresh>(to, task.entries + task.begin[p], count, static_cast<const char*>(task.weights) + from, multiplier);
    }
  }
}

template <class Weight, int together, class Sum>
void addRows(Sum* sums, const GatherTask& task) {
  task.fresh ? addPixels<Weight, together, true>(sums, task) : addPixels<Weight, together, false>(sums, task);
}

void addFloats(float* sums, const GatherTask& task) { addRows<float, 1>(sums, task); }
void addIntegers14(int32_t* sums, const GatherTask& task) { addRows<int16_t, 4>(sums, task); }
void addIntegers15(int32_t* sums, const GatherTask& task) { addRows<int16_t, 2>(sums, task); }

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
