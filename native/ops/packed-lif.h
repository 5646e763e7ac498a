// LIF neurons over all timesteps from currents to bits, with batch norm through time, and their gradient: plain loops over
// rows of channels, for packed-layer.cpp. Equations: lif-sequence.cpp.
//
// Rows are the pixels of all images of one timestep, [T, rows, C]. They are cut into a fixed number of units whose partial
// sums are added in order, so results do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/surrogate.h"

namespace snnseg {

struct PackedLif {
  int64_t steps, rows, channels;
  float leak;
  bool hardReset;
  Surrogate surrogate;
  const float* threshold;  // [C]
  const float* current;    // [T, rows, C], or [rows, C] where it is constant
  bool constant;
  int threads;

  const float* frame(int64_t t) const { return current + (constant ? 0 : t * rows * channels); }
  int64_t words() const { return (channels + 63) / 64; }
};

/// Batch norm as y = scale * z + shift, [T, C] each; null without batch norm.
struct Affine {
  const float* scale = nullptr;
  const float* shift = nullptr;
};

/// Sums of z and z^2 over the rows, [T, 2, C].
std::vector<double> currentMoments(const PackedLif& layer);

/// Bits [T, rows, words]; counts and excess [T] as those of lif_sequence.
void packedLifForward(const PackedLif& layer, const Affine& norm, uint64_t* bits, int64_t* counts, double* excess);

/// Gradient of the spikes in bf16, [T, rows, C], with any step between timesteps (0 where it is the same at each).
struct SpikeGradient {
  const uint16_t* data;
  int64_t timeStride;
};

/// g = dL/dy in bf16, [T, rows, C]; returns the sums of g and g*z over the rows, [T, 2, C].
std::vector<double> packedLifBackward(const PackedLif& layer, const Affine& norm, const SpikeGradient& spikes, uint16_t* g);

/// dL/dz = a*g + b*z + c, with [T, C] coefficients; in place, or summed over time where the current is constant.
struct NormGradient {
  std::vector<float> a, b, c;
};
void normGradient(const PackedLif& layer, const NormGradient& coefficients, uint16_t* g);
void normGradientSum(const PackedLif& layer, const NormGradient& coefficients, const uint16_t* g, float* sum);

/// Gradient of 3x3 average pooling with padding 1: [frames, h, w, C] to [frames, H, W, C], bf16.
void unpool(const uint16_t* pooled, int64_t frames, int64_t height, int64_t width, int64_t channels, int64_t stride, uint16_t* full,
            int threads);

}  // namespace snnseg
