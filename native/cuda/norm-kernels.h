// Kernels of batch norm through time. Memory is channels last: [T, rows, C]. A thread adds up some rows of one timestep and channel
// in double, in their order. What is normalised, and gradients, are float or Bf16.
#pragma once

#include <cstdint>

#include "stream.h"
#include "values.h"

namespace snnseg::cuda {

struct NormMap {
  int64_t steps, rows, channels;

  /// Rows that one thread adds up.
  static constexpr int64_t blockRows = 64;
  int64_t blocks() const { return (rows + blockRows - 1) / blockRows; }
};

/// Sums of z and z^2, `parts` [blocks, T, 2, C].
template <class Z>
void launchMoments(const NormMap& map, const Timed<Z>& z, double* parts, Stream stream);

/// Mean and 1/sqrt(variance + eps) of each timestep and channel, [T, C].
struct NormStatistics {
  const float *mean, *invStd;
};

/// Sums of g and g*(z - mean)*invStd, `parts` [blocks, T, 2, C].
template <class G, class Z>
void launchNormSums(const NormMap& map, const G* g, const Timed<Z>& z, const NormStatistics& norm, double* parts, Stream stream);

/// The gradient g of y = z*scale + shift becomes that of z, in place: scale*(g - meanGradient - (z - mean)*invStd*meanDot); where the
/// means are null, as statistics were not the batch's, scale*g.
template <class G, class Z>
void launchNormBackward(const NormMap& map, G* g, const Timed<Z>& z, const NormStatistics& norm, const float* scale,
                        const float* meanGradient, const float* meanDot, Stream stream);

}  // namespace snnseg::cuda
