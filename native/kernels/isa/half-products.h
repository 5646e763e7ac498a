// Products of bf16: two a lane where the processor has them; else of float32, one a lane.
#pragma once

#include "half-lines.h"

namespace snnseg::sparse {
namespace {

/// As ByteProducts.
struct HalfProducts {
  using Sum = FloatPart;
  static constexpr int words = 8 * halfBytes;
  static constexpr bool waits = true;  // for the addition before, with few sums side by side
  static constexpr int exact = 0;
  static constexpr bool isShifted = false;
  static SNN_INLINE FloatPart add(FloatPart sum, int32_t x, IntPart w) {
#if defined(__AVX512BF16__)
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(spread(x)), reinterpret_cast<__m512bh>(w));
#else
    return multiplyAdd(reinterpret_cast<FloatPart>(spread(x)), reinterpret_cast<FloatPart>(w), sum);
#endif
  }
};

}  // namespace
}  // namespace snnseg::sparse
