// Sixteen floats and what kernels do with them, in vectors of SNN_VECTOR_BYTES (16, 32 or 64), which the including file
// sets. Vectors are the compiler's own, so that one source serves SSE2, AVX2, AVX-512 and NEON. Products and sums are
// rounded each (files are compiled with -ffp-contract=off), so that every level gives the same bits; `multiplyAdd` is for
// sums whose last bit nobody compares.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace snnseg::sparse {
namespace {

constexpr int lanes = 16;
constexpr int parts = 64 / SNN_VECTOR_BYTES;

typedef float FloatPart __attribute__((vector_size(SNN_VECTOR_BYTES)));
typedef int32_t IntPart __attribute__((vector_size(SNN_VECTOR_BYTES)));
typedef uint32_t WordPart __attribute__((vector_size(SNN_VECTOR_BYTES)));

#define SNN_EACH_PART _Pragma("GCC unroll 4") for (int i = 0; i < parts; i++)
// A call would pass vectors through memory.
#define SNN_INLINE inline __attribute__((always_inline))

/// One value in every lane.
SNN_INLINE IntPart spread(int32_t value) { return IntPart{} + value; }
SNN_INLINE FloatPart spread(float value) {
  int32_t bits;  // not FloatPart{} + value, which would be an addition
  __builtin_memcpy(&bits, &value, 4);
  return reinterpret_cast<FloatPart>(spread(bits));
}

/// Keeps a sum in its register here: GCC else computes all products first, and keeps them on the stack.
template <class Part>
SNN_INLINE void pin([[maybe_unused]] Part& sum) {
#if defined(__x86_64__) && (SNN_VECTOR_BYTES < 64 || defined(__AVX512BW__))
  asm volatile("" : "+v"(sum));
#elif defined(__aarch64__)
  asm volatile("" : "+w"(sum));
#endif
}

/// A vector from memory of any alignment, as a value, so that arrays of them stay in registers.
template <class Part>
SNN_INLINE Part loadPart(const void* from) {
  Part r;
  __builtin_memcpy(&r, from, sizeof r);
  return r;
}

inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

struct Floats {
  FloatPart part[parts];

  static SNN_INLINE Floats load(const float* from) {
    Floats r;
    SNN_EACH_PART r.part[i] = loadPart<FloatPart>(from + i * (lanes / parts));
    return r;
  }
  static SNN_INLINE Floats all(float value) {
    Floats r;
    SNN_EACH_PART r.part[i] = spread(value);
    return r;
  }
  /// The first `count` of 16; the rest are `otherwise`.
  static SNN_INLINE Floats loadSome(const float* from, int64_t count, float otherwise = 0.0f) {
    if (count >= lanes) return load(from);
    float some[lanes];
    for (int i = 0; i < lanes; i++) some[i] = i < count ? from[i] : otherwise;
    return load(some);
  }
  static SNN_INLINE Floats fromIntegers(const int32_t* from) {
    Floats r;
    SNN_EACH_PART {
      r.part[i] = __builtin_convertvector(loadPart<IntPart>(from + i * (lanes / parts)), FloatPart);
    }
    return r;
  }
  SNN_INLINE void store(float* to) const {
    SNN_EACH_PART __builtin_memcpy(to + i * (lanes / parts), &part[i], sizeof(FloatPart));
  }
  SNN_INLINE void storeSome(float* to, int64_t count) const {
    if (count >= lanes) return store(to);
    float some[lanes];
    store(some);
    for (int64_t i = 0; i < count; i++) to[i] = some[i];
  }
};

SNN_INLINE Floats operator+(Floats a, const Floats& b) {
  SNN_EACH_PART a.part[i] += b.part[i];
  return a;
}
SNN_INLINE Floats operator-(Floats a, const Floats& b) {
  SNN_EACH_PART a.part[i] -= b.part[i];
  return a;
}
SNN_INLINE Floats operator*(Floats a, const Floats& b) {
  SNN_EACH_PART a.part[i] *= b.part[i];
  return a;
}
SNN_INLINE Floats operator/(Floats a, const Floats& b) {
  SNN_EACH_PART a.part[i] /= b.part[i];
  return a;
}

SNN_INLINE FloatPart multiplyAdd(FloatPart a, FloatPart b, FloatPart c) {
#if defined(__AVX512F__) && SNN_VECTOR_BYTES == 64
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__) && SNN_VECTOR_BYTES == 32
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}
SNN_INLINE Floats multiplyAdd(const Floats& a, const Floats& b, Floats c) {
  SNN_EACH_PART c.part[i] = multiplyAdd(a.part[i], b.part[i], c.part[i]);
  return c;
}

/// One truth a lane.
struct Mask {
#if SNN_VECTOR_BYTES == 64
  __mmask16 lanes;
  SNN_INLINE uint16_t bits() const { return lanes; }
#else
  IntPart part[parts];  // all bits or none

  SNN_INLINE uint16_t bits() const {
    unsigned result = 0;
#if SNN_VECTOR_BYTES == 32
    SNN_EACH_PART result |= static_cast<unsigned>(_mm256_movemask_ps(reinterpret_cast<__m256>(part[i]))) << (8 * i);
#elif defined(__x86_64__)
    SNN_EACH_PART result |= static_cast<unsigned>(_mm_movemask_ps(reinterpret_cast<__m128>(part[i]))) << (4 * i);
#else
    SNN_EACH_PART for (int lane = 0; lane < 4; lane++) result |= static_cast<unsigned>(part[i][lane] & 1) << (4 * i + lane);
#endif
    return static_cast<uint16_t>(result);
  }
#endif
};

/// a > b; false where one is NaN.
SNN_INLINE Mask greater(const Floats& a, const Floats& b) {
  Mask r;
#if SNN_VECTOR_BYTES == 64
  r.lanes = _mm512_cmp_ps_mask(a.part[0], b.part[0], _CMP_GT_OQ);
#else
  SNN_EACH_PART r.part[i] = a.part[i] > b.part[i];
#endif
  return r;
}

/// yes where the mask holds, else no.
SNN_INLINE Floats select(const Mask& mask, const Floats& yes, const Floats& no) {
  Floats r;
#if SNN_VECTOR_BYTES == 64
  r.part[0] = _mm512_mask_mov_ps(no.part[0], mask.lanes, yes.part[0]);
#else
  SNN_EACH_PART {
    const IntPart a = reinterpret_cast<IntPart>(yes.part[i]), b = reinterpret_cast<IntPart>(no.part[i]);
    r.part[i] = reinterpret_cast<FloatPart>((mask.part[i] & a) | (~mask.part[i] & b));
  }
#endif
  return r;
}

SNN_INLINE Floats absolute(Floats a) {
  SNN_EACH_PART a.part[i] = reinterpret_cast<FloatPart>(reinterpret_cast<IntPart>(a.part[i]) & 0x7fffffff);
  return a;
}

/// max(0, a).
SNN_INLINE Floats positive(const Floats& a) { return select(greater(a, Floats::all(0.0f)), a, Floats::all(0.0f)); }

SNN_INLINE float sumOf(const Floats& a) {
  float each[lanes];
  a.store(each);
  for (int width = lanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) each[i] += each[i + width];
  }
  return each[0];
}

/// e^a for a <= 0, relative error below 2e-7; 0 below -87.
SNN_INLINE Floats expOfNegative(const Floats& a) {
  constexpr float log2e = 1.44269504f, ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;
  constexpr float shifter = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  Floats r;
  SNN_EACH_PART {
    const FloatPart x = a.part[i];
    const FloatPart shifted = x * log2e + shifter, k = shifted - shifter;
    const FloatPart rest = (x - k * ln2High) - k * ln2Low;
    FloatPart p = rest * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * rest + 8.3334519073e-3f;
    p = p * rest + 4.1665795894e-2f;
    p = p * rest + 1.6666665459e-1f;
    p = p * rest + 5.0000001201e-1f;
    p = p * rest * rest + rest + 1.0f;
    // Unsigned, as what is dropped below may overflow.
    const WordPart power = (reinterpret_cast<WordPart>(shifted) - reinterpret_cast<WordPart>(spread(shifter))) << 23;
    const WordPart result = reinterpret_cast<WordPart>(p) + power, kept = reinterpret_cast<WordPart>(x > spread(-87.0f));
    r.part[i] = reinterpret_cast<FloatPart>(result & kept);
  }
  return r;
}

/// bfloat16 to float.
SNN_INLINE FloatPart partFromHalves(const uint16_t* from) {
  typedef uint16_t HalfPart __attribute__((vector_size(SNN_VECTOR_BYTES / 2)));
  return reinterpret_cast<FloatPart>(__builtin_convertvector(loadPart<HalfPart>(from), WordPart) << 16);
}
SNN_INLINE Floats fromHalves(const uint16_t* from) {
  Floats r;
  SNN_EACH_PART r.part[i] = partFromHalves(from + i * (lanes / parts));
  return r;
}

/// Float to bfloat16: to nearest, ties to even; NaN stays NaN.
SNN_INLINE void toHalves(const Floats& a, uint16_t* to) {
#if defined(__AVX512BF16__)
  const __m256bh halves = _mm512_cvtneps_pbh(a.part[0]);
  __builtin_memcpy(to, &halves, sizeof halves);
#else
  typedef uint16_t HalfPart __attribute__((vector_size(SNN_VECTOR_BYTES / 2)));
  SNN_EACH_PART {
    const WordPart bits = reinterpret_cast<WordPart>(a.part[i]);
    const WordPart nan = reinterpret_cast<WordPart>(a.part[i] != a.part[i]);
    const WordPart rounded = ((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16) | (nan & 0x40u);
    const HalfPart value = __builtin_convertvector(rounded, HalfPart);
    __builtin_memcpy(to + i * (lanes / parts), &value, sizeof value);
  }
#endif
}

SNN_INLINE Floats fromHalvesSome(const uint16_t* from, int64_t count) {
  if (count >= lanes) return fromHalves(from);
  uint16_t some[lanes];
  for (int i = 0; i < lanes; i++) some[i] = i < count ? from[i] : uint16_t{0};
  return fromHalves(some);
}

SNN_INLINE void toHalvesSome(const Floats& a, uint16_t* to, int64_t count) {
  if (count >= lanes) return toHalves(a, to);
  uint16_t some[lanes];
  toHalves(a, some);
  for (int64_t i = 0; i < count; i++) to[i] = some[i];
}

/// to[i] = value for each set bit i of 64, else 0; with `add` on top of what is there, sums staying below 256.
template <bool add>
SNN_INLINE void bitsToBytes(uint64_t bits, uint8_t value, uint8_t* to) {
#if SNN_VECTOR_BYTES == 64
  const __m512i amount = _mm512_set1_epi8(static_cast<char>(value));
  if constexpr (add) {
    const __m512i now = _mm512_loadu_si512(to);
    _mm512_storeu_si512(to, _mm512_mask_add_epi8(now, bits, now, amount));
  } else {
    _mm512_storeu_si512(to, _mm512_maskz_mov_epi8(bits, amount));
  }
#elif SNN_VECTOR_BYTES == 32
  const __m256i spreading = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
  const __m256i which = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201u)), amount = _mm256_set1_epi8(static_cast<char>(value));
  for (int half = 0; half < 2; half++) {
    const __m256i copies = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(bits >> (32 * half))), spreading);
    __m256i set = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(copies, which), which), amount);
    __m256i* at = reinterpret_cast<__m256i*>(to + 32 * half);
    if constexpr (add) set = _mm256_add_epi8(_mm256_loadu_si256(at), set);
    _mm256_storeu_si256(at, set);
  }
#else
  for (int byte = 0; byte < 8; byte++) {
    uint64_t each = (bits >> (8 * byte) & 0xff) * 0x0101010101010101u & 0x8040201008040201u, now = 0;
    each = (each + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
    if constexpr (add) __builtin_memcpy(&now, to + 8 * byte, 8);
    now += each * value;
    __builtin_memcpy(to + 8 * byte, &now, 8);
  }
#endif
}

/// Whether every group of `lineChannels` of a pixel's channels, 64 bytes, is a cache line of its own.
inline bool streams(const void* to, int64_t channels, int64_t lineChannels) {
  return channels % lineChannels == 0 && reinterpret_cast<uintptr_t>(to) % 64 == 0;
}

/// Past the caches, where the processor has such stores; `to` is aligned to 64 bytes.
SNN_INLINE void stream(const Floats& a, float* to) {
#if SNN_VECTOR_BYTES == 64
  _mm512_stream_ps(to, a.part[0]);
#elif SNN_VECTOR_BYTES == 32
  SNN_EACH_PART _mm256_stream_ps(to + 8 * i, reinterpret_cast<__m256>(a.part[i]));
#else
  a.store(to);
#endif
}

/// A line of 64 bytes likewise; both are aligned to 64 bytes.
SNN_INLINE void streamLine(const void* from, void* to) {
#if SNN_VECTOR_BYTES == 64
  _mm512_stream_si512(static_cast<__m512i*>(to), _mm512_load_si512(from));
#elif SNN_VECTOR_BYTES == 32
  for (int i = 0; i < 2; i++) _mm256_stream_si256(static_cast<__m256i*>(to) + i, _mm256_load_si256(static_cast<const __m256i*>(from) + i));
#else
  __builtin_memcpy(to, from, 64);
#endif
}

/// Streamed stores become visible to other threads.
SNN_INLINE void finishStreams() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

}  // namespace
}  // namespace snnseg::sparse
