// Spikes as bits: packing, unpacking and counting of single words.
#pragma once

#include "kernels/kernels.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t blockPixels = 64;

/// Hacker's Delight, 7-3.
void turnBits(uint64_t* words) {
  uint64_t mask = 0xffffffff;
  for (int half = 32; half > 0; half /= 2, mask ^= mask << half) {
    for (int first = 0; first < 64; first += 2 * half) {
      uint64_t *low = words + first, *high = low + half;
      for (int i = 0; i < half; i++) {
        const uint64_t change = (low[i] >> half ^ high[i]) & mask;
        low[i] ^= change << half;
        high[i] ^= change;
      }
    }
  }
}

bool packWords(const float* values, int64_t channels, int64_t pixels, int64_t channelStride, uint64_t* __restrict words) {
  uint64_t bad = 0;
  for (int64_t i = 0; i < blockPixels; i++) words[i] = 0;
  for (int64_t c = 0; c < channels; c++) {
    const float* row = values + c * channelStride;
    for (int64_t i = 0; i < pixels; i++) {
      const uint64_t on = row[i] != 0.0f;
      bad |= on & static_cast<uint64_t>(row[i] != 1.0f);
      words[i] |= on << c;
    }
  }
  return bad == 0;
}

bool packChannels(const float* values, int64_t channels, uint64_t* word) {
  uint64_t bits = 0, bad = 0;
  for (int64_t c = 0; c < channels; c++) {
    const uint64_t on = values[c] != 0.0f;
    bad |= on & static_cast<uint64_t>(values[c] != 1.0f);
    bits |= on << c;
  }
  *word = bits;
  return bad == 0;
}

void unpackWords(const uint64_t* words, int64_t channels, int64_t pixels, int64_t channelStride, float* __restrict values) {
  for (int64_t c = 0; c < channels; c++) {
    float* row = values + c * channelStride;
    for (int64_t i = 0; i < pixels; i++) row[i] = static_cast<float>(static_cast<int32_t>(words[i] >> c & 1));
  }
}

void unpackChannels(uint64_t word, int64_t channels, float* __restrict values) {
  for (int64_t c = 0; c < channels; c++) values[c] = static_cast<float>(static_cast<int32_t>(word >> c & 1));
}

bool packSomeBytes(const float* values, int64_t count, int8_t* bytes) {
  bool exact = true;
  for (int64_t i = 0; i < count; i++) {
    const bool fits = values[i] >= -127.0f && values[i] <= 127.0f;
    bytes[i] = fits ? static_cast<int8_t>(values[i]) : int8_t{0};
    exact &= fits && static_cast<float>(bytes[i]) == values[i];
  }
  return exact;
}

#if SNN_VECTOR_BYTES == 64
bool packBytes(const float* values, int64_t count, int8_t* bytes) {
  const __m512 limit = _mm512_set1_ps(127.0f);
  __mmask16 exact = 0xffff;
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512 value = _mm512_loadu_ps(values + i);
    const __m512i rounded = _mm512_cvttps_epi32(value);
    exact &= _mm512_cmp_ps_mask(_mm512_abs_ps(value), limit, _CMP_LE_OQ) & _mm512_cmp_ps_mask(_mm512_cvtepi32_ps(rounded), value, _CMP_EQ_OQ);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes + i), _mm512_cvtepi32_epi8(rounded));
  }
  return packSomeBytes(values + i, count - i, bytes + i) && exact == 0xffff;
}

void countSteps(const uint64_t* words, int64_t steps, int64_t stride, uint8_t* counts) {
  const __m512i one = _mm512_set1_epi8(1);
  __m512i count = _mm512_setzero_si512();
  for (int64_t t = 0; t < steps; t++) count = _mm512_mask_add_epi8(count, words[t * stride], count, one);
  _mm512_storeu_si512(counts, count);
}
#else
bool packBytes(const float* values, int64_t count, int8_t* bytes) { return packSomeBytes(values, count, bytes); }

void countSteps(const uint64_t* words, int64_t steps, int64_t stride, uint8_t* counts) {
  __builtin_memset(counts, 0, 64);
  for (int64_t t = 0; t < steps; t++) bitsToBytes<true>(words[t * stride], 1, counts);
}
#endif

int64_t countBits(const uint64_t* words, int64_t count) {
  int64_t total = 0;
  for (int64_t i = 0; i < count; i++) total += __builtin_popcountll(words[i]);
  return total;
}

}  // namespace
}  // namespace snnseg::sparse
