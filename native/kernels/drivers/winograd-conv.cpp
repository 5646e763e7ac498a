// Drives convolutions in Winograd's form: transforms weights when they are packed, and computes some tiles of all frames at a time.
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "conv.h"
#include "kernels/bf16.h"
#include "kernels/dispatch.h"
#include "kernels/plan/winograd-plan.h"
#include "quantize.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t groupChannels = 32, blockValues = 2 * 512;  // 32 inputs by two tiles of 16 outputs
// The transformed inputs of the tiles that are taken together: they stay in the second-level cache. Weights of wide layers do not even
// fit the third, and are read for as many tiles as possible instead (measured best of 1 to 8 MiB).
constexpr int64_t lineBudget = 128 * 1024, wideLineBudget = 4608 * 1024, mostNarrowChannels = 256;

struct Workspace {
  Aligned<uint8_t> lines;
  Aligned<float> sums;
};
thread_local Workspace workspace;

/// G of a column of three weights.
void transformColumn(const float* w, int64_t stride, float* to, int64_t toStride) {
  const float outer = w[0] + w[2 * stride], middle = w[stride];
  to[0] = w[0];
  to[toStride] = 0.5f * (outer + middle);
  to[2 * toStride] = 0.5f * (outer - middle);
  to[3 * toStride] = w[2 * stride];
}

class WinogradConv final : public Conv {
 public:
  explicit WinogradConv(const Layer& layer)
      : Conv(layer), plan_(planWinograd(layer)), groups_((layer.g.out_channels + groupChannels - 1) / groupChannels),
        valueBytes_(kernels().bytesOfWinograd()), groupBytes_(winogradPositions * layer.words * blockValues * valueBytes_), weights_(static_cast<size_t>(groups_ * groupBytes_)) {}

  /// Some inputs at a time, for all outputs of a group: weights that are turned lie far apart.
  void pack(const WeightView& weight, int threads) override {
    parallelFor(groups_, threads, [&](int64_t group, int) {
      const int64_t first = group * groupChannels, last = std::min(layer_.g.out_channels, first + groupChannels);
      for (int64_t c = 0; c < layer_.g.in_channels; c += 32) {
        for (int64_t o = first; o < last; o++) packInputs(weight, o, c, std::min(layer_.g.in_channels, c + 32));
      }
    });
  }

  snn_form form() const override { return SNN_FORM_WINOGRAD; }
  int64_t weightBytes() const override { return static_cast<int64_t>(weights_.size()); }

  void run(const ConvCall& call) const override {
    if (call.lif || call.moments) throw std::runtime_error("expected another form for neurons and moments than Winograd's");
    const int64_t frameTiles = static_cast<int64_t>(plan_.tiles.size()), tiles = call.steps * call.batch * frameTiles;
    const int64_t linesSize = winogradPositions * plan_.positionValues * valueBytes_;  // of 16 tiles
    const int64_t budget = layer_.g.in_channels > mostNarrowChannels ? wideLineBudget : lineBudget;
    const int64_t threads = std::max(1, call.threads), fair = (tiles + tilePixels * threads - 1) / (tilePixels * threads);
    const int64_t together = std::clamp<int64_t>(budget / linesSize, 1, std::max<int64_t>(1, fair)) * tilePixels;
    parallelFor((tiles + together - 1) / together, call.threads, [&](int64_t unit, int) {
      workspace.lines.reserve(static_cast<size_t>(together / tilePixels * linesSize));
      workspace.sums.reserve(static_cast<size_t>(together / tilePixels * winogradSums));
      WinogradTask task{};
      task.input = static_cast<const uint16_t*>(call.input);
      task.tiles = plan_.tiles.data();
      task.frameTiles = frameTiles;
      task.first = unit * together;
      task.count = std::min(together, tiles - task.first);
      task.pixels = layer_.pixels();
      task.inChannels = layer_.g.in_channels;
      task.outChannels = layer_.g.out_channels;
      task.weights = weights_.data();
      task.groupBytes = groupBytes_;
      task.steps = plan_.steps.data();
      task.stepCount = static_cast<int>(layer_.words);
      task.lines = workspace.lines.data();
      task.positionValues = plan_.positionValues;
      task.sums = workspace.sums.data();
      task.currents = call.currents;
      task.halves = call.halves;
      kernels().runWinograd(task);
    });
  }

 private:
  // Lines hold a weight of each of 16 outputs, or a pair.
  void packInputs(const WeightView& weight, int64_t channel, int64_t from, int64_t to) {
    const int64_t column = channel % groupChannels, positionBytes = layer_.words * blockValues * valueBytes_;
    const bool pairs = valueBytes_ == 2;
    const int64_t together = pairs ? 2 : 1;
    int8_t* const group = weights_.data() + channel / groupChannels * groupBytes_ + column / 16 * (blockValues / 2) * valueBytes_ + column % 16 * 4;
    for (int64_t c = from; c < to; c++) {
      float w[9], half[12], u[winogradPositions];
      for (int64_t tap = 0; tap < 9; tap++) w[tap] = finiteWeight(weight, channel, c, tap);
      for (int x = 0; x < 3; x++) transformColumn(w + x, 3, half + x, 3);
      for (int y = 0; y < 4; y++) transformColumn(half + 3 * y, 1, u + 4 * y, 1);
      int8_t* place = group + c / 32 * blockValues * valueBytes_ + c % 32 / together * 64 + c % together * 2;
      for (int p = 0; p < winogradPositions; p++, place += positionBytes) {
        const uint16_t rounded = toBf16(u[p]);
        pairs ? std::memcpy(place, &rounded, 2) : std::memcpy(place, &u[p], 4);
      }
    }
  }

  WinogradPlan plan_;
  int64_t groups_, valueBytes_, groupBytes_;
  Aligned<int8_t> weights_;  // [groups of 32 outputs, positions, blocks of 32 inputs, 2 tiles, 32 inputs, 16 outputs]
};

}  // namespace

std::unique_ptr<Conv> createWinogradConv(const Layer& layer) { return std::make_unique<WinogradConv>(layer); }

}  // namespace snnseg::sparse
