// What becomes of the sums of integer convolutions: scaled, and rounded to few levels or written as they are.
#pragma once

#include "kernels/kernels.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

/// clip(y, 0, levels) + 1/2 rounded down, of 16 numbers as bytes; levels is below 128, NaN gives 0.
SNN_INLINE void toLevels(const Floats& y, const Floats& levels, uint8_t* to) {
  const Floats half = Floats::all(0.5f);
#if defined(__x86_64__) && SNN_VECTOR_BYTES <= 32
  // Cut towards 0, what is below 0 becomes 0 or negative; so does NaN, which is the smaller of itself and a level. Saturation makes that 0.
#if SNN_VECTOR_BYTES == 32
  const auto cut = [&](int i) {
    const __m256 least = _mm256_min_ps(reinterpret_cast<__m256>(levels.part[i]), reinterpret_cast<__m256>(y.part[i]));
    return _mm256_cvttps_epi32(_mm256_add_ps(least, reinterpret_cast<__m256>(half.part[i])));
  };
  const __m256i shorts = _mm256_packs_epi32(cut(0), cut(1));  // 0 to 3, 8 to 11; 4 to 7, 12 to 15
  const __m128i packed = _mm_packus_epi16(_mm256_castsi256_si128(shorts), _mm256_extracti128_si256(shorts, 1));
  const __m128i bytes = _mm_shuffle_epi32(packed, _MM_SHUFFLE(3, 1, 2, 0));
#else
  const auto cut = [&](int i) {
    const __m128 least = _mm_min_ps(reinterpret_cast<__m128>(levels.part[i]), reinterpret_cast<__m128>(y.part[i]));
    return _mm_cvttps_epi32(_mm_add_ps(least, reinterpret_cast<__m128>(half.part[i])));
  };
  const __m128i bytes = _mm_packus_epi16(_mm_packs_epi32(cut(0), cut(1)), _mm_packs_epi32(cut(2), cut(3)));
#endif
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
#else
  typedef uint8_t BytePart __attribute__((vector_size(SNN_VECTOR_BYTES / 4)));
  const Floats above = positive(y), clipped = select(greater(above, levels), levels, above) + half;
  SNN_EACH_PART {
    const BytePart bytes = __builtin_convertvector(__builtin_convertvector(clipped.part[i], IntPart), BytePart);
    __builtin_memcpy(to + i * (lanes / parts), &bytes, sizeof bytes);
  }
#endif
}

/// The same for `count` channels, 16 or fewer.
SNN_INLINE void toSomeLevels(const Floats& y, const Floats& levels, uint8_t* to, int64_t count) {
  if (__builtin_expect(count >= lanes, 1)) return toLevels(y, levels, to);
  uint8_t some[lanes];
  toLevels(y, levels, some);
  for (int64_t i = 0; i < count; i++) to[i] = some[i];
}

enum class Result { integers, values, both };

SNN_INLINE Result resultOf(const IntegerSink& sink) {
  return !sink.values ? Result::integers : sink.integers ? Result::both : Result::values;
}

/// The sums of 16 channels from `channel` on, of which there may be fewer.
template <Result result>
struct Finish {
  Floats scale, shift, levels;
  const IntegerSink sink;  // its own, which no store of bytes may change
  int64_t channel, count;

  SNN_INLINE Finish(const IntegerSink& sink, int64_t channel)
      : scale(Floats::load(sink.scale + channel)), shift(Floats::load(sink.shift + channel)), levels(Floats::all(static_cast<float>(sink.levels))),
        sink(sink), channel(channel), count(sink.channels - channel) {}

  SNN_INLINE void operator()(const Floats& sum, int64_t pixel) const {
    const int64_t at = pixel * sink.channels + channel;
    Floats y = sum * scale + shift;
    if constexpr (result == Result::both) y = Floats::loadSome(sink.residual + at, count) + y;
    if constexpr (result != Result::integers) y.storeSome(sink.values + at, count);
    if constexpr (result == Result::both) y = y / Floats::load(sink.threshold + channel);
    if constexpr (result != Result::values) toSomeLevels(y, levels, sink.integers + at, count);
  }
};

}  // namespace
}  // namespace snnseg::sparse
