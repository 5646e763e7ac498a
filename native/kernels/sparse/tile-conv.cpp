// Drives the matrix-tile kernels: packs weights, and runs each strip of each image over all steps, so that weights are
// read from L1/L2 and membranes and spikes of the strip never leave L2.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "conv.h"
#include "thread-pool.h"
#include "tile-kernel.h"

namespace snnseg::sparse {
namespace {

#if defined(__x86_64__)

constexpr int highestTwoDigit = 127 * 256 + 127, highestOneDigit = 127;
constexpr int tileBytes = 1024;
// A strip's lines of several steps together; two thirds of a 2 MiB second-level cache.
constexpr int64_t lineBudget = 1280 * 1024;

/// A strip of one image: what a thread needs besides the tiles, kept between its units.
struct Workspace {
  Aligned<uint8_t> lines;
  Aligned<float> membrane;
  Aligned<int8_t> padded;
  std::vector<int64_t> spikes;
};

class TileConv final : public Conv {
 public:
  TileConv(const Layer& layer, const float* weight, bool twoDigits)
      : Conv(layer), plan_(planTiles(layer)), twoDigits_(twoDigits), groupChannels_(twoDigits ? 16 : 32),
        groups_((layer.g.out_channels + groupChannels_ - 1) / groupChannels_),
        groupBytes_(static_cast<int64_t>(plan_.stepsPerGroup) * 2 * tileBytes),
        weights_(static_cast<size_t>(groups_ * groupBytes_)), step_(static_cast<size_t>(layer.g.out_channels)) {
    for (int64_t o = 0; o < layer.g.out_channels; o++) packChannel(weight, o);
  }

  snn_form form() const override { return twoDigits_ ? SNN_FORM_TILE16 : SNN_FORM_TILE8; }
  int64_t weightBytes() const override { return static_cast<int64_t>(weights_.size()); }

  void run(const ConvCall& call) const override {
    const int64_t paddedOut = groups_ * groupChannels_;
    const FoldedScale folded(layer_, call, step_, paddedOut);
    const int64_t strips = static_cast<int64_t>(plan_.strips.size());
    std::vector<Workspace> spaces(static_cast<size_t>(std::max(1, call.threads)));
    for (Workspace& space : spaces) space.spikes.assign(static_cast<size_t>(call.steps), 0);
    parallelFor(strips * call.batch, call.threads, [&](int64_t unit, int worker) {
      runStrip(call, folded, plan_.strips[static_cast<size_t>(unit % strips)], unit / strips, spaces[static_cast<size_t>(worker)]);
    });
    for (int64_t t = 0; call.spikes && t < call.steps; t++) {
      call.spikes[t] = 0;
      for (const Workspace& space : spaces) call.spikes[t] += space.spikes[static_cast<size_t>(t)];
    }
  }

 private:
  void packChannel(const float* weight, int64_t channel) {
    const snn_geometry& g = layer_.g;
    const int64_t inputs = g.in_channels * layer_.taps;
    const float* w = weight + channel * inputs;
    float largest = 0.0f;
    for (int64_t i = 0; i < inputs; i++) largest = std::max(largest, std::fabs(w[i]));
    const int highest = twoDigits_ ? highestTwoDigit : highestOneDigit;
    const float step = largest / static_cast<float>(highest);
    const auto at = static_cast<size_t>(channel);
    step_[at] = step;
    for (int64_t c = 0; c < g.in_channels && step > 0.0f; c++) {
      for (int64_t tap = 0; tap < layer_.taps; tap++) {
        const float value = w[c * layer_.taps + tap];
        const int q = std::clamp(static_cast<int>(std::lrint(value / step)), -highest, highest);
        weightError_[at] = std::max(weightError_[at], std::fabs(value - static_cast<float>(q) * step));
        store(channel, tap, c, q);
      }
    }
  }

  // Tile rows hold four inputs of each of 16 outputs, as the tile multiplication wants its right side.
  void store(int64_t channel, int64_t tap, int64_t c, int q) {
    const bool bytes = layer_.g.input == SNN_INPUT_BYTES;
    const int64_t input = bytes ? tap * layer_.g.in_channels + c : c;
    const int64_t step = bytes ? input / 64 : tap * layer_.words + input / 64;
    const int64_t in = input % 64, group = channel / groupChannels_, column = channel % groupChannels_;
    int8_t* tiles = weights_.data() + group * groupBytes_ + step * 2 * tileBytes;
    const int64_t offset = in / 4 * 64 + column % 16 * 4 + in % 4;
    if (twoDigits_) {
      const int high = (q + 128) >> 8;
      tiles[offset] = static_cast<int8_t>(high);
      tiles[tileBytes + offset] = static_cast<int8_t>(q - 256 * high);
    } else {
      tiles[column / 16 * tileBytes + offset] = static_cast<int8_t>(q);
    }
  }

  void runStrip(const ConvCall& call, const FoldedScale& folded, const TileStrip& strip, int64_t image, Workspace& space) const {
    const int64_t stripBytes = static_cast<int64_t>(strip.lineCount) * lineBytes;
    const int64_t chunk = std::clamp<int64_t>(lineBudget / std::max<int64_t>(1, stripBytes), 1, std::max<int64_t>(1, call.steps));
    const int64_t paddedOut = groups_ * groupChannels_, outPixels = layer_.outPixels(), channels = layer_.g.out_channels;
    space.lines.reserve(static_cast<size_t>(chunk * stripBytes));
    TileTask task{};
    task.lines = space.lines.data();
    task.linesPerStep = stripBytes;
    task.pairs = plan_.pairs.data() + strip.pairBegin;
    task.pairCount = strip.pairCount;
    task.tileSteps = plan_.steps.data();
    task.pixels = plan_.pixels.data() + static_cast<int64_t>(strip.pairBegin) * pixelsPerPair;
    task.weights = weights_.data();
    task.groupBytes = groupBytes_;
    task.groups = groups_;
    task.twoDigits = twoDigits_;
    task.signedInput = layer_.g.input == SNN_INPUT_BYTES;
    task.paddedOut = paddedOut;
    task.outChannels = channels;
    float* state = nullptr;
    if (call.lif) {
      const size_t cells = static_cast<size_t>(paddedOut * strip.pairCount * pixelsPerPair);
      space.membrane.reserve(cells);
      std::fill_n(space.membrane.data(), cells, 0.0f);
      if (call.lif->membrane) state = call.lif->membrane + image * outPixels * channels;
      if (state) moveMembrane<true>(task, space.membrane.data(), state);
      task.threshold = folded.threshold.data();
      task.leak = call.lif->leak;
      task.hardReset = call.lif->hard_reset != 0;
      task.membrane = space.membrane.data();
      task.bitsPerStep = call.batch * outPixels * layer_.outWords;
      task.outWords = layer_.outWords;
    } else {
      task.currentsPerStep = call.batch * outPixels * channels;
    }
    for (int64_t t = 0; t < call.steps; t += chunk) {
      task.steps = std::min(chunk, call.steps - t);
      for (int64_t s = 0; s < task.steps; s++) {
        fillLines(call, strip, (t + s) * call.batch + image, space, space.lines.data() + s * stripBytes);
      }
      task.scale = folded.scale.data() + t * paddedOut;
      if (call.lif) {
        task.shift = folded.shift.data() + t * paddedOut;
        task.bits = call.bits + (t * call.batch + image) * outPixels * layer_.outWords;
        task.spikes = space.spikes.data() + t;
      } else {
        task.currents = call.currents + (t * call.batch + image) * outPixels * channels;
      }
      runTiles(task);
    }
    if (state) moveMembrane<false>(task, space.membrane.data(), state);
  }

  template <bool load>
  void moveMembrane(const TileTask& task, float* blocks, float* state) const {
    const int64_t channels = layer_.g.out_channels;
    for (int64_t i = 0; i < task.pairCount * pixelsPerPair; i++) {
      const int64_t pixel = task.pixels[i];
      for (int64_t o = 0; pixel >= 0 && o < channels; o++) {
        const int64_t group = o / groupChannels_;
        float& inside = blocks[(group * task.pairCount * pixelsPerPair + i) * groupChannels_ + o % groupChannels_];
        float& outside = state[pixel * channels + o];
        load ? inside = outside : outside = inside;
      }
    }
  }

  void fillLines(const ConvCall& call, const TileStrip& strip, int64_t frame, Workspace& space, uint8_t* to) const {
    const TileFill fill{plan_.lines.data() + strip.lineBegin, strip.lineCount, to};
    if (layer_.g.input == SNN_INPUT_BYTES) {
      fillBytes(fill, static_cast<const int8_t*>(call.input) + frame * layer_.pixels() * layer_.g.in_channels, space);
      return;
    }
    const uint64_t* bits = static_cast<const uint64_t*>(call.input) + frame * layer_.pixels() * layer_.words;
    if (layer_.g.pool_stride) {
      fillLinesPooled(fill, bits, layer_.words, layer_.g.height, layer_.g.width, layer_.mapWidth, layer_.g.pool_stride);
    } else {
      fillLinesBits(fill, bits, layer_.words);
    }
  }

  /// Lines of all taps and channels of an output pixel, in blocks of 64.
  void fillBytes(const TileFill& fill, const int8_t* frame, Workspace& space) const {
    const snn_geometry& g = layer_.g;
    const int64_t rowBytes = g.kernel * g.in_channels;
    const bool contiguous = g.dilation == 1;
    space.padded.reserve(static_cast<size_t>(plan_.stepsPerGroup * lineBytes));
    int8_t* line = space.padded.data();
    const int64_t lineSize = plan_.stepsPerGroup * lineBytes;
    for (int64_t i = 0; i < fill.lineCount; i++) {
      const TileLine source = fill.lines[i];
      int8_t* to = reinterpret_cast<int8_t*>(fill.to) + i * lineBytes;
      if (source.pixel < 0) {
        std::memset(to, 0, lineBytes);
        continue;
      }
      std::memset(line, 0, static_cast<size_t>(lineSize));
      const int64_t y0 = source.pixel / layer_.outWidth * g.stride - g.padding, x0 = source.pixel % layer_.outWidth * g.stride - g.padding;
      for (int64_t ky = 0; ky < g.kernel; ky++) {
        const int64_t y = y0 + ky * g.dilation;
        if (y < 0 || y >= g.height) continue;
        if (contiguous) {
          const int64_t from = std::max<int64_t>(0, -x0), end = std::min(g.kernel, g.width - x0);
          const int8_t* row = frame + (y * g.width + x0) * g.in_channels;
          for (int64_t b = from * g.in_channels; b < end * g.in_channels; b++) line[ky * rowBytes + b] = row[b];
        } else {
          for (int64_t kx = 0; kx < g.kernel; kx++) {
            const int64_t x = x0 + kx * g.dilation;
            if (x < 0 || x >= g.width) continue;
            std::memcpy(line + ky * rowBytes + kx * g.in_channels, frame + (y * g.width + x) * g.in_channels, static_cast<size_t>(g.in_channels));
          }
        }
      }
      std::memcpy(to, line + source.word * lineBytes, lineBytes);
    }
  }

  TilePlan plan_;
  bool twoDigits_;
  int64_t groupChannels_, groups_, groupBytes_;
  Aligned<int8_t> weights_;
  std::vector<float> step_;
};

#endif

}  // namespace

#if defined(__x86_64__)
std::unique_ptr<Conv> createTileConv(const Layer& layer, const float* weight, bool twoDigits) {
  return std::make_unique<TileConv>(layer, weight, twoDigits);
}
#else
std::unique_ptr<Conv> createTileConv(const Layer&, const float*, bool) { return nullptr; }
#endif

}  // namespace snnseg::sparse
