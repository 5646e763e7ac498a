// Drives the gather kernels: for each output pixel the set inputs under the kernel are listed once, and the list is
// used for all output channels, a row at a time. Weights are visited in blocks that fit L1, for a strip of pixels each.
//
// Inputs that are no bits (pooled counts, signed bytes) are sums of bit planes with multipliers +-2^k, so every form
// of input is additions of weight rows only.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "conv.h"
#include "kernels/dispatch.h"
#include "kernels/plan/form-plan.h"
#include "kernels/pool-count.h"
#include "quantize.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t stripPixels = 128;
// Of strips of several frames that use a block of weights while it is in the first-level cache.
constexpr int64_t pixelsTogether = 256;
constexpr int64_t maxBlockSegments = 5;  // 40 KiB of weights
static_assert(maxBlockSegments * gatherWordBytes < 1 << 16, "a list's entries count bytes in 16 bits");
constexpr int bytePlanes = 14;
// Whose weights of 64 outputs stay in the first-level cache while they are packed.
constexpr int64_t packedInputs = 16;
static_assert(64 % packedInputs == 0, "they lie in one word");

struct GatherSpace {
  Aligned<uint64_t> planes;
  Aligned<uint16_t> listed;     // channels of the set bits of each word of a plane
  Aligned<int32_t> wordBegin;   // [words of the reached rows + 1], places in `listed`
  Aligned<uint16_t> entries;
  Aligned<int32_t> begin;
  Aligned<int32_t> sums;  // int32 or float
  Aligned<float> membrane;  // [tiles, pixels, outputs of a row]
  uint32_t usedPlanes = 1;  // bit i: plane i has set bits
};

template <class Weight>
class GatherConv final : public Conv {
 public:
  static constexpr bool integers = std::is_same_v<Weight, int16_t>;
  using Sum = std::conditional_t<integers, int32_t, float>;
  static constexpr int64_t outputs = gatherOutputs<Weight>;

  GatherConv(const Layer& layer, snn_form form)
      : Conv(layer), form_(form), tiles_((layer.g.out_channels + outputs - 1) / outputs), segments_(layer.taps * layer.words),
        blockSegments_(segmentsOfBlock(layer)), blocks_((segments_ + blockSegments_ - 1) / blockSegments_),
        weights_(static_cast<size_t>(tiles_ * blocks_ * blockRows() * outputs)), step_(static_cast<size_t>(layer.g.out_channels), 1.0f) {
    const int64_t mostEntries = stripPixels * segments_ * 64 * (layer.g.input == SNN_INPUT_BYTES ? bytePlanes : countDigits);
    if (mostEntries > INT32_MAX) throw std::length_error("expected fewer inputs under a kernel; use fewer channels or a smaller kernel");
    for (int64_t tap = 0; tap < layer.taps; tap++) {
      const int64_t down = tap / layer.g.kernel * layer.g.dilation - layer.g.padding;
      const int64_t right = tap % layer.g.kernel * layer.g.dilation - layer.g.padding;
      for (int64_t word = 0; word < layer.words; word++) {
        segmentsAt_.push_back({down, right, (down * layer.mapWidth + right) * layer.words + word});
      }
    }
    multipliers_ = {1};
    if (layer.g.pool_stride) multipliers_ = {1, 2, 4, 8};
    if (layer.g.input == SNN_INPUT_BYTES) {
      multipliers_.clear();
      for (int bit = 0; bit < bytePlanes / 2; bit++) multipliers_.insert(multipliers_.end(), {1 << bit, -(1 << bit)});
    }
  }

  snn_form form() const override { return form_; }
  int64_t weightBytes() const override { return static_cast<int64_t>(weights_.size() * sizeof(Weight)); }

  void pack(const WeightView& weight, int threads) override {
    parallelFor(tiles_, threads, [&](int64_t tile, int) {
      const int64_t first = tile * outputs, last = std::min<int64_t>(layer_.g.out_channels, first + outputs), inputs = layer_.g.in_channels;
      for (int64_t o = first; o < last; o++) {
        weightError_[static_cast<size_t>(o)] = 0.0f;
        if (integers) step_[static_cast<size_t>(o)] = stepOf(largestWeight(layer_, weight, o), highestGatherWeight(form_));
      }
      for (int64_t c = 0; c < inputs; c += packedInputs) {
        for (int64_t o = first; o < last; o++) packInputs(weight, o, c, std::min(inputs, c + packedInputs));
      }
    });
  }

  void run(const ConvCall& call) const override {
    const FoldedScale folded(layer_, call, step_, tiles_ * outputs);
    const int64_t strips = (layer_.outPixels() + stripPixels - 1) / stripPixels;
    std::vector<GatherSpace> spaces(static_cast<size_t>(std::max(1, call.threads)));
    parallelFor(strips * call.batch, call.threads, [&](int64_t unit, int worker) {
      runStrip(call, folded, unit % strips * stripPixels, unit / strips, spaces[static_cast<size_t>(worker)]);
    });
    countSpikes(layer_, call);
  }

 private:
  /// Of whole taps, or an equal part of one: where taps lie outside the image, so do blocks.
  static int64_t segmentsOfBlock(const Layer& layer) {
    const int64_t parts = (layer.words + maxBlockSegments - 1) / maxBlockSegments;
    if (parts > 1) return (layer.words + parts - 1) / parts;
    const int64_t taps = maxBlockSegments / layer.words, blocks = (layer.taps + taps - 1) / taps;
    return (layer.taps + blocks - 1) / blocks * layer.words;
  }
  /// With one of zeros at the end.
  int64_t blockRows() const { return blockSegments_ * 64 + 1; }
  /// Where a block's weights begin.
  int64_t blockAt(int64_t tile, int64_t block) const { return (tile * blocks_ + block) * blockRows() * outputs; }

  /// Inputs of one word.
  void packInputs(WeightView weight, int64_t channel, int64_t from, int64_t end) {
    const auto at = static_cast<size_t>(channel);
    const Quantizer quantizer(step_[at], highestGatherWeight(form_));
    float error = weightError_[at];
    for (int64_t tap = 0; tap < layer_.taps; tap++) {
      const int64_t segment = tap * layer_.words + from / 64, row = segment % blockSegments_ * 64 + from % 64;
      Weight* to = weights_.data() + blockAt(channel / outputs, segment / blockSegments_) + row * outputs + channel % outputs;
      for (int64_t c = from; c < end; c++, to += outputs) {
        const float value = weight.at(channel, c, tap);
        if constexpr (integers) {
          *to = static_cast<int16_t>(quantizer.quantize(value));
          error = std::max(error, std::fabs(value - static_cast<float>(*to) * quantizer.step));
        } else {
          *to = value;
        }
      }
    }
    weightError_[at] = error;
  }

  int64_t planeCount() const { return static_cast<int64_t>(multipliers_.size()); }
  int64_t mostPixels() const { return std::min(stripPixels, layer_.outPixels()); }
  int64_t framesTogether() const { return pixelsTogether / mostPixels(); }
  /// Room of a frame in the space, in elements.
  int64_t entriesOfFrame() const { return mostPixels() * (segments_ * 64 + blocks_ * gatherAtOnce) * planeCount() + 64; }
  int64_t beginsOfFrame() const { return blocks_ * planeCount() * (mostPixels() + 1); }
  int64_t sumsOfFrame() const { return mostPixels() * outputs; }

  int32_t* beginsOf(GatherSpace& space, int64_t frame, int64_t block, int64_t plane) const {
    return space.begin.data() + frame * beginsOfFrame() + (block * planeCount() + plane) * (mostPixels() + 1);
  }
  Sum* sumsOf(GatherSpace& space, int64_t frame) const { return reinterpret_cast<Sum*>(space.sums.data()) + frame * sumsOfFrame(); }

  void runStrip(const ConvCall& call, const FoldedScale& folded, int64_t first, int64_t image, GatherSpace& space) const {
    const Kernels& table = kernels();
    const int64_t pixels = std::min(stripPixels, layer_.outPixels() - first), channels = layer_.g.out_channels;
    const int64_t padded = tiles_ * outputs, together = std::min(framesTogether(), call.steps);
    space.sums.reserve(static_cast<size_t>(together * sumsOfFrame()));
    space.entries.room(static_cast<size_t>(together * entriesOfFrame()));
    space.begin.reserve(static_cast<size_t>(together * beginsOfFrame()));
    float* state = call.lif && call.lif->membrane ? call.lif->membrane + (image * layer_.outPixels() + first) * channels : nullptr;
    if (call.lif) {
      space.membrane.reserve(static_cast<size_t>(stripPixels * padded));
      std::fill_n(space.membrane.data(), stripPixels * padded, 0.0f);
      if (state) moveMembranes(pixels, [&](float* kept, int64_t at, int64_t some) { std::copy_n(state + at, some, kept); }, space);
    }
    for (int64_t t = 0; t < call.steps; t += together) {
      const int64_t frames = std::min(together, call.steps - t);
      for (int64_t f = 0; f < frames; f++) {
        const int64_t frame = (t + f) * call.batch + image;
        listInputs(call, frame, first, pixels, space, f);
        if (call.lif && padded < 64 * layer_.outWords) std::fill_n(call.bits + (frame * layer_.outPixels() + first) * layer_.outWords, pixels * layer_.outWords, 0);
      }
      for (int64_t tile = 0; tile < tiles_; tile++) {
        addTile(table, space, pixels, tile, frames);
        for (int64_t f = 0; f < frames; f++) finishTile(call, folded, first, pixels, image, t + f, tile, sumsOf(space, f), space.membrane.data());
      }
    }
    if (state) moveMembranes(pixels, [&](const float* kept, int64_t at, int64_t some) { std::copy_n(kept, some, state + at); }, space);
  }

  /// What becomes of the sums of a step's pixels and a tile's outputs.
  void finishTile(const ConvCall& call, const FoldedScale& folded, int64_t first, int64_t pixels, int64_t image, int64_t t, int64_t tile, const Sum* sums,
                  float* membranes) const {
    const Kernels& table = kernels();
    const int64_t padded = tiles_ * outputs, channels = layer_.g.out_channels, at = tile * outputs;
    const int64_t pixel = (t * call.batch + image) * layer_.outPixels() + first;
    const float* scale = folded.scale.data() + t * padded + at;
    if (call.lif) {
      uint8_t* bits = reinterpret_cast<uint8_t*>(call.bits + pixel * layer_.outWords) + at / 8;
      const GatherLif lif{scale, folded.shift.data() + t * padded + at, folded.threshold.data() + at, call.lif->leak, call.lif->hard_reset != 0,
                          pixels, membranes + at * stripPixels, bits, 8 * layer_.outWords};
      if constexpr (integers) {
        table.lifIntegers(sums, lif);
      } else {
        table.lifFloats(sums, lif);
      }
    } else {
      const GatherCurrents to{scale, pixels, std::min<int64_t>(outputs, channels - at), call.currents + pixel * channels + at, channels};
      if constexpr (integers) {
        table.scaleIntegers(sums, to);
      } else {
        table.scaleFloats(sums, to);
      }
    }
  }

  /// Calls move(kept, at, some) for the membranes of each pixel and tile: [tiles, pixels of a strip, outputs] here, [pixels, channels] outside.
  template <class Move>
  void moveMembranes(int64_t pixels, Move&& move, GatherSpace& space) const {
    for (int64_t tile = 0; tile < tiles_; tile++) {
      const int64_t some = std::min<int64_t>(outputs, layer_.g.out_channels - tile * outputs);
      for (int64_t p = 0; p < pixels; p++) {
        move(space.membrane.data() + (tile * stripPixels + p) * outputs, p * layer_.g.out_channels + tile * outputs, some);
      }
    }
  }

  /// Block by block, for all frames. The first block and plane begin the sums, whether anything is listed or not.
  void addTile(const Kernels& table, GatherSpace& space, int64_t pixels, int64_t tile, int64_t frames) const {
    for (int64_t b = 0; b < blocks_; b++) {
      for (int64_t f = 0; f < frames; f++) {
        for (int64_t plane = 0; plane < planeCount(); plane++) {
          const bool fresh = b == 0 && plane == 0;
          const int32_t* begin = beginsOf(space, f, b, plane);
          if (!fresh && begin[0] == begin[pixels]) continue;
          const GatherTask task{space.entries.data() + f * entriesOfFrame(), begin, pixels, weights_.data() + blockAt(tile, b),
                                multipliers_[static_cast<size_t>(plane)], fresh};
          Sum* sums = sumsOf(space, f);
          if constexpr (integers) {
            form_ == SNN_FORM_GATHER15 ? table.addIntegers15(sums, task) : table.addIntegers14(sums, task);
          } else {
            table.addFloats(sums, task);
          }
        }
      }
    }
  }

  /// Rows of the map that a strip's taps reach, [low, high).
  std::pair<int64_t, int64_t> reachedRows(int64_t first, int64_t pixels) const {
    const snn_geometry& g = layer_.g;
    const int64_t top = first / layer_.outWidth * g.stride - g.padding;
    const int64_t bottom = (first + pixels - 1) / layer_.outWidth * g.stride - g.padding + (g.kernel - 1) * g.dilation + 1;
    return {std::clamp<int64_t>(top, 0, layer_.mapHeight), std::clamp<int64_t>(bottom, 0, layer_.mapHeight)};
  }

  /// Lists the set inputs of each block, plane and pixel of the strip, for the frame `at` of the space: those of each word once, then of each pixel what its taps reach.
  void listInputs(const ConvCall& call, int64_t frame, int64_t first, int64_t pixels, GatherSpace& space, int64_t at) const {
    const auto rows = reachedRows(first, pixels);
    const uint64_t* planes = planesOf(call, frame, rows, space);
    const int64_t planeWords = layer_.mapPixels() * layer_.words;
    uint16_t* entries = space.entries.data() + at * entriesOfFrame();
    int32_t end = 0;
    for (int64_t plane = 0; plane < planeCount(); plane++) {
      const bool used = space.usedPlanes >> plane & 1;
      if (used) listWords(planes + plane * planeWords, rows, space);
      for (int64_t block = 0; block < blocks_; block++) {
        int32_t* begin = beginsOf(space, at, block, plane);
        std::fill_n(begin, pixels + 1, end);
        if (used) end = joinBlock(block, first, pixels, rows.first, space, entries, begin, end);
      }
    }
  }

  void listWords(const uint64_t* plane, std::pair<int64_t, int64_t> rows, GatherSpace& space) const {
    const auto list = kernels().list;
    const int64_t words = (rows.second - rows.first) * layer_.mapWidth * layer_.words;
    space.listed.reserve(static_cast<size_t>(words * 64 + 128));
    space.wordBegin.reserve(static_cast<size_t>(words + 1));
    const uint64_t* from = plane + rows.first * layer_.mapWidth * layer_.words;
    uint16_t* listed = space.listed.data();
    int32_t* begin = space.wordBegin.data();
    int32_t end = 0;
    for (int64_t w = 0; w < words; w++) {
      begin[w] = end;
      if (from[w]) end += list(from[w], static_cast<uint16_t>(w * gatherWordBytes), gatherRowBytes, listed + end);
    }
    begin[words] = end;
  }

  /// Returns the new end of the entries.
  int32_t joinBlock(int64_t block, int64_t first, int64_t pixels, int64_t firstRow, const GatherSpace& space, uint16_t* entries, int32_t* begin,
                    int32_t end) const {
    const snn_geometry& g = layer_.g;
    const auto join = kernels().joinLists;
    const int64_t from = block * blockSegments_, to = std::min(segments_, from + blockSegments_);
    int32_t offsets[maxBlockSegments], lengths[maxBlockSegments];
    uint16_t bases[maxBlockSegments];
    for (int64_t p = 0; p < pixels;) {
      const int64_t y = (first + p) / layer_.outWidth * g.stride, column = (first + p) % layer_.outWidth, x = column * g.stride;
      // How many pixels reach the same words.
      int64_t span = std::min(pixels - p, layer_.outWidth - column);
      const int64_t origin = ((y - firstRow) * layer_.mapWidth + x) * layer_.words;
      int runs = 0;
      int64_t lastOfRun = -1;
      for (int64_t i = from; i < to; i++) {
        const Segment& at = segmentsAt_[static_cast<size_t>(i)];
        if (y + at.down < 0 || y + at.down >= layer_.mapHeight || x + at.right >= layer_.mapWidth) continue;
        if (x + at.right < 0) {
          span = std::min(span, (g.stride - 1 - x - at.right) / g.stride);
          continue;
        }
        span = std::min(span, (layer_.mapWidth - 1 - x - at.right) / g.stride + 1);
        if (runs > 0 && lastOfRun == i - 1 && offsets[runs - 1] + lengths[runs - 1] == at.offset) {
          lengths[runs - 1]++;
        } else {
          offsets[runs] = static_cast<int32_t>(at.offset);
          lengths[runs] = 1;
          bases[runs++] = static_cast<uint16_t>(gatherWordBytes * (i - from - origin - at.offset));
        }
        lastOfRun = i;
      }
      const JoinTask task{space.listed.data(), space.wordBegin.data() + origin, g.stride * layer_.words, offsets, lengths, bases, runs,
                          static_cast<uint16_t>(blockSegments_ * gatherWordBytes), span, entries, begin + p, end};
      end = join(task);
      p += span;
    }
    begin[pixels] = end;
    return end;
  }

  const uint64_t* planesOf(const ConvCall& call, int64_t frame, std::pair<int64_t, int64_t> rows, GatherSpace& space) const {
    const snn_geometry& g = layer_.g;
    const int64_t planeWords = layer_.mapPixels() * layer_.words;
    if (g.input == SNN_INPUT_BYTES) {
      space.planes.reserve(static_cast<size_t>(bytePlanes * planeWords));
      space.usedPlanes = bytesToPlanes(static_cast<const int8_t*>(call.input) + frame * layer_.pixels() * g.in_channels, rows, space.planes.data());
      return space.planes.data();
    }
    const uint64_t* bits = static_cast<const uint64_t*>(call.input) + frame * layer_.pixels() * layer_.words;
    space.usedPlanes = g.pool_stride ? (1u << countDigits) - 1 : 1;
    if (!g.pool_stride) return bits;
    space.planes.reserve(static_cast<size_t>(countDigits * planeWords));
    countsToPlanes(bits, rows, space.planes.data());
    return space.planes.data();
  }

  /// Returns which planes have set bits; the others are not written.
  uint32_t bytesToPlanes(const int8_t* frame, std::pair<int64_t, int64_t> rows, uint64_t* planes) const {
    const int64_t planeWords = layer_.mapPixels() * layer_.words, channels = layer_.g.in_channels;
    const int64_t first = rows.first * layer_.mapWidth, last = rows.second * layer_.mapWidth;
    uint32_t used = 0, magnitudes = 0;
    for (int64_t i = first * channels; i < last * channels; i++) magnitudes |= static_cast<uint32_t>(std::abs(static_cast<int>(frame[i])));
    for (int bit = 0; bit < bytePlanes / 2; bit++) {
      if (!(magnitudes >> bit & 1)) continue;
      used |= 3u << (2 * bit);
      for (int64_t p = first; p < last; p++) {
        for (int64_t w = 0; w < layer_.words; w++) {
          uint64_t plane[2] = {};
          for (int64_t c = 64 * w; c < std::min(channels, 64 * w + 64); c++) {
            const int value = frame[p * channels + c];
            plane[value < 0] |= static_cast<uint64_t>(std::abs(value) >> bit & 1) << (c % 64);
          }
          for (int64_t sign = 0; sign < 2; sign++) planes[(2 * bit + sign) * planeWords + p * layer_.words + w] = plane[sign];
        }
      }
    }
    return used;
  }

  /// The 3x3 counts as four bit planes.
  void countsToPlanes(const uint64_t* frame, std::pair<int64_t, int64_t> rows, uint64_t* planes) const {
    const int64_t planeWords = layer_.mapPixels() * layer_.words;
    for (int64_t p = rows.first * layer_.mapWidth; p < rows.second * layer_.mapWidth; p++) {
      const PoolWindow window(p, layer_.mapWidth, layer_.g.pool_stride, layer_.g.height, layer_.g.width);
      for (int64_t w = 0; w < layer_.words; w++) {
        const PoolCount count = countWindow(frame, layer_.words, w, layer_.g.width, window);
        for (int64_t i = 0; i < countDigits; i++) planes[i * planeWords + p * layer_.words + w] = count.digit[i];
      }
    }
  }

  /// 64 inputs of one tap: where they are relative to an output pixel's origin, and as words.
  struct Segment {
    int64_t down, right, offset;
  };

  snn_form form_;
  int64_t tiles_, segments_, blockSegments_, blocks_;
  Aligned<Weight> weights_;
  std::vector<float> step_;
  std::vector<int> multipliers_;
  std::vector<Segment> segmentsAt_;
};

}  // namespace

std::unique_ptr<Conv> createGatherConv(const Layer& layer, snn_form form) {
  if (form == SNN_FORM_GATHER_FP32) return std::make_unique<GatherConv<float>>(layer, form);
  return std::make_unique<GatherConv<int16_t>>(layer, form);
}

}  // namespace snnseg::sparse
