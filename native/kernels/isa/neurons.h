// Rows of neurons: charge, fire and reset of one step, and backward. All rows pass a column of channels before the next.
#pragma once

#include "columns.h"
#include "kernels/kernels.h"
#include "lif.h"

namespace snnseg::sparse {
namespace {

constexpr float never = __builtin_inff();  // threshold of lanes beyond the last channel

constexpr int wordVectors = 64 / lanes;

/// What a column of neurons has in common.
template <int count>
struct NeuronColumn {
  Floats scale[count], shift[count], inverse[count];
  Neurons neurons[count];
  bool normalizes;

  template <class Full>
  SNN_INLINE NeuronColumn(const LifRow& row, int64_t c, Full full) : normalizes(row.scale != nullptr) {
    const int64_t some = row.channels - c;
    Floats threshold[count];
    loadColumn(threshold, row.threshold + c, some, full, never);
    loadColumn(inverse, row.inverseThreshold + c, some, full);
    if (normalizes) {
      loadColumn(scale, row.scale + c, some, full);
      loadColumn(shift, row.shift + c, some, full);
    }
    for (int k = 0; k < count; k++) neurons[k] = neuronsOf(row.leak, threshold[k], row.inverseImbalance);
  }

  SNN_INLINE Floats charged(int k, const Floats& v, const Floats& z) const {
    return charge(neurons[k], v, normalizes ? z * scale[k] + shift[k] : z);
  }
};

/// One step of rows; spiked(row, channel, masks, full) sees the spikes of a column's vectors.
template <class Spiked>
inline Fired fireRows(const LifRow& row, const float* z, float* v, int64_t rows, Spiked&& spiked) {
  return withReset(resetOf(row.hardReset, row.inverseImbalance), [&](auto constant) {
    Fired fired{0, 0.0};
    eachColumn<wordVectors>(row.channels, [&](int64_t c, auto count, auto full) {
      const NeuronColumn<count> column(row, c, full);
      const int64_t some = row.channels - c;
      Floats excess[count];
      for (Floats& each : excess) each = Floats::all(0.0f);
      for (int64_t r = 0; r < rows; r++) {
        Mask fires[count];
        for (int k = 0; k < count; k++) {
          const int64_t at = r * row.channels + c + k * lanes;
          Floats membranes = loadOf(v + at, some, full);
          __builtin_prefetch(row.next + at);
          const Floats u = column.charged(k, membranes, loadOf(z + at, some, full));
          fires[k] = fire<decltype(constant)::reset>(column.neurons[k], u, membranes);
          storeOf(membranes, v + at, some, full);
          excess[k] = multiplyAdd(u, column.inverse[k], excess[k]);
        }
        fired.count += spiked(r, c, fires, full);
      }
      for (const Floats& each : excess) fired.excess += sumOf(each);
    });
    return fired;
  });
}

template <int count>
SNN_INLINE uint64_t bitsOf(const Mask (&fires)[count]) {
  uint64_t bits = 0;
  for (int k = 0; k < count; k++) bits |= static_cast<uint64_t>(fires[k].bits()) << k * lanes;
  return bits;
}

Fired fireBits(const LifRow& row, const float* z, float* v, int64_t rows, uint64_t* words) {
  const int64_t wordsOfRow = (row.channels + 63) / 64;
  return fireRows(row, z, v, rows, [&](int64_t r, int64_t c, const auto& fires, auto) {
    const uint64_t bits = bitsOf(fires);
    uint64_t& word = words[r * wordsOfRow + c / 64];
    word = c % 64 == 0 ? bits : word | bits << c % 64;
    return __builtin_popcountll(bits);
  });
}

Fired fireFloats(const LifRow& row, const float* z, float* v, int64_t rows, float* spikes) {
  return fireRows(row, z, v, rows, [&](int64_t r, int64_t c, const auto& fires, auto full) {
    float* to = spikes + r * row.channels + c;
    for (const Mask& each : fires) {
      storeOf(select(each, Floats::all(1.0f), Floats::all(0.0f)), to, row.channels - c, full);
      to += lanes;
    }
    return __builtin_popcountll(bitsOf(fires));
  });
}

void chargeRows(const LifRow& row, const float* z, float* v, int64_t rows, float* u) {
  withReset(resetOf(row.hardReset, row.inverseImbalance), [&](auto constant) {
    eachColumn<wordVectors>(row.channels, [&](int64_t c, auto count, auto full) {
      const NeuronColumn<count> column(row, c, full);
      const int64_t some = row.channels - c;
      for (int64_t r = 0; r < rows; r++) {
        for (int k = 0; k < count; k++) {
          const int64_t at = r * row.channels + c + k * lanes;
          Floats membranes = loadOf(v + at, some, full);
          __builtin_prefetch(row.next + at);
          const Floats charged = column.charged(k, membranes, loadOf(z + at, some, full));
          fire<decltype(constant)::reset>(column.neurons[k], charged, membranes);
          storeOf(membranes, v + at, some, full);
          storeOf(charged, u + at, some, full);
        }
      }
    });
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

/// What a column has in common backward.
template <int count>
struct BackwardColumn {
  Floats threshold[count], inverse[count], leak;
  bool hardReset;

  template <class Full>
  SNN_INLINE BackwardColumn(const LifBackwardRow& row, int64_t c, Full full) : leak(Floats::all(row.leak)), hardReset(row.hardReset) {
    const int64_t some = row.channels - c;
    loadColumn(threshold, row.threshold + c, some, full, never);
    loadColumn(inverse, row.inverseThreshold + c, some, full);
  }

  /// dL/du; `carry` becomes what the step before receives.
  template <Surrogate surrogate>
  SNN_INLINE Floats step(int k, const Floats& gs, const Floats& u, Floats& carry) const {
    // A hard reset passes nothing back where the neuron fired.
    if (hardReset) carry = select(greater(u, threshold[k]), Floats::all(0.0f), carry);
    const Floats slope = slopeAt<surrogate>(u * inverse[k] - Floats::all(1.0f)) * inverse[k];
    const Floats gu = gs * slope + carry;
    carry = gu * leak;
    return gu;
  }
};

// Of which the gradients in bf16 are one cache line.
constexpr int lineVectors = 2;

void lifBackward(const LifBackwardRow& row, const float* gs, const float* u, float* carry, int64_t rows, float* g) {
  withSurrogate(row.surrogate, [&](auto constant) {
    eachColumn<lineVectors>(row.channels, [&](int64_t c, auto count, auto full) {
      const BackwardColumn<count> column(row, c, full);
      const int64_t some = row.channels - c;
      for (int64_t r = 0; r < rows; r++) {
        for (int k = 0; k < count; k++) {
          const int64_t at = r * row.channels + c + k * lanes;
          Floats carried = loadOf(carry + at, some, full);
          const Floats gu = column.template step<decltype(constant)::surrogate>(k, loadOf(gs + at, some, full), loadOf(u + at, some, full), carried);
          storeOf(carried, carry + at, some, full);
          storeOf(gu, g + at, some, full);
        }
      }
    });
  });
}

void lifBackwardHalves(const LifBackwardRow& row, const uint16_t* gs, const float* u, const float* z, float* carry, int64_t rows,
                       const NextBackward& next, uint16_t* g, float* sum, float* dot) {
  withSurrogate(row.surrogate, [&](auto constant) {
    eachColumn<lineVectors>(row.channels, [&](int64_t c, auto count, auto full) {
      const BackwardColumn<count> column(row, c, full);
      const int64_t some = row.channels - c;
      Floats sums[count], dots[count];
      loadColumn(sums, sum + c, some, full);
      loadColumn(dots, dot + c, some, full);
      for (int64_t r = 0; r < rows; r++) {
        for (int k = 0; k < count; k++) {
          const int64_t at = r * row.channels + c + k * lanes;
          Floats carried = loadOf(carry + at, some, full);
          const Floats gu =
              column.template step<decltype(constant)::surrogate>(k, loadOf(gs + at, some, full), loadOf(u + at, some, full), carried);
          __builtin_prefetch(next.z + at);
          if (k == 0) __builtin_prefetch(next.gs + at);
          storeOf(carried, carry + at, some, full);
          storeOf(gu, g + at, some, full);
          sums[k] = sums[k] + gu;
          dots[k] = multiplyAdd(gu, loadOf(z + at, some, full), dots[k]);
        }
      }
      storeColumn(sums, sum + c, some, full);
      storeColumn(dots, dot + c, some, full);
    });
  });
}

}  // namespace
}  // namespace snnseg::sparse
