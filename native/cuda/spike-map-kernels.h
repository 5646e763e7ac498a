// Kernels of bit-packed spike maps: to values that tensor cores multiply, and back through their pooling. Words: ops/spike-words.h.
#pragma once

#include <cstdint>

#include "stream.h"
#include "values.h"

namespace snnseg::cuda {

/// [frames, height, width], of so many channels.
struct SpikeMaps {
  int64_t frames, height, width, channels;
  int64_t poolStride;  // of 3x3 windows with a border of zeros; 0: each pixel is a window of its own

  int64_t words() const { return (channels + 63) / 64; }
  int64_t pooledHeight() const { return poolStride == 0 ? height : (height - 1) / poolStride + 1; }
  int64_t pooledWidth() const { return poolStride == 0 ? width : (width - 1) / poolStride + 1; }
};

/// How many pixels of each window spike, 0 to 9, to `counts` [frames, pooledHeight, pooledWidth, channels].
void launchCounts(const SpikeMaps& maps, const uint64_t* words, Bf16* counts, Stream stream);

/// From the gradient of the counts that of the spikes, [frames, height, width, channels], where there are windows.
void launchUnpool(const SpikeMaps& maps, const Bf16* ofCounts, Bf16* ofSpikes, Stream stream);

/// Spikes over so many timesteps, each of `frames`: `sums` [frames, height, width, channels].
void launchSumSteps(const SpikeMaps& maps, int64_t steps, const uint64_t* words, float* sums, Stream stream);

}  // namespace snnseg::cuda
