// Kernels of snnseg::normalized_activation. Memory is channels last: [rows, C]. What is computed stands in
// ops/normalized-activation.cpp.
#pragma once

#include <cstdint>

#include "stream.h"

namespace snnseg::cuda {

/// By channel; what there is not is null.
struct ActivationMap {
  const float *scale, *shift;          // of the norm
  const float *threshold, *amplitude;  // of integers
  float levels;                        // 0: ReLUs
  int64_t rows, channels;
};

/// How many sums `launchActivation` leaves.
int64_t activationParts(const ActivationMap& map);

/// `parts` [activationParts, 2]: how many spikes, and the sum of n/threshold - 1; of ReLUs 0.
void launchActivation(const ActivationMap& map, const float* z, float* y, double* parts, Stream stream);

/// How many sums for each channel `launchActivationSums` leaves.
int64_t activationBlocks(const ActivationMap& map);

/// `parts` [activationBlocks, 3, C]: sums of the gradient g of n, of g*(z - mean), and of the threshold's, which is of use where there
/// are thresholds; `scaled` where they are the amplitudes.
void launchActivationSums(const ActivationMap& map, const float* gradient, const float* z, const float* mean, bool scaled, double* parts,
                          Stream stream);

/// What the batch's statistics take off a gradient, by channel; null where they were not the batch's.
struct ActivationShares {
  const float *mean, *gradient, *dot;
};

/// The gradient of z.
void launchActivationBackward(const ActivationMap& map, const float* gradient, const float* z, const ActivationShares& shares, float* result,
                              Stream stream);

}  // namespace snnseg::cuda
