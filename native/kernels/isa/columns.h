// Channels of rows in columns of a few vectors: what is constant in a column stays in registers while all rows pass.
#pragma once

#include <type_traits>

#include "vectors.h"

namespace snnseg::sparse {
namespace {

template <int value>
using Count = std::integral_constant<int, value>;

/// Calls body(channel, count, full) for columns of `most` vectors of channels, then of one; `full` is a constant that is false for the
/// last vector where its lanes reach beyond the last channel.
template <int most, class Body>
SNN_INLINE void eachColumn(int64_t channels, Body&& body) {
  int64_t c = 0;
  for (; c + most * lanes <= channels; c += most * lanes) body(c, Count<most>(), std::true_type());
  for (; c + lanes <= channels; c += lanes) body(c, Count<1>(), std::true_type());
  if (c < channels) body(c, Count<1>(), std::false_type());
}

template <class Full>
SNN_INLINE Floats loadOf(const float* from, int64_t count, Full, float otherwise = 0.0f) {
  return Full::value ? Floats::load(from) : Floats::loadSome(from, count, otherwise);
}
/// bf16.
template <class Full>
SNN_INLINE Floats loadOf(const uint16_t* from, int64_t count, Full) {
  return Full::value ? fromHalves(from) : fromHalvesSome(from, count);
}
template <class Full>
SNN_INLINE void storeOf(const Floats& a, float* to, int64_t count, Full) {
  Full::value ? a.store(to) : a.storeSome(to, count);
}
template <class Full>
SNN_INLINE void storeOf(const Floats& a, uint16_t* to, int64_t count, Full) {
  Full::value ? toHalves(a, to) : toHalvesSome(a, to, count);
}

/// All vectors of a column.
template <int count, class Full>
SNN_INLINE void loadColumn(Floats (&to)[count], const float* from, int64_t some, Full full, float otherwise = 0.0f) {
  for (int k = 0; k < count; k++) to[k] = loadOf(from + k * lanes, some, full, otherwise);
}
template <int count, class Full>
SNN_INLINE void storeColumn(const Floats (&from)[count], float* to, int64_t some, Full full) {
  for (int k = 0; k < count; k++) storeOf(from[k], to + k * lanes, some, full);
}

}  // namespace
}  // namespace snnseg::sparse
