// Sums of listed rows, 64 gradients each: as float32, or as bfloat16 where the processor adds two rows' in one instruction.
#pragma once

#include "half-lines.h"
#include "kernels/kernels.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

constexpr int listedRowBytes = listedOutputs * halfBytes;
int bytesOfListedRow() { return listedRowBytes; }

#if SNN_HALF_PAIRS

constexpr int listedParts = 4;  // vectors of sums

/// Every second group of four from the other half, so that rows zipped by lanes of 16 bytes give their outputs in order.
SNN_INLINE __m512i zippable(__m512i row) { return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0), row); }

void layListedRow(const uint16_t* from, int64_t count, uint8_t* to) {
  uint16_t some[listedOutputs];
  if (count < listedOutputs) {
    for (int i = 0; i < listedOutputs; i++) some[i] = i < count ? from[i] : uint16_t{0};
    from = some;
  }
  for (int i = 0; i < 2; i++) _mm512_store_si512(to + 64 * i, zippable(_mm512_loadu_si512(from + 32 * i)));
}

/// sum += a + b of each output.
SNN_INLINE void addTwoRows(FloatPart (&sum)[listedParts], const __m512i (&a)[2], const __m512i (&b)[2]) {
  const __m512bh ones = reinterpret_cast<__m512bh>(spread(0x3f803f80));
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    sum[2 * i] = _mm512_dpbf16_ps(sum[2 * i], reinterpret_cast<__m512bh>(_mm512_unpacklo_epi16(a[i], b[i])), ones);
    sum[2 * i + 1] = _mm512_dpbf16_ps(sum[2 * i + 1], reinterpret_cast<__m512bh>(_mm512_unpackhi_epi16(a[i], b[i])), ones);
    pin(sum[2 * i]);
    pin(sum[2 * i + 1]);
  }
}

SNN_INLINE void addTwoRows(FloatPart (&sum)[listedParts], const uint8_t* a, const uint8_t* b) {
  __m512i first[2] = {_mm512_load_si512(a), _mm512_load_si512(a + 64)}, second[2] = {_mm512_load_si512(b), _mm512_load_si512(b + 64)};
  // GCC else loads them again for the second half.
  for (__m512i* row : {first, second}) {
    pin(row[0]);
    pin(row[1]);
  }
  addTwoRows(sum, first, second);
}

void addListedRows(float* sums, const uint8_t* rows, const uint16_t* entries, int64_t count) {
  // Pairs take turns in being added to four sums, as an addition takes six cycles.
  FloatPart total[4][listedParts];
#pragma GCC unroll 4
  for (int k = 0; k < listedParts; k++) {
    total[0][k] = loadPart<FloatPart>(sums + 16 * k);
    total[1][k] = total[2][k] = total[3][k] = FloatPart{};
  }
  const auto row = [&](uint64_t entry) { return rows + (entry & 0xffff) * listedRowBytes; };
  const auto addFour = [&](FloatPart (&a)[listedParts], FloatPart (&b)[listedParts], int64_t i) __attribute__((always_inline)) {
    const uint64_t next = loadPart<uint64_t>(entries + i);
    addTwoRows(a, row(next), row(next >> 16));
    addTwoRows(b, row(next >> 32), row(next >> 48));
  };
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    addFour(total[0], total[1], i);
    addFour(total[2], total[3], i + 4);
  }
  if (i + 4 <= count) {
    addFour(total[0], total[1], i);
    i += 4;
  }
  if (i + 2 <= count) {
    addTwoRows(total[2], row(entries[i]), row(entries[i + 1]));
    i += 2;
  }
  if (i < count) {
    const uint8_t* last = row(entries[i]);
    addTwoRows(total[3], {_mm512_load_si512(last), _mm512_load_si512(last + 64)}, {_mm512_setzero_si512(), _mm512_setzero_si512()});
  }
#pragma GCC unroll 4
  for (int k = 0; k < listedParts; k++) {
    const FloatPart sum = (total[0][k] + total[1][k]) + (total[2][k] + total[3][k]);
    __builtin_memcpy(sums + 16 * k, &sum, sizeof sum);
  }
}

#else

constexpr int listedParts = listedRowBytes / SNN_VECTOR_BYTES;

void layListedRow(const uint16_t* from, int64_t count, uint8_t* to) {
  for (int64_t i = 0; i < listedOutputs; i += lanes) fromHalvesSome(from + i, count - i).store(reinterpret_cast<float*>(to) + i);
}

SNN_INLINE void addRow(FloatPart (&total)[listedParts], const uint8_t* row) {
#pragma GCC unroll 16
  for (int k = 0; k < listedParts; k++) {
    total[k] += loadPart<FloatPart>(row + k * SNN_VECTOR_BYTES);
    pin(total[k]);
  }
}

void addListedRows(float* sums, const uint8_t* rows, const uint16_t* entries, int64_t count) {
  FloatPart total[listedParts];
#pragma GCC unroll 16
  for (int k = 0; k < listedParts; k++) total[k] = loadPart<FloatPart>(sums + k * (SNN_VECTOR_BYTES / 4));
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint64_t next = loadPart<uint64_t>(entries + i);
#pragma GCC unroll 4
    for (int four = 0; four < 4; four++, next >>= 16) addRow(total, rows + (next & 0xffff) * listedRowBytes);
  }
  for (; i < count; i++) addRow(total, rows + entries[i] * listedRowBytes);
#pragma GCC unroll 16
  for (int k = 0; k < listedParts; k++) __builtin_memcpy(sums + k * (SNN_VECTOR_BYTES / 4), &total[k], SNN_VECTOR_BYTES);
}

#endif

}  // namespace
}  // namespace snnseg::sparse
