// Weight gradients from set bits: for each input channel and tap, the output gradients of the pixels whose input is set are
// added up, 64 output channels at a time.
//
//     gw[o, tap, c] = sum over frames and pixels q with bit c set of g[q - tap, o]
//
// A strip of output rows is widened to float32 and used for all channels and taps. The set pixels of a channel are listed row by row,
// so that a tap takes the rows it reads. Outputs beside the image are columns of zeros; where the kernel reaches far they would cost
// too much, and pixels are listed once for each column offset, without those whose output lies beside the image. Units of frames and output channels do not depend on the number of threads, and their sums are added in order.
#include "sparse-gradient.h"

#include <algorithm>
#include <vector>

#include "conv.h"
#include "kernels/dispatch.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

// Their gradients take 64 KiB as float32.
constexpr int64_t stripPixels = 256;
// Output channels that share lists.
constexpr int64_t unitOutputs = 256;
// Units that threads share, if there are frames enough.
constexpr int64_t wantedUnits = 8;

class SparseGradient {
 public:
  SparseGradient(const Layer& layer, const uint64_t* bits, const uint16_t* gradient, int64_t frames)
      : l_(layer), bits_(bits), gradient_(gradient), frames_(frames), channels_(layer.words * 64), kernel_(layer.g.kernel),
        reach_(layer.g.dilation * (kernel_ / 2)), margin_(8 * reach_ <= layer.outWidth ? reach_ : 0), pitch_(layer.outWidth + 2 * margin_),
        lists_(reach_ == margin_ ? 1 : kernel_), stripRows_(std::clamp<int64_t>(stripPixels / layer.outWidth, 1, layer.outHeight)),
        blocks_((layer.g.out_channels + listedOutputs - 1) / listedOutputs), splits_((layer.g.out_channels + unitOutputs - 1) / unitOutputs),
        parts_(std::clamp<int64_t>(wantedUnits / splits_, 1, std::max<int64_t>(1, frames))),
        sums_(static_cast<size_t>(parts_ * blocks_ * blockSums())) {}

  void run(float* result, int threads) {
    std::vector<Space> spaces(static_cast<size_t>(std::max(1, threads)));
    parallelFor(parts_ * splits_, threads, [&](int64_t unit, int worker) { sumUnit(unit / splits_, unit % splits_, spaces[static_cast<size_t>(worker)]); });
    parallelFor(l_.g.out_channels, threads, [&](int64_t o, int) { writeChannel(o, result); });
  }

 private:
  struct Space {
    Aligned<float> rows;        // [strip rows, pitch, 64]
    Aligned<uint16_t> entries;  // [lists, channels, listed pixels]
    Aligned<int32_t> ends;      // [lists, channels, listed rows + 1]
  };

  int64_t blockSums() const { return l_.g.in_channels * l_.taps * listedOutputs; }

  void sumUnit(int64_t part, int64_t split, Space& space) {
    const int64_t firstBlock = split * (unitOutputs / listedOutputs), lastBlock = std::min(blocks_, firstBlock + unitOutputs / listedOutputs);
    space.rows.reserve(static_cast<size_t>(stripRows_ * pitch_ * listedOutputs));
    for (int64_t f = frames_ * part / parts_; f < frames_ * (part + 1) / parts_; f++) {
      for (int64_t row = 0; row < l_.outHeight; row += stripRows_) {
        const Strip strip(*this, row);
        listInputs(strip, bits_ + f * l_.pixels() * l_.words, space);
        for (int64_t block = firstBlock; block < lastBlock; block++) {
          widen(strip, f, block, space.rows.data());
          addStrip(strip, space, sums_.data() + (part * blocks_ + block) * blockSums());
        }
      }
    }
  }

  /// Output rows [first, last) and the input rows that they read, [from, to).
  struct Strip {
    int64_t first, last, from, to;
    Strip(const SparseGradient& g, int64_t row)
        : first(row), last(std::min(g.l_.outHeight, row + g.stripRows_)), from(std::max<int64_t>(0, first - g.reach_)),
          to(std::min(g.l_.g.height, last + g.reach_)) {}
    int64_t rows() const { return to - from; }
  };

  int64_t offsetOf(int64_t tap) const { return (tap - kernel_ / 2) * l_.g.dilation; }
  int64_t listedPixels(const Strip& strip) const { return strip.rows() * l_.g.width; }

  void listInputs(const Strip& strip, const uint64_t* frame, Space& space) const {
    const int64_t rows = strip.rows(), width = l_.g.width;
    space.entries.reserve(static_cast<size_t>(lists_ * channels_ * listedPixels(strip)));
    space.ends.reserve(static_cast<size_t>(lists_ * channels_ * (rows + 1)));
    for (int64_t list = 0; list < lists_; list++) {
      uint16_t* entries = space.entries.data() + list * channels_ * listedPixels(strip);
      int32_t* ends = space.ends.data() + list * channels_ * (rows + 1);
      for (int64_t c = 0; c < channels_; c++) ends[c * (rows + 1)] = 0;
      // Output columns x - offset must lie inside.
      const int64_t offset = lists_ == 1 ? 0 : offsetOf(list), low = std::max<int64_t>(0, offset), high = std::min(width, width + offset);
      for (int64_t y = 0; y < rows; y++) {
        for (int64_t c = 0; c < channels_; c++) ends[c * (rows + 1) + y + 1] = ends[c * (rows + 1) + y];
        int32_t* end = ends + y + 1;
        for (int64_t x = low; x < high; x++) {
          const uint64_t* words = frame + ((strip.from + y) * width + x) * l_.words;
          for (int64_t w = 0; w < l_.words; w++) {
            for (uint64_t left = words[w]; left; left &= left - 1) {
              const int64_t c = 64 * w + __builtin_ctzll(left);
              entries[c * listedPixels(strip) + end[c * (rows + 1)]++] = static_cast<uint16_t>(y * pitch_ + x);
            }
          }
        }
      }
    }
  }

  void widen(const Strip& strip, int64_t frame, int64_t block, float* rows) const {
    const int64_t outputs = l_.g.out_channels, first = block * listedOutputs, some = std::min<int64_t>(listedOutputs, outputs - first);
    const uint16_t* from = gradient_ + (frame * l_.outPixels() + strip.first * l_.outWidth) * outputs + first;
    for (int64_t y = 0; y < strip.last - strip.first; y++, rows += pitch_ * listedOutputs) {
      std::fill_n(rows, margin_ * listedOutputs, 0.0f);
      std::fill_n(rows + (margin_ + l_.outWidth) * listedOutputs, margin_ * listedOutputs, 0.0f);
      for (int64_t x = 0; x < l_.outWidth; x++, from += outputs) kernels().widen(from, some, rows + (margin_ + x) * listedOutputs);
    }
  }

  void addStrip(const Strip& strip, const Space& space, float* sums) const {
    const Kernels& table = kernels();
    const int64_t rows = strip.rows();
    for (int64_t c = 0; c < l_.g.in_channels; c++) {
      for (int64_t tap = 0; tap < l_.taps; tap++, sums += listedOutputs) {
        const int64_t down = offsetOf(tap / kernel_), column = tap % kernel_, list = lists_ == 1 ? 0 : column;
        // Input rows whose output row, y - down, is one of the strip's.
        const int64_t low = std::max(strip.from, strip.first + down), high = std::min(strip.to, strip.last + down);
        if (low >= high) continue;
        const int32_t* ends = space.ends.data() + (list * channels_ + c) * (rows + 1);
        const int32_t begin = ends[low - strip.from], end = ends[high - strip.from];
        const uint16_t* entries = space.entries.data() + (list * channels_ + c) * listedPixels(strip);
        const int64_t shift = (strip.from - down - strip.first) * pitch_ + margin_ - offsetOf(column);
        if (begin < end) table.addListedRows(sums, space.rows.data(), shift, entries + begin, end - begin);
      }
    }
  }

  void writeChannel(int64_t o, float* result) const {
    const float* from = sums_.data() + o / listedOutputs * blockSums() + o % listedOutputs;
    for (int64_t i = 0; i < l_.g.in_channels * l_.taps; i++) {
      float sum = 0.0f;
      for (int64_t part = 0; part < parts_; part++) sum += from[part * blocks_ * blockSums() + i * listedOutputs];
      result[o * l_.g.in_channels * l_.taps + i] = sum;
    }
  }

  const Layer& l_;
  const uint64_t* bits_;
  const uint16_t* gradient_;
  int64_t frames_, channels_, kernel_, reach_, margin_, pitch_, lists_, stripRows_, blocks_, splits_, parts_;
  Aligned<float> sums_;  // [parts, blocks of 64 outputs, inputs, taps, 64]
};

}  // namespace

void sparseWeightGradient(const Layer& layer, const uint64_t* bits, const uint16_t* gradient, int64_t frames, float* result, int threads) {
  SparseGradient(layer, bits, gradient, frames).run(result, threads);
}

}  // namespace snnseg::sparse
