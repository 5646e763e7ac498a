// AVX-VNNI's dot product on processors that have AVX2 only, as Intel's manual defines it.
#pragma once

#include <immintrin.h>

#include <cstdint>

inline __m256i dotOfBytes(__m256i sum, __m256i a, __m256i b) {
  int32_t sums[8];
  uint8_t left[32];
  int8_t right[32];
  __builtin_memcpy(sums, &sum, sizeof sums);
  __builtin_memcpy(left, &a, sizeof left);
  __builtin_memcpy(right, &b, sizeof right);
  for (int i = 0; i < 32; i++) sums[i / 4] += left[i] * right[i];
  __builtin_memcpy(&sum, sums, sizeof sums);
  return sum;
}

#define _mm256_dpbusd_avx_epi32 dotOfBytes
