// The leaky integrate-and-fire step of sixteen neurons: the only one, whatever computes the currents and whatever becomes of
// the spikes.
//
//     u = leak*v + y                                          charge
//     s = [u > threshold]                                     fire
//     v = u - threshold*s            (hard reset: u*(1 - s))
//       - negative*[u < negative]    with imbalance, negative = -threshold/imbalance: resets too, sends no spike
//
// Every product and sum is rounded, as libtorch's own operators round: the plain twin gives the same bits.
#pragma once

#include "vectors.h"

namespace snnseg::sparse {
namespace {

enum class Reset { soft, hard, softImbalanced, hardImbalanced };

/// What the neurons of one vector have in common over time.
struct Neurons {
  Floats leak, threshold, negative;
};

SNN_INLINE Neurons neuronsOf(float leak, const Floats& threshold, float inverseImbalance = 0.0f) {
  return {Floats::all(leak), threshold, threshold * Floats::all(-inverseImbalance)};
}

SNN_INLINE Floats charge(const Neurons& n, const Floats& v, const Floats& y) { return n.leak * v + y; }

/// Returns who fires; `v` becomes the membranes after the reset.
template <Reset reset>
SNN_INLINE Mask fire(const Neurons& n, const Floats& u, Floats& v) {
  constexpr bool hard = reset == Reset::hard || reset == Reset::hardImbalanced;
  const Mask fires = greater(u, n.threshold);
  // Not u - (0 or threshold): neurons that only pad have an infinite threshold.
  v = select(fires, hard ? Floats::all(0.0f) : u - n.threshold, u);
  if constexpr (reset == Reset::softImbalanced || reset == Reset::hardImbalanced) {
    v = v - select(greater(n.negative, u), n.negative, Floats::all(0.0f));
  }
  return fires;
}

SNN_INLINE Reset resetOf(bool hard, float inverseImbalance) {
  if (inverseImbalance > 0.0f) return hard ? Reset::hardImbalanced : Reset::softImbalanced;
  return hard ? Reset::hard : Reset::soft;
}

template <Reset value>
struct ResetConstant {
  static constexpr Reset reset = value;
};

/// Calls body with a ResetConstant.
template <class Body>
SNN_INLINE auto withReset(Reset reset, Body&& body) {
  switch (reset) {
    case Reset::hard: return body(ResetConstant<Reset::hard>());
    case Reset::softImbalanced: return body(ResetConstant<Reset::softImbalanced>());
    case Reset::hardImbalanced: return body(ResetConstant<Reset::hardImbalanced>());
    default: return body(ResetConstant<Reset::soft>());
  }
}

}  // namespace
}  // namespace snnseg::sparse
