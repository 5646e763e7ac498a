// Kernels of snnseg::integer_sequence: one thread a neuron, over all timesteps, with its membrane in a register. Memory is channels
// last: [T, N*H*W, C], of which [N*H*W, C] are the neurons. What is computed stands in ops/integer-sequence.cpp.
#pragma once

#include <cstdint>

#include "stream.h"

namespace snnseg::cuda {

struct IntegerNeurons {
  const float* threshold;  // [C]
  float leak, levels;
  float amplitude;  // of one spike; 0 is the threshold
  int64_t steps, neurons, channels;
};

/// How many sums `launchIntegerForward` leaves.
int64_t integerParts(int64_t neurons);

/// `membrane` [neurons] is read and written. What backward needs goes to one of `ratios` and `inside`, [T, neurons]; the other is null.
/// `parts` [integerParts, 2, T]: how many spikes, and the sum of u/threshold - 1.
void launchIntegerForward(const IntegerNeurons& layer, const float* current, float* membrane, float* spikes, float* ratios,
                          unsigned char* inside, double* parts, Stream stream);

void launchIntegerBackward(const IntegerNeurons& layer, const float* gradSpikes, const unsigned char* inside, float* gradient, Stream stream);

/// How many sums for each channel `launchIntegerBackwardLearnt` leaves.
int64_t thresholdParts(const IntegerNeurons& layer);

/// With the gradient of thresholds, `parts` [thresholdParts, C].
void launchIntegerBackwardLearnt(const IntegerNeurons& layer, const float* gradSpikes, const float* ratios, float* gradient, double* parts,
                                 Stream stream);

}  // namespace snnseg::cuda
