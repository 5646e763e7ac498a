// The checked geometry of one spiking convolution, shared by every form.
#pragma once

#include <cstdint>

#include "kernels/snn.h"

namespace snnseg::sparse {

struct Layer {
  snn_geometry g;
  int64_t mapHeight, mapWidth;  // what the convolution sees: after pooling
  int64_t outHeight, outWidth;
  int64_t words, outWords;      // 64-channel words of a pixel (bf16 input: blocks of 32 channels)
  int64_t taps;
  float inputScale;             // 1/9 where the input is a pooled count, else 1

  int64_t pixels() const { return g.height * g.width; }
  int64_t mapPixels() const { return mapHeight * mapWidth; }
  int64_t outPixels() const { return outHeight * outWidth; }
};

/// Fills `layer`; returns null, or the expectation that the geometry misses.
const char* checkGeometry(const snn_geometry& geometry, Layer& layer);

}  // namespace snnseg::sparse
