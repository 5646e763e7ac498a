// Bits to a list by compressing bytes in one instruction (Ice Lake, Zen 4 and later).
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/kernels.h"

namespace snnseg::sparse {
namespace {

typedef uint16_t Entries __attribute__((vector_size(64)));

int list(uint64_t bits, int base, int step, uint16_t* to) {
  const __m512i numbers = _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42,
                                           41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20,
                                           19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i chosen = _mm512_maskz_compress_epi8(bits, numbers);
  const int count = __builtin_popcountll(bits);
  const auto store = [&](__m256i some, uint16_t* at) {
    const Entries entries = reinterpret_cast<Entries>(_mm512_cvtepu8_epi16(some)) * static_cast<uint16_t>(step) + static_cast<uint16_t>(base);
    __builtin_memcpy(at, &entries, sizeof entries);
  };
  store(_mm512_castsi512_si256(chosen), to);
  if (count > 32) store(_mm512_extracti64x4_epi64(chosen, 1), to + 32);
  return count;
}

}  // namespace

extern const Kernels vbmi2Kernels;  // for dispatch.cpp
constexpr Kernels vbmi2Kernels = [] {
  Kernels kernels{};
  kernels.list = list;
  return kernels;
}();

}  // namespace snnseg::sparse
#endif
