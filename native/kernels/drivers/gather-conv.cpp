// Drives the gather kernels: for each output pixel the set inputs under the kernel are listed once, and the list is
// used for all output channels, 64 at a time. Weights are visited in blocks that fit L1, for a strip of pixels each.
//
// Inputs that are no bits (pooled counts, signed bytes) are sums of bit planes with multipliers +-2^k, so every form
// of input is additions of weight rows only.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "conv.h"
#include "kernels/dispatch.h"
#include "kernels/pool-count.h"
#include "quantize.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t stripPixels = 128;
constexpr int64_t weightBlockBytes = 32 * 1024;  // measured best of 24 to 160 KiB
constexpr int64_t maxBlockSegments = weightBlockBytes / (64 * gatherOutputs * 2);
constexpr int bytePlanes = 14;

struct GatherSpace {
  Aligned<uint64_t> planes;
  Aligned<uint16_t> listed;     // channels of the set bits of each word of a plane
  Aligned<int32_t> wordBegin;   // [words of the reached rows + 1], places in `listed`
  Aligned<uint16_t> entries;
  Aligned<int32_t> begin;
  Aligned<int32_t> sums;  // int32 or float
  Aligned<float> membrane;
  uint32_t usedPlanes = 1;  // bit i: plane i has set bits
};

template <class Weight>
class GatherConv final : public Conv {
 public:
  static constexpr bool integers = std::is_same_v<Weight, int16_t>;
  using Sum = std::conditional_t<integers, int32_t, float>;
  static constexpr int64_t segmentBytes = 64 * gatherOutputs * sizeof(Weight);

  explicit GatherConv(const Layer& layer)
      : Conv(layer), tiles_((layer.g.out_channels + gatherOutputs - 1) / gatherOutputs), segments_(layer.taps * layer.words),
        blocks_((segments_ * segmentBytes + weightBlockBytes - 1) / weightBlockBytes), blockSegments_((segments_ + blocks_ - 1) / blocks_),
        weights_(static_cast<size_t>(tiles_ * segments_ * 64 * gatherOutputs)), step_(static_cast<size_t>(layer.g.out_channels), 1.0f) {
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

  snn_form form() const override { return integers ? SNN_FORM_GATHER12 : SNN_FORM_GATHER_FP32; }
  int64_t weightBytes() const override { return static_cast<int64_t>(weights_.size() * sizeof(Weight)); }

  void pack(const WeightView& weight, int threads) override {
    parallelFor(tiles_, threads, [&](int64_t tile, int) {
      const int64_t first = tile * gatherOutputs;
      for (int64_t o = first; o < std::min<int64_t>(layer_.g.out_channels, first + gatherOutputs); o++) packChannel(weight, o);
    });
  }

  void run(const ConvCall& call) const override {
    const FoldedScale folded(layer_, call, step_, tiles_ * gatherOutputs);
    const int64_t strips = (layer_.outPixels() + stripPixels - 1) / stripPixels;
    std::vector<GatherSpace> spaces(static_cast<size_t>(std::max(1, call.threads)));
    parallelFor(strips * call.batch, call.threads, [&](int64_t unit, int worker) {
      runStrip(call, folded, unit % strips * stripPixels, unit / strips, spaces[static_cast<size_t>(worker)]);
    });
    countSpikes(layer_, call);
  }

 private:
  void packChannel(const WeightView& weight, int64_t channel) {
    const auto at = static_cast<size_t>(channel);
    weightError_[at] = 0.0f;
    const Quantizer quantizer(stepOf(largestWeight(layer_, weight, channel), highestGatherWeight), highestGatherWeight);
    if (integers) step_[at] = quantizer.step;
    for (int64_t c = 0; c < layer_.g.in_channels; c++) {
      for (int64_t tap = 0; tap < layer_.taps; tap++) {
        const float value = weight.at(channel, c, tap);
        const int64_t row = (tap * layer_.words + c / 64) * 64 + c % 64;
        Weight& to = weights_.data()[(channel / gatherOutputs * segments_ * 64 + row) * gatherOutputs + channel % gatherOutputs];
        if constexpr (integers) {
          to = static_cast<int16_t>(quantizer.quantize(value));
          weightError_[at] = std::max(weightError_[at], std::fabs(value - static_cast<float>(to) * step_[at]));
        } else {
          to = value;
        }
      }
    }
  }

  void runStrip(const ConvCall& call, const FoldedScale& folded, int64_t first, int64_t image, GatherSpace& space) const {
    const Kernels& table = kernels();
    const int64_t pixels = std::min(stripPixels, layer_.outPixels() - first), channels = layer_.g.out_channels;
    const int64_t padded = tiles_ * gatherOutputs;
    space.sums.reserve(static_cast<size_t>(stripPixels * gatherOutputs));
    float* state = call.lif && call.lif->membrane ? call.lif->membrane + (image * layer_.outPixels() + first) * channels : nullptr;
    if (call.lif) {
      space.membrane.reserve(static_cast<size_t>(stripPixels * padded));
      std::fill_n(space.membrane.data(), stripPixels * padded, 0.0f);
      for (int64_t p = 0; state && p < pixels; p++) std::copy_n(state + p * channels, channels, space.membrane.data() + p * padded);
    }
    for (int64_t t = 0; t < call.steps; t++) {
      const int64_t frame = t * call.batch + image;
      listInputs(call, frame, first, pixels, space);
      for (int64_t tile = 0; tile < tiles_; tile++) {
        Sum* sums = reinterpret_cast<Sum*>(space.sums.data());
        std::memset(sums, 0, static_cast<size_t>(pixels * gatherOutputs) * sizeof(Sum));
        addTile(table, space, pixels, tile, sums);
        if (call.lif) {
          fireTile(table, call, folded, t, (frame * layer_.outPixels() + first) * layer_.outWords + tile, pixels, tile, space);
        } else {
          const float* scale = folded.scale.data() + t * padded + tile * gatherOutputs;
          const int64_t some = std::min<int64_t>(gatherOutputs, channels - tile * gatherOutputs);
          float* to = call.currents + (frame * layer_.outPixels() + first) * channels + tile * gatherOutputs;
          for (int64_t p = 0; p < pixels; p++) {
            for (int64_t o = 0; o < some; o++) to[p * channels + o] = static_cast<float>(sums[p * gatherOutputs + o]) * scale[o];
          }
        }
      }
    }
    for (int64_t p = 0; state && p < pixels; p++) std::copy_n(space.membrane.data() + p * padded, channels, state + p * channels);
  }

  void addTile(const Kernels& table, const GatherSpace& space, int64_t pixels, int64_t tile, Sum* sums) const {
    const int64_t planes = static_cast<int64_t>(multipliers_.size());
    for (int64_t block = 0; block < blocks_; block++) {
      const Weight* weights = weights_.data() + (tile * segments_ + block * blockSegments_) * 64 * gatherOutputs;
      for (int64_t plane = 0; plane < planes; plane++) {
        const int32_t* begin = space.begin.data() + (block * planes + plane) * (stripPixels + 1);
        if (begin[0] == begin[pixels]) continue;
        const int multiplier = multipliers_[static_cast<size_t>(plane)];
        if constexpr (integers) {
          table.addIntegers(sums, space.entries.data(), begin, pixels, weights, multiplier);
        } else {
          table.addFloats(sums, space.entries.data(), begin, pixels, weights, multiplier);
        }
      }
    }
  }

  void fireTile(const Kernels& table, const ConvCall& call, const FoldedScale& folded, int64_t t, int64_t word,
                int64_t pixels, int64_t tile, GatherSpace& space) const {
    const int64_t padded = tiles_ * gatherOutputs, at = tile * gatherOutputs;
    const GatherLif lif{folded.scale.data() + t * padded + at, folded.shift.data() + t * padded + at, folded.threshold.data() + at,
                        call.lif->leak, call.lif->hard_reset != 0};
    const Sum* sums = reinterpret_cast<const Sum*>(space.sums.data());
    for (int64_t p = 0; p < pixels; p++) {
      float* membrane = space.membrane.data() + p * padded + at;
      uint64_t spikes;
      if constexpr (integers) {
        spikes = table.lifIntegers(sums + p * gatherOutputs, membrane, lif);
      } else {
        spikes = table.lifFloats(sums + p * gatherOutputs, membrane, lif);
      }
      call.bits[word + p * layer_.outWords] = spikes;
    }
  }

  /// Rows of the map that a strip's taps reach, [low, high).
  std::pair<int64_t, int64_t> reachedRows(int64_t first, int64_t pixels) const {
    const snn_geometry& g = layer_.g;
    const int64_t top = first / layer_.outWidth * g.stride - g.padding;
    const int64_t bottom = (first + pixels - 1) / layer_.outWidth * g.stride - g.padding + (g.kernel - 1) * g.dilation + 1;
    return {std::clamp<int64_t>(top, 0, layer_.mapHeight), std::clamp<int64_t>(bottom, 0, layer_.mapHeight)};
  }

  /// Lists the set inputs of each block, plane and pixel of the strip: those of each word once, then of each pixel what its taps reach.
  void listInputs(const ConvCall& call, int64_t frame, int64_t first, int64_t pixels, GatherSpace& space) const {
    const auto rows = reachedRows(first, pixels);
    const uint64_t* planes = planesOf(call, frame, rows, space);
    const int64_t count = static_cast<int64_t>(multipliers_.size()), planeWords = layer_.mapPixels() * layer_.words;
    space.entries.reserve(static_cast<size_t>(stripPixels * segments_ * 64 * count + 64));
    space.begin.reserve(static_cast<size_t>(blocks_ * count * (stripPixels + 1)));
    int32_t end = 0;
    for (int64_t plane = 0; plane < count; plane++) {
      const bool used = space.usedPlanes >> plane & 1;
      if (used) listWords(planes + plane * planeWords, rows, space);
      for (int64_t block = 0; block < blocks_; block++) {
        int32_t* begin = space.begin.data() + (block * count + plane) * (stripPixels + 1);
        begin[0] = begin[pixels] = end;
        if (used) end = joinBlock(block, first, pixels, rows.first, space, begin, end);
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
      if (from[w]) end += list(from[w], 0, listed + end);
    }
    begin[words] = end;
  }

  /// Returns the new end of the entries.
  int32_t joinBlock(int64_t block, int64_t first, int64_t pixels, int64_t firstRow, GatherSpace& space, int32_t* begin, int32_t end) const {
    const snn_geometry& g = layer_.g;
    const auto join = kernels().joinLists;
    const int64_t from = block * blockSegments_, count = std::min(segments_, from + blockSegments_) - from;
    int32_t offsets[maxBlockSegments];
    uint16_t bases[maxBlockSegments];
    int64_t row = first / layer_.outWidth, column = first % layer_.outWidth;
    for (int64_t p = 0; p < pixels; p++) {
      begin[p] = end;
      const int64_t y = row * g.stride, x = column * g.stride;
      const int64_t origin = ((y - firstRow) * layer_.mapWidth + x) * layer_.words;
      int some = 0;
      for (int64_t i = 0; i < count; i++) {
        const Segment& at = segmentsAt_[static_cast<size_t>(from + i)];
        const bool inside = static_cast<uint64_t>(y + at.down) < static_cast<uint64_t>(layer_.mapHeight) &&
                            static_cast<uint64_t>(x + at.right) < static_cast<uint64_t>(layer_.mapWidth);
        offsets[some] = static_cast<int32_t>(origin + at.offset);
        bases[some] = static_cast<uint16_t>(64 * i);
        some += inside;
      }
      end += join(space.listed.data(), space.wordBegin.data(), offsets, bases, some, space.entries.data() + end);
      if (++column == layer_.outWidth) {
        column = 0;
        row++;
      }
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

  int64_t tiles_, segments_, blocks_, blockSegments_;
  Aligned<Weight> weights_;
  std::vector<float> step_;
  std::vector<int> multipliers_;
  std::vector<Segment> segmentsAt_;
};

}  // namespace

std::unique_ptr<Conv> createGatherConv(const Layer& layer, bool integers) {
  if (integers) return std::make_unique<GatherConv<int16_t>>(layer);
  return std::make_unique<GatherConv<float>>(layer);
}

}  // namespace snnseg::sparse
