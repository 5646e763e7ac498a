// Rows of neurons: charge, fire and reset of one step, and backward.
#pragma once

#include "kernels/kernels.h"
#include "lif.h"

namespace snnseg::sparse {
namespace {

constexpr float never = __builtin_inff();  // threshold of lanes beyond the last channel

inline Floats normalized(const LifRow& row, const float* z, int64_t c, int64_t some) {
  const Floats value = Floats::loadSome(z + c, some);
  return row.scale ? value * Floats::loadSome(row.scale + c, some) + Floats::loadSome(row.shift + c, some) : value;
}

inline Neurons neuronsAt(const LifRow& row, int64_t c, int64_t some) {
  return neuronsOf(row.leak, Floats::loadSome(row.threshold + c, some, never), row.inverseImbalance);
}

/// One step of a row; spiked(channel, some, mask) sees the spikes of up to 16 channels.
template <class Spiked>
inline Fired fireRow(const LifRow& row, const float* z, float* v, Spiked&& spiked) {
  return withReset(resetOf(row.hardReset, row.inverseImbalance), [&](auto constant) {
    Floats excess = Floats::all(0.0f);
    int64_t count = 0;
    for (int64_t c = 0; c < row.channels; c += lanes) {
      const int64_t some = row.channels - c;
      const Neurons neurons = neuronsAt(row, c, some);
      Floats membranes = Floats::loadSome(v + c, some);
      const Floats u = charge(neurons, membranes, normalized(row, z, c, some));
      const Mask fires = fire<decltype(constant)::reset>(neurons, u, membranes);
      membranes.storeSome(v + c, some);
      excess = multiplyAdd(u, Floats::loadSome(row.inverseThreshold + c, some), excess);
      count += __builtin_popcount(fires.bits());
      spiked(c, some, fires);
    }
    return Fired{count, sumOf(excess)};
  });
}

Fired fireBits(const LifRow& row, const float* z, float* v, uint64_t* words) {
  for (int64_t w = 0; w < (row.channels + 63) / 64; w++) words[w] = 0;
  return fireRow(row, z, v, [words](int64_t c, int64_t, const Mask& fires) { words[c / 64] |= static_cast<uint64_t>(fires.bits()) << c % 64; });
}

Fired fireFloats(const LifRow& row, const float* z, float* v, float* spikes) {
  return fireRow(row, z, v, [spikes](int64_t c, int64_t some, const Mask& fires) {
    select(fires, Floats::all(1.0f), Floats::all(0.0f)).storeSome(spikes + c, some);
  });
}

void chargeRow(const LifRow& row, const float* z, float* v, float* u) {
  withReset(resetOf(row.hardReset, row.inverseImbalance), [&](auto constant) {
    for (int64_t c = 0; c < row.channels; c += lanes) {
      const int64_t some = row.channels - c;
      const Neurons neurons = neuronsAt(row, c, some);
      Floats membranes = Floats::loadSome(v + c, some);
      const Floats charged = charge(neurons, membranes, normalized(row, z, c, some));
      fire<decltype(constant)::reset>(neurons, charged, membranes);
      membranes.storeSome(v + c, some);
      charged.storeSome(u + c, some);
    }
  });
}

/// dS/dx at x = u/threshold - 1.
template <Surrogate surrogate>
inline Floats slopeAt(const Floats& x) {
  const Floats one = Floats::all(1.0f), distance = absolute(x);
  if constexpr (surrogate == Surrogate::linear) {
    return positive(one - distance) * Floats::all(0.3f);
  } else if constexpr (surrogate == Surrogate::fastSigmoid) {
    const Floats width = distance * Floats::all(100.0f) + one;
    return one / (width * width);
  } else if constexpr (surrogate == Surrogate::exponential) {
    return expOfNegative(distance * Floats::all(-10.0f));
  } else {
    return one;
  }
}

template <Surrogate value>
struct SurrogateConstant {
  static constexpr Surrogate surrogate = value;
};

template <class Body>
inline void withSurrogate(Surrogate surrogate, Body&& body) {
  switch (surrogate) {
    case Surrogate::linear: return body(SurrogateConstant<Surrogate::linear>());
    case Surrogate::fastSigmoid: return body(SurrogateConstant<Surrogate::fastSigmoid>());
    case Surrogate::exponential: return body(SurrogateConstant<Surrogate::exponential>());
    case Surrogate::passThrough: return body(SurrogateConstant<Surrogate::passThrough>());
  }
}

/// dL/du of up to 16 channels; `carry` becomes what the step before receives.
template <Surrogate surrogate>
inline Floats backwardStep(const LifBackwardRow& row, const Floats& gs, const float* uRow, float* carryRow, int64_t c, int64_t some) {
  const Floats u = Floats::loadSome(uRow + c, some), inverse = Floats::loadSome(row.inverseThreshold + c, some);
  Floats carry = Floats::loadSome(carryRow + c, some);
  // A hard reset passes nothing back where the neuron fired.
  if (row.hardReset) carry = select(greater(u, Floats::loadSome(row.threshold + c, some, never)), Floats::all(0.0f), carry);
  const Floats slope = slopeAt<surrogate>(u * inverse - Floats::all(1.0f)) * inverse;
  const Floats gu = gs * slope + carry;
  (gu * Floats::all(row.leak)).storeSome(carryRow + c, some);
  return gu;
}

void lifBackward(const LifBackwardRow& row, const float* gs, const float* u, float* carry, float* g) {
  withSurrogate(row.surrogate, [&](auto constant) {
    for (int64_t c = 0; c < row.channels; c += lanes) {
      const int64_t some = row.channels - c;
      backwardStep<decltype(constant)::surrogate>(row, Floats::loadSome(gs + c, some), u, carry, c, some).storeSome(g + c, some);
    }
  });
}

void lifBackwardHalves(const LifBackwardRow& row, const uint16_t* gs, const float* u, const float* z, float* carry, uint16_t* g, float* sum,
                       float* dot) {
  withSurrogate(row.surrogate, [&](auto constant) {
    for (int64_t c = 0; c < row.channels; c += lanes) {
      const int64_t some = row.channels - c;
      const Floats gu = backwardStep<decltype(constant)::surrogate>(row, fromHalvesSome(gs + c, some), u, carry, c, some);
      toHalvesSome(gu, g + c, some);
      (Floats::loadSome(sum + c, some) + gu).storeSome(sum + c, some);
      multiplyAdd(gu, Floats::loadSome(z + c, some), Floats::loadSome(dot + c, some)).storeSome(dot + c, some);
    }
  });
}

}  // namespace
}  // namespace snnseg::sparse
