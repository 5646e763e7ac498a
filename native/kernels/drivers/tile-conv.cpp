// Drives the matrix-tile kernels: packs weights, and runs each strip of each image over all steps, so that weights are
// read from L1/L2 and membranes and spikes of the strip never leave L2.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/bf16.h"
#include "conv.h"
#include "kernels/dispatch.h"
#include "quantize.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

/// The integers of a form: q = 2^bits * high + low, digits from -127 to 127.
struct Digits {
  bool two;
  int bits, highest;
};

Digits digitsOf(snn_form form) {
  if (form == SNN_FORM_DENSE16) return {true, 8, 127 * 256 + 127};
  // As the gathers' weights, so that both give the same sums.
  if (form == SNN_FORM_DENSE14) return {true, 7, highestOf14Bits};
  return {false, 0, 127};
}

// Frames that a unit of a plain convolution takes, a multiple of the kernel's two.
constexpr int64_t segmentFrames = 20;
// A strip's lines of several steps together; with weights and membranes they should stay in a second-level cache of 1 to
// 2 MiB (measured best of 128 KiB to 1.4 MiB).
constexpr int64_t lineBudget = 400 * 1024;

/// What a thread needs besides the tiles, kept between strips and calls.
struct Workspace {
  Aligned<uint8_t> lines;
  Aligned<float> membrane;
  Aligned<int8_t> bytes;
};
thread_local Workspace workspace;

class TileConv final : public Conv {
 public:
  TileConv(const Layer& layer, snn_form form)
      : Conv(layer), plan_(planTiles(layer)), form_(form), digits_(digitsOf(form)), groupChannels_(digits_.two ? 16 : 32),
        groups_((layer.g.out_channels + groupChannels_ - 1) / groupChannels_),
        halfBytes_(form == SNN_FORM_DENSE_BF16 ? kernels().bytesOfHalf() : 2), lineSize_(lineBytes * halfBytes_ / 2),
        stepSize_(weightStepBytes * halfBytes_ / 2), groupBytes_(plan_.weightSteps * stepSize_),
        weights_(static_cast<size_t>(groups_ * groupBytes_)), step_(static_cast<size_t>(layer.g.out_channels)) {}

  /// Inputs of a tile row's step at a time, for all outputs of a group: weights that are turned lie far apart.
  void pack(const WeightView& weight, int threads) override {
    parallelFor(groups_, threads, [&](int64_t group, int) {
      const int64_t first = group * groupChannels_, last = std::min(layer_.g.out_channels, first + groupChannels_);
      for (int64_t o = first; o < last; o++) {
        weightError_[static_cast<size_t>(o)] = 0.0f;
        step_[static_cast<size_t>(o)] = form_ == SNN_FORM_DENSE_BF16 ? 1.0f : stepOf(largestWeight(layer_, weight, o), digits_.highest);
      }
      for (int64_t c = 0; c < layer_.g.in_channels; c += 32) {
        const int64_t end = std::min(layer_.g.in_channels, c + 32);
        for (int64_t o = first; o < last; o++) form_ == SNN_FORM_DENSE_BF16 ? packHalves(weight, o, c, end) : packDigits(weight, o, c, end);
      }
    });
  }

  snn_form form() const override { return form_; }
  int64_t weightBytes() const override { return static_cast<int64_t>(weights_.size()); }

  void run(const ConvCall& call) const override {
    if (!call.lif) return runCurrents(call);
    const FoldedScale folded(layer_, call, step_, paddedOut());
    const int64_t strips = static_cast<int64_t>(plan_.strips.size());
    parallelFor(strips * call.batch, call.threads, [&](int64_t unit, int) {
      runStrip(call, folded, plan_.strips[static_cast<size_t>(unit % strips)], unit / strips, 0, call.steps, workspace);
    });
    countSpikes(layer_, call);
  }

 private:
  int64_t paddedOut() const { return groups_ * groupChannels_; }

  /// Frames are independent: they are taken as steps of one image.
  void runCurrents(const ConvCall& call) const {
    ConvCall frames = call;
    frames.steps = call.steps * call.batch;
    frames.batch = 1;
    const FoldedScale folded(layer_, frames, step_, paddedOut());
    const int64_t strips = static_cast<int64_t>(plan_.strips.size()), segments = (frames.steps + segmentFrames - 1) / segmentFrames;
    // Sums of currents and of their squares, [strips, frames, 2, channels].
    const int64_t channels = layer_.g.out_channels, stripMoments = call.moments ? frames.steps * 2 * paddedOut() : 0;
    Aligned<float> moments(static_cast<size_t>(strips * stripMoments));
    parallelFor(strips * segments, call.threads, [&](int64_t unit, int) {
      const int64_t from = unit / strips * segmentFrames, strip = unit % strips;
      runStrip(frames, folded, plan_.strips[static_cast<size_t>(strip)], 0, from, std::min(frames.steps, from + segmentFrames), workspace,
               call.moments ? moments.data() + strip * stripMoments : nullptr);
    });
    for (int64_t row = 0; call.moments && row < 2 * frames.steps; row++) {
      for (int64_t o = 0; o < channels; o++) {
        double sum = 0.0;
        for (int64_t strip = 0; strip < strips; strip++) sum += moments.data()[strip * stripMoments + row * paddedOut() + o];
        call.moments[row * channels + o] = sum;
      }
    }
  }

  // Tile rows hold four inputs of each of 16 outputs, as the tile multiplication wants its right side. What does not change is kept in
  // variables, as a store of bytes might change any member.
  void packDigits(WeightView weight, int64_t channel, int64_t from, int64_t to) {
    const bool bytes = layer_.g.input == SNN_INPUT_BYTES;
    const int64_t taps = layer_.taps, channels = layer_.g.in_channels, words = layer_.words, column = channel % groupChannels_;
    const auto at = static_cast<size_t>(channel);
    const Digits digits = digits_;
    const Quantizer quantizer(step_[at], digits.highest);
    int8_t* const group = weights_.data() + channel / groupChannels_ * groupBytes_ + column / 16 * 1024 + column % 16 * 4;
    float error = weightError_[at];
    for (int64_t c = from; c < to; c++) {
      for (int64_t tap = 0; tap < taps; tap++) {
        const int64_t input = bytes ? tap * channels + c : c, step = bytes ? input / 64 : tap * words + input / 64, in = input % 64;
        int8_t* const place = group + step * weightStepBytes + in / 4 * 64 + in % 4;
        const float value = weight.at(channel, c, tap);
        int q = quantizer.quantize(value);
        if (digits.two) {
          const int high = (q + (1 << digits.bits >> 1)) >> digits.bits;
          const int low = std::max(q - high * (1 << digits.bits), -127);  // byte products have no -128
          place[0] = static_cast<int8_t>(high);
          place[1024] = static_cast<int8_t>(low);
          q = high * (1 << digits.bits) + low;
        } else {
          place[0] = static_cast<int8_t>(q);
        }
        error = std::max(error, std::fabs(value - static_cast<float>(q) * quantizer.step));
      }
    }
    weightError_[at] = error;
  }

  // Tile rows hold two inputs of each of 16 outputs; float32 one.
  void packHalves(WeightView weight, int64_t channel, int64_t from, int64_t to) {
    const int64_t taps = layer_.taps, tapBytes = layer_.words * stepSize_, column = channel % groupChannels_;
    const bool wide = halfBytes_ == 4;
    const int64_t together = wide ? 1 : 2;
    int8_t* const group = weights_.data() + channel / groupChannels_ * groupBytes_ + column / 16 * (stepSize_ / 2) + column % 16 * 4;
    float error = weightError_[static_cast<size_t>(channel)];
    for (int64_t c = from; c < to; c++) {
      int8_t* place = group + c / 32 * stepSize_ + c % 32 / together * 64 + c % together * 2;
      for (int64_t tap = 0; tap < taps; tap++, place += tapBytes) {
        const float value = finiteWeight(weight, channel, c, tap);
        const uint16_t half = toBf16(value);
        const float rounded = fromBf16(half);
        error = std::max(error, std::fabs(value - rounded));
        wide ? std::memcpy(place, &rounded, 4) : std::memcpy(place, &half, 2);
      }
    }
    weightError_[static_cast<size_t>(channel)] = error;
  }

  /// Steps [from, to) of a strip of an image.
  void runStrip(const ConvCall& call, const FoldedScale& folded, const TileStrip& strip, int64_t image, int64_t from, int64_t to,
                Workspace& space, float* moments = nullptr) const {
    const int64_t stripBytes = strip.lineCount * lineSize_;
    // Equal parts, and a multiple of the kernel's two steps.
    const int64_t fitting = std::clamp<int64_t>(lineBudget / std::max<int64_t>(1, stripBytes) / 2 * 2, 2, std::max<int64_t>(2, to - from));
    const int64_t parts = (to - from + fitting - 1) / fitting, chunk = ((to - from + parts - 1) / parts + 1) / 2 * 2;
    const int64_t outPixels = layer_.outPixels(), channels = layer_.g.out_channels;
    space.lines.reserve(static_cast<size_t>(chunk * stripBytes));
    TileTask task{};
    task.lines = space.lines.data();
    task.linesPerStep = stripBytes;
    task.tiles = plan_.tiles.data() + strip.tileBegin;
    task.tileCount = strip.tileCount;
    task.tileSteps = plan_.steps.data();
    task.pixels = plan_.pixels.data() + static_cast<int64_t>(strip.tileBegin) * tilePixels;
    task.weights = weights_.data();
    task.groupBytes = groupBytes_;
    task.groups = groups_;
    task.twoDigits = digits_.two;
    task.base = static_cast<float>(1 << digits_.bits);
    task.product = form_ == SNN_FORM_DENSE_BF16              ? TileProduct::bf16
                   : layer_.g.input == SNN_INPUT_BYTES ? TileProduct::signedBytes
                                                       : TileProduct::unsignedBytes;
    const bool oneLine = layer_.g.input == SNN_INPUT_BYTES && plan_.weightSteps == 1;
    task.depth = oneLine ? static_cast<int>((layer_.taps * layer_.g.in_channels + 3) / 4) : lineBytes / 4;
    task.paddedOut = paddedOut();
    task.outChannels = channels;
    float* state = nullptr;
    if (call.lif) {
      const size_t cells = static_cast<size_t>(paddedOut() * strip.tileCount * tilePixels);
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
    for (int64_t t = from; t < to; t += chunk) {
      task.steps = std::min(chunk, to - t);
      for (int64_t s = 0; s < task.steps; s++) {
        fillLines(call, strip, (t + s) * call.batch + image, space, space.lines.data() + s * stripBytes);
      }
      task.scale = folded.scale.data() + t * paddedOut();
      if (call.lif) {
        task.shift = folded.shift.data() + t * paddedOut();
        task.bits = call.bits + (t * call.batch + image) * outPixels * layer_.outWords;
      } else {
        const int64_t at = (t * call.batch + image) * outPixels * channels;
        task.currents = call.currents ? call.currents + at : nullptr;
        task.halves = call.halves ? call.halves + at : nullptr;
        task.moments = moments ? moments + t * 2 * paddedOut() : nullptr;
      }
      kernels().runTiles(task);
    }
    if (state) moveMembrane<false>(task, space.membrane.data(), state);
  }

  template <bool load>
  void moveMembrane(const TileTask& task, float* blocks, float* state) const {
    const int64_t channels = layer_.g.out_channels;
    for (int64_t i = 0; i < task.tileCount * tilePixels; i++) {
      const int64_t pixel = task.pixels[i];
      for (int64_t o = 0; pixel >= 0 && o < channels; o++) {
        float& inside = blocks[(o / groupChannels_ * task.tileCount * tilePixels + i) * groupChannels_ + o % groupChannels_];
        float& outside = state[pixel * channels + o];
        load ? inside = outside : outside = inside;
      }
    }
  }

  void fillLines(const ConvCall& call, const TileStrip& strip, int64_t frame, Workspace& space, uint8_t* to) const {
    const TileFill fill{plan_.lines.data() + strip.lineBegin, strip.lineCount, to};
    if (layer_.g.input == SNN_INPUT_BYTES) {
      const int64_t frameBytes = layer_.pixels() * layer_.g.in_channels;
      const int8_t* bytes = static_cast<const int8_t*>(call.input);
      fillBytes(fill, bytes + frame * frameBytes, bytes + call.steps * call.batch * frameBytes, space);
      return;
    }
    if (layer_.g.input == SNN_INPUT_BF16) {
      const int64_t frameValues = layer_.pixels() * layer_.g.in_channels;
      kernels().fillLinesBf16(fill, static_cast<const uint16_t*>(call.input) + frame * frameValues, layer_.g.in_channels);
      return;
    }
    const uint64_t* bits = static_cast<const uint64_t*>(call.input) + frame * layer_.pixels() * layer_.words;
    if (layer_.g.pool_stride) {
      kernels().fillLinesPooled(fill, bits, layer_.words, layer_.g.height, layer_.g.width, layer_.mapWidth, layer_.g.pool_stride);
    } else {
      kernels().fillLinesBits(fill, bits, layer_.words);
    }
  }

  /// Lines of all taps and channels of an output pixel, in blocks of 64.
  void fillBytes(const TileFill& fill, const int8_t* frame, const int8_t* end, Workspace& space) const {
    const snn_geometry& g = layer_.g;
    const int64_t rowBytes = g.kernel * g.in_channels;
    const bool contiguous = g.dilation == 1;
    space.bytes.reserve(static_cast<size_t>(plan_.weightSteps * lineBytes));
    int8_t* line = space.bytes.data();
    const int64_t lineSize = plan_.weightSteps * lineBytes;
    // Kernel rows that fit 16 bytes are copied as such; what they bring too much meets weights of 0.
    constexpr int64_t copyBytes = 16;
    const bool shortRows = contiguous && rowBytes <= copyBytes && (g.kernel - 1) * rowBytes + copyBytes <= lineBytes;
    const int8_t* lastCopy = end - copyBytes;
    for (int64_t i = 0; i < fill.lineCount; i++) {
      const TileLine source = fill.lines[i];
      int8_t* to = reinterpret_cast<int8_t*>(fill.to) + i * lineBytes;
      if (source.pixel < 0) {
        std::memset(to, 0, lineBytes);
        continue;
      }
      const int64_t y0 = source.pixel / layer_.outWidth * g.stride - g.padding, x0 = source.pixel % layer_.outWidth * g.stride - g.padding;
      const int8_t* corner = frame + (y0 * g.width + x0) * g.in_channels;
      const int64_t pitch = g.width * g.in_channels;
      const bool interior = y0 >= 0 && x0 >= 0 && y0 + g.kernel <= g.height && x0 + g.kernel <= g.width;
      if (shortRows && interior && corner + (g.kernel - 1) * pitch <= lastCopy) {
        for (int64_t ky = 0; ky < g.kernel; ky++) std::memcpy(to + ky * rowBytes, corner + ky * pitch, copyBytes);
        continue;
      }
      std::memset(line, 0, static_cast<size_t>(lineSize));
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
  snn_form form_;
  Digits digits_;
  int64_t groupChannels_, groups_;
  int64_t halfBytes_, lineSize_, stepSize_, groupBytes_;  // in bytes; twice the plan's where bf16 is widened
  Aligned<int8_t> weights_;
  std::vector<float> step_;
};

}  // namespace

std::unique_ptr<Conv> createTileConv(const Layer& layer, snn_form form) {
  return std::make_unique<TileConv>(layer, form);
}

}  // namespace snnseg::sparse
