// AVX-512 VNNI and BF16.
#pragma once

#include "bfloat16.h"
#include "lanes.h"

/// VPDPBUSD: sum + products of four unsigned bytes of `a` by signed bytes of `b`; wraps.
inline __m512i _mm512_dpbusd_epi32(__m512i sum, __m512i a, __m512i b) {
  const auto total = standIn::lanes<uint32_t>(sum);
  const auto x = standIn::lanes<uint8_t>(a);
  const auto y = standIn::lanes<int8_t>(b);
  return standIn::each<uint32_t>([&](int i) {
    int products = 0;
    for (int j = 4 * i; j < 4 * i + 4; j++) products += x[j] * y[j];
    return total[i] + static_cast<uint32_t>(products);
  });
}

/// VDPBF16PS: the odd elements first, each product added with one rounding.
inline __m512 _mm512_dpbf16_ps(__m512 sum, __m512bh a, __m512bh b) {
  const auto total = standIn::lanes<float>(sum);
  const auto x = standIn::lanes<uint16_t>(a), y = standIn::lanes<uint16_t>(b);
  return standIn::each<float, __m512>([&](int i) {
    const float odd = standIn::multiplyAdd(total[i], x[2 * i + 1], y[2 * i + 1]);
    return standIn::multiplyAdd(odd, x[2 * i], y[2 * i]);
  });
}

/// VCVTNEPS2BF16.
inline __m256bh _mm512_cvtneps_pbh(__m512 a) {
  const auto x = standIn::lanes<float>(a);
  return standIn::each<uint16_t, __m256bh>([&](int i) { return standIn::rounded(x[i]); });
}
