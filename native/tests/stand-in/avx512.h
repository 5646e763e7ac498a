// AVX-512 F, BW, DQ and VBMI2: moves, integers, floats, masks.
#pragma once

#include "lanes.h"

// --- Memory ---------------------------------------------------------------------------------------------------------

inline __m256i _mm256_loadu_si256(const __m256i* from) { return standIn::load<__m256i>(from); }
inline void _mm256_storeu_si256(__m256i* to, __m256i a) { standIn::store(to, a); }
inline __m512i _mm512_loadu_si512(const void* from) { return standIn::load<__m512i>(from); }
inline void _mm512_storeu_si512(void* to, __m512i a) { standIn::store(to, a); }
inline __m512 _mm512_loadu_ps(const void* from) { return standIn::load<__m512>(from); }
inline __m512i _mm512_load_si512(const void* from) {
  standIn::mustBeAligned(from);
  return standIn::load<__m512i>(from);
}
inline void _mm512_store_si512(void* to, __m512i a) {
  standIn::mustBeAligned(to);
  standIn::store(to, a);
}
inline void _mm512_stream_si512(__m512i* to, __m512i a) { _mm512_store_si512(to, a); }
inline void _mm512_stream_ps(float* to, __m512 a) {
  standIn::mustBeAligned(to);
  standIn::store(to, a);
}

// --- Constants ------------------------------------------------------------------------------------------------------

inline __m512i _mm512_setzero_si512() { return __m512i{}; }
inline __m512i _mm512_set1_epi8(char a) { return standIn::each<char>([a](int) { return a; }); }
inline __m512i _mm512_set1_epi16(short a) { return standIn::each<int16_t>([a](int) { return a; }); }
inline __m512i _mm512_set1_epi32(int a) { return standIn::each<int32_t>([a](int) { return a; }); }
inline __m512 _mm512_set1_ps(float a) { return standIn::each<float, __m512>([a](int) { return a; }); }

/// The first argument is the last lane.
template <class... Values>
inline __m512i _mm512_set_epi8(Values... values) {
  static_assert(sizeof...(values) == 64);
  const char reversed[] = {static_cast<char>(values)...};
  return standIn::each<char>([&](int i) { return reversed[63 - i]; });
}
template <class... Values>
inline __m512i _mm512_set_epi32(Values... values) {
  static_assert(sizeof...(values) == 16);
  const int reversed[] = {values...};
  return standIn::each<int32_t>([&](int i) { return reversed[15 - i]; });
}

// --- Integers -------------------------------------------------------------------------------------------------------

inline __m512i _mm512_add_epi16(__m512i a, __m512i b) {
  const auto x = standIn::lanes<uint16_t>(a), y = standIn::lanes<uint16_t>(b);
  return standIn::each<uint16_t>([&](int i) { return x[i] + y[i]; });
}
inline __m512i _mm512_add_epi32(__m512i a, __m512i b) {
  const auto x = standIn::lanes<uint32_t>(a), y = standIn::lanes<uint32_t>(b);
  return standIn::each<uint32_t>([&](int i) { return x[i] + y[i]; });
}
inline __m512i _mm512_sub_epi32(__m512i a, __m512i b) {
  const auto x = standIn::lanes<uint32_t>(a), y = standIn::lanes<uint32_t>(b);
  return standIn::each<uint32_t>([&](int i) { return x[i] - y[i]; });
}
/// -128 stays.
inline __m512i _mm512_abs_epi8(__m512i a) {
  const auto x = standIn::lanes<int8_t>(a);
  return standIn::each<uint8_t>([&](int i) { return x[i] < 0 ? -x[i] : x[i]; });
}
/// Unsigned by signed bytes, neighbours added with saturation.
inline __m512i _mm512_maddubs_epi16(__m512i a, __m512i b) {
  const auto x = standIn::lanes<uint8_t>(a);
  const auto y = standIn::lanes<int8_t>(b);
  return standIn::each<int16_t>([&](int i) {
    const int sum = x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1];
    return sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum;
  });
}
inline __m512i _mm512_madd_epi16(__m512i a, __m512i b) {
  const auto x = standIn::lanes<int16_t>(a), y = standIn::lanes<int16_t>(b);
  return standIn::each<uint32_t>([&](int i) {
    return static_cast<uint32_t>(x[2 * i] * y[2 * i]) + static_cast<uint32_t>(x[2 * i + 1] * y[2 * i + 1]);
  });
}
inline __m512i _mm512_cvtepu8_epi16(__m256i a) {
  const auto x = standIn::lanes<uint8_t>(a);
  return standIn::each<uint16_t>([&](int i) { return x[i]; });
}
inline __m512i _mm512_cvtepi16_epi32(__m256i a) {
  const auto x = standIn::lanes<int16_t>(a);
  return standIn::each<uint32_t>([&](int i) { return static_cast<uint32_t>(x[i]); });
}
inline __m256i _mm512_cvtepi32_epi16(__m512i a) {
  const auto x = standIn::lanes<uint32_t>(a);
  return standIn::each<uint16_t, __m256i>([&](int i) { return x[i]; });
}
inline __m128i _mm512_cvtepi32_epi8(__m512i a) {
  const auto x = standIn::lanes<uint32_t>(a);
  return standIn::each<uint8_t, __m128i>([&](int i) { return x[i]; });
}

// --- Lanes that move ------------------------------------------------------------------------------------------------

inline __m256i _mm512_castsi512_si256(__m512i a) { return standIn::load<__m256i>(&a); }
inline __m256i _mm512_extracti64x4_epi64(__m512i a, int half) {
  const auto x = standIn::lanes<uint64_t>(a);
  return standIn::each<uint64_t, __m256i>([&](int i) { return x[4 * (half & 1) + i]; });
}
inline __m512i _mm512_set_epi64(long long h, long long g, long long f, long long e, long long d, long long c, long long b, long long a) {
  return __m512i{a, b, c, d, e, f, g, h};
}
inline __m512i _mm512_permutexvar_epi64(__m512i index, __m512i a) {
  const auto x = standIn::lanes<uint64_t>(a), at = standIn::lanes<uint64_t>(index);
  return standIn::each<uint64_t>([&](int i) { return x[static_cast<int>(at[i] & 7)]; });
}
inline __m512i _mm512_permutexvar_epi16(__m512i index, __m512i a) {
  const auto at = standIn::lanes<uint16_t>(index), x = standIn::lanes<uint16_t>(a);
  return standIn::each<uint16_t>([&](int i) { return x[at[i] & 31]; });
}
inline __m512i _mm512_permutex2var_epi16(__m512i a, __m512i index, __m512i b) {
  const auto at = standIn::lanes<uint16_t>(index), x = standIn::lanes<uint16_t>(a), y = standIn::lanes<uint16_t>(b);
  return standIn::each<uint16_t>([&](int i) { return at[i] & 32 ? y[at[i] & 31] : x[at[i] & 31]; });
}
inline __m512i _mm512_permutex2var_epi32(__m512i a, __m512i index, __m512i b) {
  const auto at = standIn::lanes<uint32_t>(index), x = standIn::lanes<uint32_t>(a), y = standIn::lanes<uint32_t>(b);
  return standIn::each<uint32_t>([&](int i) { return at[i] & 16 ? y[at[i] & 15] : x[at[i] & 15]; });
}
/// Two quarters of `a`, then two of `b`.
inline __m512i _mm512_shuffle_i32x4(__m512i a, __m512i b, int which) {
  const auto x = standIn::lanes<uint32_t>(a), y = standIn::lanes<uint32_t>(b);
  return standIn::each<uint32_t>([&](int i) {
    const int from = 4 * (which >> (2 * (i / 4)) & 3) + i % 4;
    return i < 8 ? x[from] : y[from];
  });
}

namespace standIn {

/// Lanes of the lower or upper half of each 16 bytes, of `a` and `b` by turns.
template <class Lane>
inline __m512i unpack(__m512i a, __m512i b, bool upper) {
  constexpr int quarter = 16 / sizeof(Lane);
  const auto x = lanes<Lane>(a), y = lanes<Lane>(b);
  return each<Lane>([&](int i) {
    const int from = i / quarter * quarter + (upper ? quarter / 2 : 0) + i % quarter / 2;
    return i % 2 ? y[from] : x[from];
  });
}

/// Chosen lanes side by side, then zeros.
template <class Lane>
inline __m512i compress(uint64_t mask, __m512i a) {
  const auto x = lanes<Lane>(a);
  Lanes<Lane, 64> result{};
  int count = 0;
  for (int i = 0; i < static_cast<int>(64 / sizeof(Lane)); i++) {
    if (has(mask, i)) result.at[count++] = x[i];
  }
  return load<__m512i>(&result);
}

}  // namespace standIn

inline __m512i _mm512_unpacklo_epi16(__m512i a, __m512i b) { return standIn::unpack<uint16_t>(a, b, false); }
inline __m512i _mm512_unpackhi_epi16(__m512i a, __m512i b) { return standIn::unpack<uint16_t>(a, b, true); }
inline __m512i _mm512_unpacklo_epi32(__m512i a, __m512i b) { return standIn::unpack<uint32_t>(a, b, false); }
inline __m512i _mm512_unpackhi_epi32(__m512i a, __m512i b) { return standIn::unpack<uint32_t>(a, b, true); }
inline __m512i _mm512_unpacklo_epi64(__m512i a, __m512i b) { return standIn::unpack<uint64_t>(a, b, false); }
inline __m512i _mm512_unpackhi_epi64(__m512i a, __m512i b) { return standIn::unpack<uint64_t>(a, b, true); }
inline __m512i _mm512_maskz_compress_epi32(__mmask16 mask, __m512i a) { return standIn::compress<uint32_t>(mask, a); }
inline __m512i _mm512_maskz_compress_epi8(__mmask64 mask, __m512i a) { return standIn::compress<uint8_t>(mask, a); }

// --- Masks ----------------------------------------------------------------------------------------------------------

inline __mmask64 _mm512_movepi8_mask(__m512i a) {
  const auto x = standIn::lanes<int8_t>(a);
  __mmask64 mask = 0;
  for (int i = 0; i < 64; i++) mask |= static_cast<__mmask64>(x[i] < 0) << i;
  return mask;
}
inline __m512i _mm512_maskz_mov_epi8(__mmask64 mask, __m512i a) {
  const auto x = standIn::lanes<uint8_t>(a);
  return standIn::each<uint8_t>([&](int i) { return standIn::has(mask, i) ? x[i] : 0; });
}
inline __m512i _mm512_maskz_mov_epi16(__mmask32 mask, __m512i a) {
  const auto x = standIn::lanes<uint16_t>(a);
  return standIn::each<uint16_t>([&](int i) { return standIn::has(mask, i) ? x[i] : 0; });
}
inline __m512 _mm512_mask_mov_ps(__m512 otherwise, __mmask16 mask, __m512 a) {
  const auto x = standIn::lanes<uint32_t>(a), y = standIn::lanes<uint32_t>(otherwise);
  return standIn::each<uint32_t, __m512>([&](int i) { return standIn::has(mask, i) ? x[i] : y[i]; });
}
inline __m512i _mm512_mask_add_epi8(__m512i otherwise, __mmask64 mask, __m512i a, __m512i b) {
  const auto o = standIn::lanes<uint8_t>(otherwise), x = standIn::lanes<uint8_t>(a), y = standIn::lanes<uint8_t>(b);
  return standIn::each<uint8_t>([&](int i) { return standIn::has(mask, i) ? x[i] + y[i] : o[i]; });
}
inline __m512i _mm512_mask_sub_epi8(__m512i otherwise, __mmask64 mask, __m512i a, __m512i b) {
  const auto o = standIn::lanes<uint8_t>(otherwise), x = standIn::lanes<uint8_t>(a), y = standIn::lanes<uint8_t>(b);
  return standIn::each<uint8_t>([&](int i) { return standIn::has(mask, i) ? x[i] - y[i] : o[i]; });
}

// --- Floats ---------------------------------------------------------------------------------------------------------

constexpr int _CMP_EQ_OQ = 0x00, _CMP_LE_OQ = 0x12, _CMP_GT_OQ = 0x1e;

/// False where a lane is NaN.
inline __mmask16 _mm512_cmp_ps_mask(__m512 a, __m512 b, int predicate) {
  const auto x = standIn::lanes<float>(a), y = standIn::lanes<float>(b);
  __mmask16 mask = 0;
  for (int i = 0; i < 16; i++) {
    const bool holds = predicate == _CMP_EQ_OQ ? x[i] == y[i] : predicate == _CMP_LE_OQ ? x[i] <= y[i] : x[i] > y[i];
    mask = static_cast<__mmask16>(mask | holds << i);
  }
  return mask;
}
inline __m512 _mm512_abs_ps(__m512 a) {
  const auto x = standIn::lanes<uint32_t>(a);
  return standIn::each<uint32_t, __m512>([&](int i) { return x[i] & 0x7fffffff; });
}
/// Rounded once.
inline __m512 _mm512_fmadd_ps(__m512 a, __m512 b, __m512 c) {
  const auto x = standIn::lanes<float>(a), y = standIn::lanes<float>(b), z = standIn::lanes<float>(c);
  return standIn::each<float, __m512>([&](int i) { return __builtin_fmaf(x[i], y[i], z[i]); });
}
/// Towards zero; what does not fit, and NaN, becomes the lowest integer.
inline __m512i _mm512_cvttps_epi32(__m512 a) {
  const auto x = standIn::lanes<float>(a);
  return standIn::each<int32_t>([&](int i) { return x[i] >= -2147483648.0f && x[i] < 2147483648.0f ? static_cast<int32_t>(x[i]) : INT32_MIN; });
}
inline __m512 _mm512_cvtepi32_ps(__m512i a) {
  const auto x = standIn::lanes<int32_t>(a);
  return standIn::each<float, __m512>([&](int i) { return static_cast<float>(x[i]); });
}
