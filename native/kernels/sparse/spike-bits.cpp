// Spikes as bits: packing, unpacking and sums over time.
#include <algorithm>
#include <atomic>
#include <vector>

#include "../clones.h"
#include "snn.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

constexpr int64_t blockPixels = 64;

struct Packed {
  int64_t set = 0;
  bool binary = true;
};

/// One word of up to 64 pixels: bit c of word i is values[c * channelStride + i * pixelStride] != 0.
SNNSEG_CLONES
void packWords(const float* values, int64_t channels, int64_t pixels, int64_t channelStride, uint64_t* words, bool& binary) {
  uint64_t bad = 0;
  std::fill_n(words, blockPixels, uint64_t{0});
  for (int64_t c = 0; c < channels; c++) {
    const float* row = values + c * channelStride;
    for (int64_t i = 0; i < pixels; i++) {
      const uint64_t on = row[i] != 0.0f;
      bad |= on & static_cast<uint64_t>(row[i] != 1.0f);
      words[i] |= on << c;
    }
  }
  binary &= bad == 0;
}

SNNSEG_CLONES
uint64_t packChannels(const float* values, int64_t channels, bool& binary) {
  uint64_t word = 0, bad = 0;
  for (int64_t c = 0; c < channels; c++) {
    const uint64_t on = values[c] != 0.0f;
    bad |= on & static_cast<uint64_t>(values[c] != 1.0f);
    word |= on << c;
  }
  binary &= bad == 0;
  return word;
}

SNNSEG_CLONES
void unpackWords(const uint64_t* words, int64_t channels, int64_t pixels, int64_t channelStride, float* values) {
  for (int64_t c = 0; c < channels; c++) {
    float* row = values + c * channelStride;
    for (int64_t i = 0; i < pixels; i++) row[i] = static_cast<float>(static_cast<int32_t>(words[i] >> c & 1));
  }
}

SNNSEG_CLONES
void unpackChannels(uint64_t word, int64_t channels, float* values) {
  for (int64_t c = 0; c < channels; c++) values[c] = static_cast<float>(static_cast<int32_t>(word >> c & 1));
}

SNNSEG_CLONES
void addBits(uint64_t word, int64_t channels, int digit, int32_t* sums) {
  for (int64_t c = 0; c < channels; c++) sums[c] += static_cast<int32_t>(word >> c & 1) << digit;
}

/// Values of a plane as bytes; false where one is not an integer in [-127, 127].
SNNSEG_CLONES
bool packPlane(const float* plane, int64_t pixels, int8_t* bytes) {
  int32_t bad = 0;
  for (int64_t p = 0; p < pixels; p++) {
    const float value = plane[p] >= -127.0f && plane[p] <= 127.0f ? plane[p] : 127.5f;
    const int32_t byte = static_cast<int32_t>(value);
    bad |= static_cast<float>(byte) != value;
    bytes[p] = static_cast<int8_t>(byte);
  }
  return bad == 0;
}

Packed packFrame(const float* frame, int64_t channels, int64_t pixels, bool channelsLast, uint64_t* bits) {
  Packed result;
  const int64_t words = (channels + 63) / 64;
  uint64_t block[blockPixels];
  for (int64_t p = 0; p < pixels; p += blockPixels) {
    const int64_t count = std::min(blockPixels, pixels - p);
    for (int64_t w = 0; w < words; w++) {
      const int64_t some = std::min<int64_t>(64, channels - 64 * w);
      if (!channelsLast) packWords(frame + 64 * w * pixels + p, some, count, pixels, block, result.binary);
      for (int64_t i = 0; i < count; i++) {
        const uint64_t word = channelsLast ? packChannels(frame + (p + i) * channels + 64 * w, some, result.binary) : block[i];
        bits[(p + i) * words + w] = word;
        result.set += __builtin_popcountll(word);
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
        if (channelsLast) unpackChannels(block[i], some, frame + (p + i) * channels + 64 * w);
      }
      if (!channelsLast) unpackWords(block, some, count, pixels, frame + 64 * w * pixels + p);
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse

using namespace snnseg::sparse;

extern "C" int64_t snn_pack_bits(const float* values, int64_t frames, int64_t channels, int64_t height, int64_t width,
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

extern "C" void snn_unpack_bits(const uint64_t* bits, int64_t frames, int64_t channels, int64_t height, int64_t width,
                                int channels_last, float* values, int threads) {
  const int64_t pixels = height * width, words = (channels + 63) / 64;
  parallelFor(frames, threads, [&](int64_t f, int) {
    unpackFrame(bits + f * pixels * words, channels, pixels, channels_last != 0, values + f * channels * pixels);
  });
}

extern "C" int snn_pack_bytes(const float* values, int64_t frames, int64_t channels, int64_t height, int64_t width,
                              int8_t* bytes, int threads) {
  const int64_t pixels = height * width;
  std::atomic<bool> exact{true};
  parallelFor(frames, threads, [&](int64_t f, int) {
    std::vector<int8_t> plane(static_cast<size_t>(pixels));
    int8_t* to = bytes + f * channels * pixels;
    for (int64_t c = 0; c < channels; c++) {
      if (!packPlane(values + (f * channels + c) * pixels, pixels, plane.data())) exact = false;
      for (int64_t p = 0; p < pixels; p++) to[p * channels + c] = plane[static_cast<size_t>(p)];
    }
  });
  return exact ? 1 : 0;
}

extern "C" void snn_sum_steps(const uint64_t* bits, int64_t steps, int64_t batch, int64_t channels, int64_t height,
                              int64_t width, float* sums, int threads) {
  const int64_t pixels = height * width, words = (channels + 63) / 64;
  parallelFor(batch * height, threads, [&](int64_t unit, int) {
    const int64_t n = unit / height, y = unit % height;
    std::vector<int32_t> totals(static_cast<size_t>(64 * width));
    for (int64_t w = 0; w < words; w++) {
      const int64_t some = std::min<int64_t>(64, channels - 64 * w);
      std::fill(totals.begin(), totals.end(), 0);
      for (int64_t x = 0; x < width; x++) {
        // 64 counters at once, a word for each binary digit.
        uint64_t digits[64] = {};
        for (int64_t t = 0; t < steps; t++) {
          uint64_t carry = bits[((t * batch + n) * pixels + y * width + x) * words + w];
          for (int digit = 0; carry; digit++) {
            const uint64_t next = digits[digit] & carry;
            digits[digit] ^= carry;
            carry = next;
          }
        }
        for (int digit = 0; (steps >> digit) > 0; digit++) addBits(digits[digit], some, digit, totals.data() + 64 * x);
      }
      for (int64_t c = 0; c < some; c++) {
        float* to = sums + (n * channels + 64 * w + c) * pixels + y * width;
        for (int64_t x = 0; x < width; x++) to[x] = static_cast<float>(totals[static_cast<size_t>(64 * x + c)]);
      }
    }
  });
}
