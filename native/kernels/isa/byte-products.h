// Products of bytes, four a lane: sum[lane] += sum of x[j] * w[4 lane + j] over j < 4. Lines are 0 to 9, or signed; there is no
// -128.
#pragma once

#include "vectors.h"

namespace snnseg::sparse {
namespace {

#if SNN_VECTOR_BYTES == 64 && !defined(__AVX512VNNI__)
SNN_INLINE IntPart pairSums(IntPart x, IntPart w) {
  return reinterpret_cast<IntPart>(_mm512_maddubs_epi16(reinterpret_cast<__m512i>(x), reinterpret_cast<__m512i>(w)));
}
SNN_INLINE IntPart addSixteens(IntPart a, IntPart b) {
  return reinterpret_cast<IntPart>(_mm512_add_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
SNN_INLINE IntPart widened(IntPart sixteens) {
  return reinterpret_cast<IntPart>(_mm512_madd_epi16(reinterpret_cast<__m512i>(sixteens), _mm512_set1_epi16(1)));
}
/// w where x >= 0, else -w.
SNN_INLINE IntPart withSign(IntPart w, IntPart x) {
  const __m512i wide = reinterpret_cast<__m512i>(w);
  return reinterpret_cast<IntPart>(_mm512_mask_sub_epi8(wide, _mm512_movepi8_mask(reinterpret_cast<__m512i>(x)), _mm512_setzero_si512(), wide));
}
SNN_INLINE IntPart magnitude(IntPart x) { return reinterpret_cast<IntPart>(_mm512_abs_epi8(reinterpret_cast<__m512i>(x))); }
#elif SNN_VECTOR_BYTES == 32 && !defined(__AVXVNNI__)
SNN_INLINE IntPart pairSums(IntPart x, IntPart w) {
  return reinterpret_cast<IntPart>(_mm256_maddubs_epi16(reinterpret_cast<__m256i>(x), reinterpret_cast<__m256i>(w)));
}
SNN_INLINE IntPart addSixteens(IntPart a, IntPart b) {
  return reinterpret_cast<IntPart>(_mm256_add_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
SNN_INLINE IntPart widened(IntPart sixteens) {
  return reinterpret_cast<IntPart>(_mm256_madd_epi16(reinterpret_cast<__m256i>(sixteens), _mm256_set1_epi16(1)));
}
SNN_INLINE IntPart withSign(IntPart w, IntPart x) {
  return reinterpret_cast<IntPart>(_mm256_sign_epi8(reinterpret_cast<__m256i>(w), reinterpret_cast<__m256i>(x)));
}
SNN_INLINE IntPart magnitude(IntPart x) { return reinterpret_cast<IntPart>(_mm256_abs_epi8(reinterpret_cast<__m256i>(x))); }
#elif SNN_VECTOR_BYTES == 16
/// sum + products of four bytes each, one by one.
template <bool isSigned>
SNN_INLINE IntPart addEach(IntPart sum, int32_t x, IntPart w) {
#if defined(__SSE2__)
  // Bytes 0 and 2, then 1 and 3, as pairs of 16 bits.
  const __m128i lines = _mm_set1_epi32(x), weights = reinterpret_cast<__m128i>(w);
  const __m128i xEven = isSigned ? _mm_srai_epi16(_mm_slli_epi16(lines, 8), 8) : _mm_and_si128(lines, _mm_set1_epi16(0xff));
  const __m128i xOdd = isSigned ? _mm_srai_epi16(lines, 8) : _mm_srli_epi16(lines, 8);
  const __m128i even = _mm_madd_epi16(xEven, _mm_srai_epi16(_mm_slli_epi16(weights, 8), 8));
  const __m128i odd = _mm_madd_epi16(xOdd, _mm_srai_epi16(weights, 8));
  return sum + reinterpret_cast<IntPart>(_mm_add_epi32(even, odd));
#else
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    const int32_t byte = x >> (8 * j), value = isSigned ? static_cast<int8_t>(byte) : static_cast<uint8_t>(byte);
    sum += (w << (24 - 8 * j) >> 24) * value;
  }
  return sum;
#endif
}
#endif

#if (SNN_VECTOR_BYTES == 64 && defined(__AVX512VNNI__)) || (SNN_VECTOR_BYTES == 32 && defined(__AVXVNNI__))
#define SNN_BYTE_DOTS 1
/// sum + products of four unsigned by four signed bytes.
SNN_INLINE IntPart dotProducts(IntPart sum, IntPart x, IntPart w) {
#if SNN_VECTOR_BYTES == 64
  return reinterpret_cast<IntPart>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(x), reinterpret_cast<__m512i>(w)));
#else
  return reinterpret_cast<IntPart>(_mm256_dpbusd_avx_epi32(reinterpret_cast<__m256i>(sum), reinterpret_cast<__m256i>(x), reinterpret_cast<__m256i>(w)));
#endif
}
#else
#define SNN_BYTE_DOTS 0
#endif

/// What is accumulated: sums in 32 bits, or those of two products in 16 bits, which are to be widened after `exact` additions.
template <bool isSigned>
struct ByteProducts {
  using Sum = IntPart;
  static constexpr int words = 16;  // of a line
  static constexpr bool waits = false;
#if SNN_BYTE_DOTS
  static constexpr int exact = 0;
  /// Signed lines are shifted to 1..255: 128 times the sums of the weights must be taken off.
  static constexpr bool isShifted = isSigned;
  static SNN_INLINE IntPart add(IntPart sum, int32_t x, IntPart w) {
    if (isSigned) x ^= static_cast<int32_t>(0x80808080u);
    return dotProducts(sum, spread(x), w);
  }
  static SNN_INLINE IntPart shift(IntPart excess, IntPart w) { return dotProducts(excess, spread(static_cast<int32_t>(0x80808080u)), w); }
  static SNN_INLINE IntPart widen(IntPart sum) { return sum; }
#elif SNN_VECTOR_BYTES >= 32
  static constexpr int exact = isSigned ? 1 : 8;  // 2 * 127 * 127 and 8 * 2 * 9 * 127 are below 2^15
  static constexpr bool isShifted = false;
  static SNN_INLINE IntPart add(IntPart sum, int32_t x, IntPart w) {
    const IntPart line = spread(x);
    return addSixteens(sum, isSigned ? pairSums(magnitude(line), withSign(w, line)) : pairSums(line, w));
  }
  static SNN_INLINE IntPart widen(IntPart sum) { return widened(sum); }
#else
  static constexpr int exact = 0;
  static constexpr bool isShifted = false;
  static SNN_INLINE IntPart add(IntPart sum, int32_t x, IntPart w) { return addEach<isSigned>(sum, x, w); }
  static SNN_INLINE IntPart widen(IntPart sum) { return sum; }
#endif
};

}  // namespace
}  // namespace snnseg::sparse
