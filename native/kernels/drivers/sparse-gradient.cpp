// Weight gradients from set bits: for each input channel and tap, the output gradients of the pixels whose input is set are
// added up, 64 output channels at a time.
//
//     gw[o, tap, c] = sum over frames and pixels q with bit c set of g[q - tap, o]
//
// A strip of output rows is laid out, as float32 or bfloat16, and used for all channels and taps. The set pixels of a channel are listed row by row,
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

// Their gradients take 64 KiB as float32, 32 as bfloat16.
constexpr int64_t stripPixels = 256;
// Output channels that share lists.
constexpr int64_t unitOutputs = 256;
// Units that threads share, if there are frames enough.
constexpr int64_t wantedUnits = 8;
constexpr int64_t lineFloats = 16;

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
    const int64_t lines = (l_.g.in_channels * l_.taps + lineFloats - 1) / lineFloats;
    parallelFor(blocks_ * lines, threads, [&](int64_t job, int) { writeLine(job / lines, job % lines * lineFloats, result); });
  }

 private:
  struct Space {
    Aligned<uint8_t> rows;      // [strip rows, pitch] rows of 64 gradients
    Aligned<uint16_t> entries;  // [lists, channels, listed pixels]
    Aligned<int32_t> ends;      // [lists, channels, listed rows + 1]
    Aligned<uint64_t> turned;   // [words of channels, words of positions, 64 channels]
    Aligned<uint64_t> inside;   // [words of positions]
  };

  int64_t blockSums() const { return l_.g.in_channels * l_.taps * listedOutputs; }

  void sumUnit(int64_t part, int64_t split, Space& space) {
    const int64_t firstBlock = split * (unitOutputs / listedOutputs), lastBlock = std::min(blocks_, firstBlock + unitOutputs / listedOutputs);
    for (int64_t f = frames_ * part / parts_; f < frames_ * (part + 1) / parts_; f++) {
      for (int64_t row = 0; row < l_.outHeight; row += stripRows_) {
        const Strip strip(*this, row);
        listInputs(strip, bits_ + f * l_.pixels() * l_.words, space);
        const std::vector<StripTap> taps = tapsOf(strip);
        for (int64_t block = firstBlock; block < lastBlock; block++) {
          layRows(strip, f, block, space.rows);
          addStrip(strip, taps, space, sums_.data() + (part * blocks_ + block) * blockSums());
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

  /// Positions of a strip count margins, so that a word of 64 may hold some rows.
  void listInputs(const Strip& strip, const uint64_t* frame, Space& space) const {
    const auto list = kernels().list;
    const int64_t rows = strip.rows(), pixels = listedPixels(strip), words = (rows * pitch_ + 63) / 64;
    space.turned.reserve(static_cast<size_t>(l_.words * words * 64));
    space.inside.reserve(static_cast<size_t>(words));
    space.entries.reserve(static_cast<size_t>(lists_ * channels_ * pixels + 64));
    space.ends.reserve(static_cast<size_t>(lists_ * channels_ * (rows + 1)));
    turnInputs(frame + strip.from * l_.g.width * l_.words, rows, words, space.turned.data());
    // In the order of their memory, as each list writes past its end.
    for (int64_t at = 0; at < lists_ * channels_; at++) {
      const int64_t c = at % channels_;
      if (c == 0) markInside(lists_ == 1 ? 0 : offsetOf(at / channels_), rows, space.inside.data());
      const uint64_t* turned = space.turned.data() + c / 64 * words * 64 + c % 64;
      uint16_t* entries = space.entries.data() + at * pixels;
      int32_t* ends = space.ends.data() + at * (rows + 1);
      int32_t end = 0;
      for (int64_t i = 0, y = 0; i < words; i++) {
        const uint64_t bits = turned[64 * i] & space.inside.data()[i];
        for (; y < rows && y * pitch_ < 64 * (i + 1); y++) ends[y] = end + __builtin_popcountll(bits & bitsBelow(y * pitch_ - 64 * i));
        if (bits) end += list(bits, static_cast<int>(64 * i), 1, entries + end);
      }
      ends[rows] = end;
    }
  }

  /// From 64 channels of a pixel to 64 positions of a channel.
  void turnInputs(const uint64_t* frame, int64_t rows, int64_t words, uint64_t* turned) const {
    for (int64_t w = 0; w < l_.words; w++, turned += words * 64) {
      std::fill_n(turned, words * 64, 0);
      for (int64_t y = 0; y < rows; y++) {
        for (int64_t x = 0; x < l_.g.width; x++) turned[y * pitch_ + x] = frame[(y * l_.g.width + x) * l_.words + w];
      }
      for (int64_t i = 0; i < words; i++) kernels().turnBits(turned + 64 * i);
    }
  }

  static uint64_t bitsBelow(int64_t bit) { return (uint64_t{1} << bit) - 1; }

  /// Where output columns x - offset lie inside.
  void markInside(int64_t offset, int64_t rows, uint64_t* inside) const {
    std::fill_n(inside, (rows * pitch_ + 63) / 64, 0);
    for (int64_t y = 0; y < rows; y++) {
      for (int64_t x = std::max<int64_t>(0, offset); x < std::min(l_.g.width, l_.g.width + offset); x++) {
        inside[(y * pitch_ + x) / 64] |= uint64_t{1} << (y * pitch_ + x) % 64;
      }
    }
  }

  void layRows(const Strip& strip, int64_t frame, int64_t block, Aligned<uint8_t>& rows) const {
    const auto lay = kernels().layListedRow;
    const int64_t outputs = l_.g.out_channels, first = block * listedOutputs, some = std::min<int64_t>(listedOutputs, outputs - first);
    const uint16_t* from = gradient_ + (frame * l_.outPixels() + strip.first * l_.outWidth) * outputs + first;
    rows.reserve(static_cast<size_t>(stripRows_ * pitch_ * rowBytes_));
    uint8_t* to = rows.data();
    for (int64_t y = 0; y < strip.last - strip.first; y++, to += pitch_ * rowBytes_) {
      std::fill_n(to, margin_ * rowBytes_, uint8_t{0});
      std::fill_n(to + (margin_ + l_.outWidth) * rowBytes_, margin_ * rowBytes_, uint8_t{0});
      for (int64_t x = 0; x < l_.outWidth; x++, from += outputs) lay(from, some, to + (margin_ + x) * rowBytes_);
    }
  }

  /// What a tap reads of a strip: entries between the ends of two rows, whose outputs lie `shift` rows further.
  struct StripTap {
    int64_t list, low, high, shift;
  };

  std::vector<StripTap> tapsOf(const Strip& strip) const {
    std::vector<StripTap> taps;
    for (int64_t tap = 0; tap < l_.taps; tap++) {
      const int64_t down = offsetOf(tap / kernel_), column = tap % kernel_;
      // Input rows whose output row, y - down, is one of the strip's.
      const int64_t low = std::clamp(strip.first + down, strip.from, strip.to), high = std::clamp(strip.last + down, low, strip.to);
      const int64_t shift = (strip.from - down - strip.first) * pitch_ + margin_ - offsetOf(column);
      taps.push_back({lists_ == 1 ? 0 : column, low - strip.from, high - strip.from, shift});
    }
    return taps;
  }

  void addStrip(const Strip& strip, const std::vector<StripTap>& taps, const Space& space, float* sums) const {
    const auto add = kernels().addListedRows;
    const int64_t pixels = listedPixels(strip), endsOfChannel = strip.rows() + 1;
    for (int64_t c = 0; c < l_.g.in_channels; c++) {
      for (const StripTap& tap : taps) {
        const int64_t at = tap.list * channels_ + c;
        const int32_t* ends = space.ends.data() + at * endsOfChannel;
        const int32_t begin = ends[tap.low], end = ends[tap.high];
        if (begin < end) add(sums, space.rows.data() + tap.shift * rowBytes_, space.entries.data() + at * pixels + begin, end - begin);
        sums += listedOutputs;
      }
    }
  }

  /// From sums of 64 outputs to [O, C, K, K], parts added in order: a cache line of each output at a time.
  void writeLine(int64_t block, int64_t first, float* result) const {
    const int64_t count = l_.g.in_channels * l_.taps, some = std::min(lineFloats, count - first);
    const int64_t outputs = std::min<int64_t>(listedOutputs, l_.g.out_channels - block * listedOutputs);
    float turned[listedOutputs][lineFloats];
    for (int64_t i = 0; i < some; i++) {
      float sum[listedOutputs] = {};
      for (int64_t part = 0; part < parts_; part++) {
        const float* from = sums_.data() + (part * blocks_ + block) * blockSums() + (first + i) * listedOutputs;
        for (int64_t o = 0; o < listedOutputs; o++) sum[o] += from[o];
      }
      for (int64_t o = 0; o < listedOutputs; o++) turned[o][i] = sum[o];
    }
    for (int64_t o = 0; o < outputs; o++) std::copy_n(turned[o], some, result + (block * listedOutputs + o) * count + first);
  }

  const int64_t rowBytes_ = kernels().bytesOfListedRow();
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
