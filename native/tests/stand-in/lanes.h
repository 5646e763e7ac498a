// Vectors of 32 and 64 bytes and their lanes.
#pragma once

#include <emmintrin.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

typedef long long __m256i __attribute__((vector_size(32), may_alias));
typedef short __m256bh __attribute__((vector_size(32), may_alias));
typedef float __m512 __attribute__((vector_size(64), may_alias));
typedef long long __m512i __attribute__((vector_size(64), may_alias));
typedef short __m512bh __attribute__((vector_size(64), may_alias));
typedef uint16_t __mmask16;
typedef uint32_t __mmask32;
typedef uint64_t __mmask64;

namespace standIn {

/// What a processor would answer with an exception ends the test.
[[noreturn]] inline void refuse(const char* what) {
  std::fprintf(stderr, "stand-in: %s\n", what);
  std::abort();
}

template <class Lane, size_t bytes>
struct Lanes {
  Lane at[bytes / sizeof(Lane)];
  Lane operator[](int i) const { return at[i]; }
};

template <class Lane, class Vector>
inline Lanes<Lane, sizeof(Vector)> lanes(const Vector& vector) {
  Lanes<Lane, sizeof(Vector)> result;
  std::memcpy(&result, &vector, sizeof result);
  return result;
}

/// A vector whose lane i is lane(i), as an integer cut to its width.
template <class Lane, class Vector = __m512i, class Make>
inline Vector each(Make&& lane) {
  Lanes<Lane, sizeof(Vector)> result;
  for (int i = 0; i < static_cast<int>(sizeof(Vector) / sizeof(Lane)); i++) result.at[i] = static_cast<Lane>(lane(i));
  Vector vector;
  std::memcpy(&vector, &result, sizeof vector);
  return vector;
}

template <class Vector>
inline Vector load(const void* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

template <class Vector>
inline void store(void* to, const Vector& vector) {
  std::memcpy(to, &vector, sizeof vector);
}

inline void mustBeAligned(const void* address) {
  if (reinterpret_cast<uintptr_t>(address) % 64 != 0) refuse("an aligned access to an address that is no multiple of 64");
}

inline bool has(uint64_t mask, int lane) { return mask >> lane & 1; }

}  // namespace standIn
