// Drives the weight-gradient kernels: lays strips of a few frames out for the tiles, so that they stay in the
// second-level cache while all channels and taps go over them.
#include <algorithm>
#include <string>
#include <vector>

#include "conv.h"
#include "kernels/dispatch.h"
#include "kernels/plan/form-plan.h"
#include "sparse-gradient.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

// What a unit lays out at a time.
constexpr int64_t layoutBudget = 1024 * 1024;
// Output channels that a unit takes.
constexpr int64_t unitOutputs = 128;
// Units that threads share, if there are frames enough: each sums a part of the frames for some output channels.
constexpr int64_t wantedUnits = 8;

/// What a thread lays out, kept between calls.
struct Workspace {
  Aligned<uint8_t> gradients, inputs;
  Aligned<float> sums;
};
thread_local Workspace workspace;

class WeightGradient {
 public:
  WeightGradient(const Layer& layer, const void* input, const uint16_t* gradient, int64_t frames)
      : l_(layer), input_(input), gradient_(gradient), frames_(frames), outputs_(std::min(unitOutputs, roundUp(layer.g.out_channels, channelBlock))),
        splits_((layer.g.out_channels + outputs_ - 1) / outputs_), inputGroups_(roundUp(layer.g.in_channels, channelBlock) / 16),
        plan_(planGradient(layer, positionsOfStrip())),
        splitFloats_(outputs_ * inputGroups_ * 16 * layer.taps),
        parts_(std::clamp<int64_t>(wantedUnits / splits_, 1, std::max<int64_t>(1, frames))),
        together_(std::clamp<int64_t>(layoutBudget / bytesOfFrame(), 1, std::max<int64_t>(1, frames / parts_))) {}

  void run(float* result, int threads) {
    const size_t count = static_cast<size_t>(parts_ * splits_ * splitFloats_);
    workspace.sums.reserve(count);
    sums_ = workspace.sums.data();
    std::fill_n(sums_, count, 0.0f);
    parallelFor(parts_ * splits_, threads, [&](int64_t unit, int) { sumPart(unit / splits_, unit % splits_, workspace); });
    parallelFor(l_.g.out_channels, threads, [&](int64_t o, int) { writeChannel(o, result); });
  }

 private:
  int64_t bytesPerPosition() const { return halfBytes_ * (outputs_ + 2 * 16 * inputGroups_); }
  int64_t positionsOfStrip() const { return std::max<int64_t>(4 * chunkPositions, layoutBudget / bytesPerPosition()); }
  int64_t phaseBytes() const { return inputGroups_ * groupBytes(); }
  // Groups a multiple of 4 KiB apart would share a few sets of the cache.
  int64_t groupBytes() const { return roundUp(plan_.inputPositions / 2, 64) * 32 * halfBytes_ + 1024; }
  int64_t inputFrameBytes() const { return plan_.phases * phaseBytes(); }
  int64_t gradientFrameBytes() const { return halfBytes_ * outputs_ * plan_.outputPositions; }
  int64_t bytesOfFrame() const { return inputFrameBytes() + gradientFrameBytes(); }

  void sumPart(int64_t part, int64_t split, Workspace& space) {
    space.gradients.reserve(static_cast<size_t>(together_ * gradientFrameBytes()));
    space.inputs.reserve(static_cast<size_t>(together_ * inputFrameBytes()));
    GradientTask task{};
    task.gradients = space.gradients.data();
    task.inputs = space.inputs.data();
    task.gradientFrameBytes = gradientFrameBytes();
    task.panelBytes = plan_.outputPositions * channelBlock * halfBytes_;
    task.inputFrameBytes = inputFrameBytes();
    task.phaseBytes = phaseBytes();
    task.groupBytes = groupBytes();
    task.outputGroups = outputs_ / 16;
    task.inputGroups = inputGroups_;
    task.tapCount = l_.taps;
    task.steps = plan_.steps.data();
    task.sums = sums_ + (part * splits_ + split) * splitFloats_;
    const int64_t end = frames_ * (part + 1) / parts_;
    for (int64_t first = frames_ * part / parts_; first < end; first += together_) {
      task.frames = std::min(together_, end - first);
      for (const GradientStrip& strip : plan_.strips) {
        for (int64_t f = 0; f < task.frames; f++) {
          kernels().gradientTiles(plan_.outputs.data() + strip.outputBegin, plan_.outputPositions,
                        gradient_ + (first + f) * l_.outPixels() * l_.g.out_channels, l_.g.out_channels, split * outputs_, outputs_ / 16,
                        space.gradients.data() + f * gradientFrameBytes());
          layInputs(strip, first + f, space.inputs.data() + f * inputFrameBytes());
        }
        task.taps = plan_.taps.data() + strip.tapBegin;
        kernels().runGradientTiles(task);
      }
    }
  }

  void layInputs(const GradientStrip& strip, int64_t frame, uint8_t* to) const {
    const snn_geometry& g = l_.g;
    const InputLines lines{plan_.inputs.data() + strip.inputBegin, plan_.inputPositions, plan_.phases, g.in_channels, to, phaseBytes(), groupBytes()};
    if (g.input == SNN_INPUT_BF16) {
      kernels().inputLinesBf16(lines, static_cast<const uint16_t*>(input_) + frame * l_.pixels() * g.in_channels);
      return;
    }
    const uint64_t* bits = static_cast<const uint64_t*>(input_) + frame * l_.pixels() * l_.words;
    if (g.pool_stride) {
      kernels().inputLinesPooled(lines, bits, l_.words, g.height, g.width, l_.mapWidth, g.pool_stride);
    } else {
      kernels().inputLinesBits(lines, bits, l_.words);
    }
  }

  /// From tiles to [O, C, K, K], parts added in order.
  void writeChannel(int64_t o, float* result) const {
    const int64_t split = o / outputs_, group = o % outputs_ / 16, row = o % 16;
    for (int64_t c = 0; c < l_.g.in_channels; c += 16) {
      const int64_t some = std::min<int64_t>(16, l_.g.in_channels - c);
      for (int64_t tap = 0; tap < l_.taps; tap++) {
        const float* from = sums_ + split * splitFloats_ + ((group * inputGroups_ + c / 16) * l_.taps + tap) * 256 + row * 16;
        float sum[16] = {};
        for (int64_t part = 0; part < parts_; part++, from += splits_ * splitFloats_) {
          for (int64_t i = 0; i < 16; i++) sum[i] += from[i];
        }
        for (int64_t i = 0; i < some; i++) result[(o * l_.g.in_channels + c + i) * l_.taps + tap] = sum[i] * l_.inputScale;
      }
    }
  }

  const int64_t halfBytes_ = kernels().bytesOfHalf();
  const Layer& l_;
  const void* input_;
  const uint16_t* gradient_;
  int64_t frames_, outputs_, splits_, inputGroups_;
  GradientPlan plan_;
  int64_t splitFloats_, parts_, together_;
  float* sums_ = nullptr;  // [parts, splits, output groups, input groups, taps] tiles
};

}  // namespace

const char* weightGradient(const Layer& layer, const void* input, const uint16_t* gradient, int64_t frames, float* result, int threads) {
  const snn_geometry& g = layer.g;
  if (g.input == SNN_INPUT_BYTES || g.stride != 1 || g.kernel % 2 == 0 || 2 * g.padding != g.dilation * (g.kernel - 1)) {
    return "expected bits or bf16 as input and an odd kernel whose padding keeps the size";
  }
  if (gradientFromBits(g, isa())) {
    sparseWeightGradient(layer, static_cast<const uint64_t*>(input), gradient, frames, result, threads);
  } else {
    WeightGradient(layer, input, gradient, frames).run(result, threads);
  }
  return nullptr;
}

}  // namespace snnseg::sparse
