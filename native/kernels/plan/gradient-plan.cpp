#include "gradient-plan.h"

#include <algorithm>

namespace snnseg::sparse {
namespace {

constexpr int64_t chunkBytes = 2 * 1024;  // two tiles of gradients

/// Width of column blocks, or 0 where rows serve better.
int64_t columnBlock(const Layer& layer) {
  for (int64_t width : {16, 8, 4}) {
    if (layer.g.kernel > 1 && layer.g.dilation % width == 0 && layer.outWidth % width == 0) return width;
  }
  return 0;
}

class Planner {
 public:
  Planner(const Layer& layer, int64_t positions)
      : l_(layer), reach_(layer.g.dilation * (layer.g.kernel / 2)), block_(columnBlock(layer)),
        pitch_(block_ ? block_ : roundUp(layer.outWidth + reach_, 2)), blocks_(block_ ? layer.outWidth / block_ : 1),
        rows_(std::clamp<int64_t>(positions / (pitch_ * blocks_), 1, layer.outHeight)), lead_(block_ ? 0 : roundUp(reach_, 2)),
        outputBlock_(roundUp(rows_ * pitch_, chunkPositions)),
        inputBlock_(2 * lead_ + (rows_ + 2 * reach_) * pitch_ + chunkPositions) {
    plan_.outputPositions = static_cast<int32_t>(outputBlock_ * blocks_);
    plan_.inputPositions = static_cast<int32_t>(inputBlock_ * blocks_);
    plan_.phases = !block_ && layer.g.kernel > 1 && layer.g.dilation % 2 == 1 ? 2 : 1;
    for (int64_t row = 0; row < layer.outHeight; row += rows_) planStrip(row);
  }
  GradientPlan take() { return std::move(plan_); }

 private:
  int32_t pixel(int64_t y, int64_t x) const {
    const bool in = y >= 0 && y < l_.outHeight && x >= 0 && x < l_.outWidth;
    return in ? static_cast<int32_t>(y * l_.outWidth + x) : -1;
  }

  void planStrip(int64_t first) {
    const int64_t last = std::min(l_.outHeight, first + rows_);
    plan_.strips.push_back({static_cast<int32_t>(plan_.outputs.size()), static_cast<int32_t>(plan_.inputs.size()),
                            static_cast<int32_t>(plan_.taps.size())});
    for (int64_t block = 0; block < blocks_; block++) {
      for (int64_t i = 0; i < outputBlock_; i++) {
        const int64_t y = first + i / pitch_, x = i % pitch_;
        plan_.outputs.push_back(y < last && (!block_ || x < block_) ? pixel(y, block * block_ + x) : -1);
      }
      for (int64_t i = 0; i < inputBlock_; i++) {
        const int64_t at = i - lead_;
        const bool inside = at >= 0 && at < (rows_ + 2 * reach_) * pitch_;
        plan_.inputs.push_back(inside ? pixel(first - reach_ + at / pitch_, block * block_ + at % pitch_) : -1);
      }
    }
    for (int64_t tap = 0; tap < l_.taps; tap++) {
      planTap(first, last, (tap / l_.g.kernel - l_.g.kernel / 2) * l_.g.dilation, (tap % l_.g.kernel - l_.g.kernel / 2) * l_.g.dilation);
    }
  }

  /// Chunks of which some row reads the image through this tap.
  void planTap(int64_t first, int64_t last, int64_t down, int64_t right) {
    const int64_t sideways = block_ ? right / block_ : 0, shift = (down + reach_) * pitch_ + lead_ + (block_ ? 0 : right);
    const auto begin = static_cast<int32_t>(plan_.steps.size());
    for (int64_t block = std::max<int64_t>(0, -sideways); block < std::min(blocks_, blocks_ - sideways); block++) {
      for (int64_t at = 0; at < (last - first) * pitch_; at += chunkPositions) {
        const int64_t top = first + at / pitch_ + down, bottom = std::min(last - 1, first + (at + chunkPositions - 1) / pitch_) + down;
        if (bottom < 0 || top >= l_.outHeight) continue;
        plan_.steps.push_back({static_cast<int32_t>((block * outputBlock_ + at) / chunkPositions * chunkBytes),
                               static_cast<int32_t>(((block + sideways) * inputBlock_ + at + shift) / 2 * pairBytes)});
      }
    }
    plan_.taps.push_back({static_cast<int32_t>(shift & 1), begin, static_cast<int32_t>(plan_.steps.size()) - begin});
  }

  const Layer& l_;
  int64_t reach_, block_, pitch_, blocks_, rows_, lead_, outputBlock_, inputBlock_;
  GradientPlan plan_;
};

}  // namespace

GradientPlan planGradient(const Layer& layer, int64_t positions) { return Planner(layer, positions).take(); }

}  // namespace snnseg::sparse
