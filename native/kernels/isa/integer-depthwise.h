// Depthwise convolutions of unsigned bytes, a row of outputs at a time: 16 channels whose weights stay in registers walk along it.
#pragma once

#include "integer-sink.h"

namespace snnseg::sparse {
namespace {

constexpr int sixteenBytes = SNN_VECTOR_BYTES == 64 ? 32 : SNN_VECTOR_BYTES;
constexpr int narrowParts = 32 / sixteenBytes, sixteenLanes = sixteenBytes / 2;
typedef int16_t Sixteens __attribute__((vector_size(sixteenBytes)));
typedef uint8_t NarrowBytes __attribute__((vector_size(sixteenBytes / 2)));
typedef int8_t NarrowSigned __attribute__((vector_size(sixteenBytes / 2)));
typedef int32_t WideShorts __attribute__((vector_size(sixteenBytes * 2)));

#define SNN_EACH_SHORT _Pragma("GCC unroll 2") for (int i = 0; i < narrowParts; i++)

/// 16 integers of 16 bits.
struct Shorts {
  Sixteens part[narrowParts];

  static SNN_INLINE Shorts zero() {
    Shorts r;
    SNN_EACH_SHORT r.part[i] = Sixteens{};
    return r;
  }
  static SNN_INLINE Shorts from(const uint8_t* bytes) {
    Shorts r;
#if SNN_VECTOR_BYTES == 32
    r.part[0] = reinterpret_cast<Sixteens>(_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes))));
#else
    SNN_EACH_SHORT r.part[i] = __builtin_convertvector(loadPart<NarrowBytes>(bytes + i * sixteenLanes), Sixteens);
#endif
    return r;
  }
  static SNN_INLINE Shorts from(const int8_t* bytes) {
    Shorts r;
    SNN_EACH_SHORT r.part[i] = __builtin_convertvector(loadPart<NarrowSigned>(bytes + i * sixteenLanes), Sixteens);
    return r;
  }
  SNN_INLINE Floats floats() const {
#if SNN_VECTOR_BYTES == 32
    Floats r;
    const __m256i all = reinterpret_cast<__m256i>(part[0]);
    r.part[0] = reinterpret_cast<FloatPart>(_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm256_castsi256_si128(all))));
    r.part[1] = reinterpret_cast<FloatPart>(_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm256_extracti128_si256(all, 1))));
    return r;
#else
    alignas(64) int32_t wide[lanes];
    SNN_EACH_SHORT {
      const WideShorts values = __builtin_convertvector(part[i], WideShorts);
      __builtin_memcpy(wide + i * sixteenLanes, &values, sizeof values);
    }
    return Floats::fromIntegers(wide);
#endif
  }
};

SNN_INLINE Shorts multiplyAdd(const Shorts& a, const Shorts& b, Shorts c) {
  SNN_EACH_SHORT c.part[i] += a.part[i] * b.part[i];
  return c;
}

/// Any kernel, pixel and channel: sums in 32 bits.
template <Result result>
void depthwisePixel(const IntegerDepthwise& task, int64_t pixel, int64_t channel, int64_t count) {
  alignas(64) int32_t sums[lanes] = {};
  for (int64_t ky = 0; ky < task.kernel; ky++) {
    if (!task.rows[ky]) continue;
    for (int64_t kx = 0; kx < task.kernel; kx++) {
      const int64_t x = pixel * task.stride + kx * task.dilation - task.padding;
      if (x < 0 || x >= task.width) continue;
      const uint8_t* inputs = task.rows[ky] + x * task.sink.channels + channel;
      const int8_t* weights = task.weights + (ky * task.kernel + kx) * task.sink.channels + channel;
      for (int64_t i = 0; i < count; i++) sums[i] += inputs[i] * weights[i];
    }
  }
  Finish<result>(task.sink, channel)(Floats::fromIntegers(sums), pixel);
}

/// Pixels [first, last) of a 3x3 kernel by 16 channels; rows outside the image have weights of 0. At the border, columns may lie outside.
template <Result result, bool border>
void depthwise3(const IntegerDepthwise& task, int64_t first, int64_t last, int64_t channel) {
  const int64_t channels = task.sink.channels, step = task.stride * channels, reach = task.dilation * channels;
  Shorts w[9];
  const uint8_t* from[3];
#pragma GCC unroll 3
  for (int ky = 0; ky < 3; ky++) {
    const bool inside = task.rows[ky] != nullptr;
    from[ky] = (inside ? task.rows[ky] : task.rows[1]) + channel;
#pragma GCC unroll 3
    for (int kx = 0; kx < 3; kx++) {
      w[3 * ky + kx] = inside ? Shorts::from(task.weights + (3 * ky + kx) * channels + channel) : Shorts::zero();
    }
  }
  const Finish<result> finish(task.sink, channel);
  int64_t at = first * step - task.padding * channels;
  for (int64_t pixel = first; pixel < last; pixel++, at += step) {
    Shorts sum = Shorts::zero();
#pragma GCC unroll 3
    for (int kx = 0; kx < 3; kx++) {
      const int64_t column = at + kx * reach;
      if (border && (column < 0 || column >= task.width * channels)) continue;
#pragma GCC unroll 3
      for (int ky = 0; ky < 3; ky++) sum = multiplyAdd(Shorts::from(from[ky] + column), w[3 * ky + kx], sum);
    }
    finish(sum.floats(), pixel);
  }
}

template <Result result>
void integerDepthwiseTo(const IntegerDepthwise& task) {
  const int64_t channels = task.sink.channels;
  if (task.kernel != 3 || !task.shortSums || channels < lanes) {
    for (int64_t c = 0; c < channels; c += lanes) {
      for (int64_t x = 0; x < task.outWidth; x++) depthwisePixel<result>(task, x, c, smaller(lanes, channels - c));
    }
    return;
  }
  // Outputs whose inputs lie in the row.
  const int64_t first = smaller(task.outWidth, (task.padding + task.stride - 1) / task.stride), span = task.width - 1 - task.padding;
  const int64_t inside = span < 0 ? first : smaller(task.outWidth, span / task.stride + 1), last = inside < first ? first : inside;
  for (int64_t c = 0; c < channels; c += lanes) {
    // The last channels again with some before them, rather than fewer than 16.
    const int64_t channel = smaller(c, channels - lanes);
    depthwise3<result, true>(task, 0, first, channel);
    depthwise3<result, false>(task, first, last, channel);
    depthwise3<result, true>(task, last, task.outWidth, channel);
  }
}

void integerDepthwise(const IntegerDepthwise& task) {
  switch (resultOf(task.sink)) {
    case Result::integers: return integerDepthwiseTo<Result::integers>(task);
    case Result::values: return integerDepthwiseTo<Result::values>(task);
    case Result::both: return integerDepthwiseTo<Result::both>(task);
  }
}

uint8_t largestByte(const uint8_t* bytes, int64_t count) {
  uint8_t largest = 0;
  for (int64_t i = 0; i < count; i++) largest = bytes[i] > largest ? bytes[i] : largest;
  return largest;
}

}  // namespace
}  // namespace snnseg::sparse
