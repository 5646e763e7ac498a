// Kernels of snnseg::lif_sequence: one thread a neuron, over all timesteps, with its membrane in a register. Memory is channels
// last: [T, N*H*W, C], of which [N*H*W, C] are the neurons. What is computed stands in ops/lif-sequence.cpp.
#pragma once

#include <cstdint>

#include "kernels/surrogate.h"
#include "stream.h"

namespace snnseg::cuda {

struct LifNeurons {
  const float *threshold, *inverseThreshold;  // [thresholds]: C, or H*W*C with one for each neuron of an image
  const float *scale, *shift;                 // [normalized, C]
  float leak, inverseImbalance;
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

}  // namespace snnseg::cuda
