// Spikes as bits: packing, unpacking and sums over time.
#include <algorithm>
#include <atomic>
#include <vector>

#include "kernels/dispatch.h"
#include "kernels/snn.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t blockPixels = 64;

struct Packed {
  int64_t set = 0;
  bool binary = true;
};

Packed packFrame(const float* frame, int64_t channels, int64_t pixels, bool channelsLast, uint64_t* bits) {
  Packed result;
  const int64_t words = (channels + 63) / 64;
  uint64_t block[blockPixels];
  for (int64_t p = 0; p < pixels; p += blockPixels) {
    const int64_t count = std::min(blockPixels, pixels - p);
    for (int64_t w = 0; w < words; w++) {
      const int64_t some = std::min<int64_t>(64, channels - 64 * w);
      if (!channelsLast) result.binary &= kernels().packWords(frame + 64 * w * pixels + p, some, count, pixels, block);
      for (int64_t i = 0; i < count; i++) {
        if (channelsLast) result.binary &= kernels().packChannels(frame + (p + i) * channels + 64 * w, some, block + i);
        bits[(p + i) * words + w] = block[i];
        result.set += __builtin_popcountll(block[i]);
      }
    }
  }
  return result;
}

void unpackFrame(const uint64_t* bits, int64_t channels, int64_t pixels, bool channelsLast, float* frame) {
  const int64_t words = (channels + 63) / 64;
  uint64_t block[blockPixels];
  for (int64_t p = 0; p < pixels; p += blockPixels) {
    const int64_t count = std::min(blockPixels, pixels - p);
    for (int64_t w = 0; w < words; w++) {
      const int64_t some = std::min<int64_t>(64, channels - 64 * w);
      for (int64_t i = 0; i < count; i++) {
        block[i] = bits[(p + i) * words + w];
        if (channelsLast) kernels().unpackChannels(block[i], some, frame + (p + i) * channels + 64 * w);
      }
      if (!channelsLast) kernels().unpackWords(block, some, count, pixels, frame + 64 * w * pixels + p);
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse

using namespace snnseg::sparse;

int64_t snn_pack_bits(const float* values, int64_t frames, int64_t channels, int64_t height, int64_t width,
                                 int channels_last, uint64_t* bits, int threads) {
  const int64_t pixels = height * width, words = (channels + 63) / 64;
  std::atomic<int64_t> set{0};
  std::atomic<bool> binary{true};
  parallelFor(frames, threads, [&](int64_t f, int) {
    const Packed packed = packFrame(values + f * channels * pixels, channels, pixels, channels_last != 0, bits + f * pixels * words);
    set += packed.set;
    if (!packed.binary) binary = false;
  });
  return binary ? set.load() : -1;
}

void snn_unpack_bits(const uint64_t* bits, int64_t frames, int64_t channels, int64_t height, int64_t width,
                                int channels_last, float* values, int threads) {
  const int64_t pixels = height * width, words = (channels + 63) / 64;
  parallelFor(frames, threads, [&](int64_t f, int) {
    unpackFrame(bits + f * pixels * words, channels, pixels, channels_last != 0, values + f * channels * pixels);
  });
}

int snn_pack_bytes(const float* values, int64_t frames, int64_t channels, int64_t height, int64_t width,
                              int8_t* bytes, int threads) {
  const int64_t pixels = height * width;
  const auto pack = kernels().packBytes;
  std::atomic<bool> exact{true};
  parallelFor(frames, threads, [&](int64_t f, int) {
    std::vector<int8_t> plane(static_cast<size_t>(pixels));
    int8_t* to = bytes + f * channels * pixels;
    for (int64_t c = 0; c < channels; c++) {
      if (!pack(values + (f * channels + c) * pixels, pixels, plane.data())) exact = false;
      for (int64_t p = 0; p < pixels; p++) to[p * channels + c] = plane[static_cast<size_t>(p)];
    }
  });
  return exact ? 1 : 0;
}

void snn_sum_steps(const uint64_t* bits, int64_t steps, int64_t batch, int64_t channels, int64_t height,
                              int64_t width, float* sums, int threads) {
  constexpr int64_t countedSteps = 255;
  const int64_t pixels = height * width, words = (channels + 63) / 64, stride = batch * pixels * words;
  const auto count = kernels().countSteps;
  parallelFor(batch * height, threads, [&](int64_t unit, int) {
    const int64_t n = unit / height, y = unit % height;
    std::vector<uint8_t> counts(static_cast<size_t>(64 * width));
    for (int64_t w = 0; w < words; w++) {
      const int64_t some = std::min<int64_t>(64, channels - 64 * w);
      for (int64_t first = 0; first == 0 || first < steps; first += countedSteps) {
        const int64_t counted = std::min(countedSteps, steps - first);
        for (int64_t x = 0; x < width; x++) {
          count(bits + first * stride + ((n * height + y) * width + x) * words + w, counted, stride, counts.data() + 64 * x);
        }
        for (int64_t c = 0; c < some; c++) {
          float* to = sums + (n * channels + 64 * w + c) * pixels + y * width;
          for (int64_t x = 0; x < width; x++) {
            const float more = counts[static_cast<size_t>(64 * x + c)];
            to[x] = first == 0 ? more : to[x] + more;
          }
        }
      }
    }
  });
}
