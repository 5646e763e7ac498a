// Kernels of LIF layers: one thread a neuron, over all timesteps, with its membrane in a register. Memory is channels
// last: [T, N*H*W, C], of which [N*H*W, C] are the neurons. What is computed stands in ops/lif-sequence.cpp.
#pragma once

#include <cstdint>

#include "kernels/surrogate.h"
#include "stream.h"
#include "values.h"

namespace snnseg::cuda {

struct LifNeurons {
  const float *threshold, *inverseThreshold;  // [thresholds]: C, or H*W*C with one for each neuron of an image
  const float *scale, *shift;                 // [normalized, C]
  float leak;
  const float* learntLeak;  // [1]; null: leak
  float inverseImbalance;
  bool hardReset;
  Surrogate surrogate;
  int64_t steps, normalized, neurons, channels, thresholds;
};

/// How many sums `launchLifForward` and `launchLifBackward` leave.
int64_t lifParts(int64_t neurons);

/// `membrane` [neurons] is read and written. `parts` [lifParts, 2, T]: how many fired, and the sum of u/threshold - 1.
void launchLifForward(const LifNeurons& layer, const float* current, float* membrane, float* spikes, double* parts, Stream stream);

/// The gradient of what charges the neurons (behind the norm) goes to `gradient` [T, neurons]. `initial` [neurons] may be null, for 0;
/// `leakParts` [lifParts] too, unless the leak is learnt.
void launchLifBackward(const LifNeurons& layer, const float* current, const float* initial, const float* gradSpikes, float* gradient,
                       double* leakParts, Stream stream);

/// How many sums `launchFireBits` leaves.
int64_t bitParts(const LifNeurons& layer);

/// From membranes at 0: who fires goes to `bits` [T, N*H*W, words of 64 channels]. `parts` [bitParts, 2, T] as above. For float and Bf16.
template <class Current>
void launchFireBits(const LifNeurons& layer, const Timed<Current>& current, uint64_t* bits, double* parts, Stream stream);

/// Floats that `launchBitsBackward` needs beside its result.
int64_t chargedFloats(const LifNeurons& layer);

/// The gradient of what charged them, to `gradient` [T, neurons], which may be what comes in. For float and Bf16.
template <class Current>
void launchBitsBackward(const LifNeurons& layer, const Timed<Current>& current, const Timed<Bf16>& gradSpikes, Bf16* gradient, float* charged,
                        Stream stream);

}  // namespace snnseg::cuda
