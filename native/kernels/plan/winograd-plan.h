// How a convolution of kernel 3 is cut for Winograd's F(2x2, 3x3): 16 products a channel give 2x2 outputs, for 36 of a plain loop.
//
//     y = Aᵀ (Σ_c U ⊙ V) A,   U = G w Gᵀ,   V = Bᵀ d B
//
// d are 4x4 inputs of a channel, U and V 4x4 positions. With dilation D the map falls into D x D phases, every D-th pixel of every
// D-th row, each a map of its own without dilation. Lavin & Gray 2016, arXiv:1509.09308.
#pragma once

#include <cstdint>
#include <vector>

#include "tile-plan.h"

namespace snnseg::sparse {

constexpr int winogradPositions = 16;
constexpr int64_t mostWinogradChannels = 1024;  // whose transformed inputs, 16 tiles at a time, take a MiB

/// 2x2 outputs and the 4x4 inputs that they see: pixels of the map, or -1 outside.
struct WinogradTile {
  int32_t inputs[16];
  int32_t outputs[4];
};

struct WinogradPlan {
  std::vector<WinogradTile> tiles;  // of a frame
  std::vector<TileStep> steps;      // a block of 32 input channels each
  int64_t positionValues;           // between two positions of the transformed inputs of 16 tiles
};

/// Whether this form can compute a layer.
bool winogradFits(const snn_geometry& geometry);
/// Whether it takes clearly fewer products than there are taps inside the image; for what fits.
bool winogradSaves(const snn_geometry& geometry);

WinogradPlan planWinograd(const Layer& layer);

}  // namespace snnseg::sparse
