#include "spike-map-kernels.h"

#include "convert.h"

namespace snnseg::cuda {
namespace {

/// Eight channels of a pixel, which one thread moves: a byte of a word (GPUs are little-endian), 16 bytes of values.
constexpr int64_t group = 8;

struct alignas(16) Group {
  Bf16 values[group];
};

/// Whole groups of maps whose pixels begin at multiples of 16 bytes are moved at once, others value by value.
SNNSEG_THREAD bool movesWhole(int64_t channels) { return channels % group == 0; }

SNNSEG_THREAD Group loadGroup(const Bf16* from, int64_t some, bool whole) {
  if (whole) return *reinterpret_cast<const Group*>(from);
  Group result;
  for (int i = 0; i < group; i++) result.values[i] = i < some ? from[i] : Bf16{0};
  return result;
}

SNNSEG_THREAD void storeGroup(Bf16* to, const Group& from, int64_t some, bool whole) {
  if (whole) {
    *reinterpret_cast<Group*>(to) = from;
    return;
  }
  for (int i = 0; i < group; i++) {
    if (i < some) to[i] = from.values[i];
  }
}

/// Bit i of a byte to the i-th nibble.
SNNSEG_THREAD uint32_t nibblesOf(uint32_t byte) {
  const uint32_t pairs = (byte | byte << 12) & 0x000f000fu, twos = (pairs | pairs << 6) & 0x03030303u;
  return (twos | twos << 3) & 0x11111111u;
}

/// The maps' sizes as a thread needs them; see SpikeMaps.
struct Windows {
  int64_t height, width, pooledHeight, pooledWidth, stride;
};

Windows windowsOf(const SpikeMaps& maps) { return {maps.height, maps.width, maps.pooledHeight(), maps.pooledWidth(), maps.poolStride}; }

struct CountsThread {
  Windows maps;
  const unsigned char* bytes;  // of words
  int64_t bytesOfPixel, channels, threads;
  Bf16* counts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    if (thread >= threads) return;
    const int64_t pixel = thread / bytesOfPixel, byte = thread % bytesOfPixel, first = byte * group;
    if (first >= channels) return;
    const uint32_t nibbles = maps.stride == 0 ? nibblesOf(bytes[thread]) : ofWindow(pixel, byte);
    Group result;
    for (int i = 0; i < group; i++) store(result.values + i, static_cast<float>(nibbles >> 4 * i & 15u));
    storeGroup(counts + pixel * channels + first, result, channels - first, movesWhole(channels));
  }

  /// Nine at most, so that nibbles never carry.
  SNNSEG_THREAD uint32_t ofWindow(int64_t window, int64_t byte) const {
    const int64_t x = window % maps.pooledWidth * maps.stride, line = window / maps.pooledWidth;
    const int64_t y = line % maps.pooledHeight * maps.stride, frame = line / maps.pooledHeight;
    uint32_t nibbles = 0;
    for (int64_t atY = y - 1; atY <= y + 1; atY++) {
      for (int64_t atX = x - 1; atX <= x + 1; atX++) {
        if (atY < 0 || atY >= maps.height || atX < 0 || atX >= maps.width) continue;
        nibbles += nibblesOf(bytes[((frame * maps.height + atY) * maps.width + atX) * bytesOfPixel + byte]);
      }
    }
    return nibbles;
  }
};

struct UnpoolThread {
  Windows maps;
  const Bf16* ofCounts;
  int64_t groups, channels, threads;
  Bf16* ofSpikes;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    if (thread >= threads) return;
    const int64_t pixel = thread / groups, first = thread % groups * group, some = channels - first;
    const int64_t x = pixel % maps.width, line = pixel / maps.width, y = line % maps.height, frame = line / maps.height;
    const bool whole = movesWhole(channels);
    float sums[group] = {};
    for (int64_t atY = firstWindow(y); atY <= lastWindow(y, maps.pooledHeight); atY++) {
      for (int64_t atX = firstWindow(x); atX <= lastWindow(x, maps.pooledWidth); atX++) {
        const int64_t window = (frame * maps.pooledHeight + atY) * maps.pooledWidth + atX;
        const Group part = loadGroup(ofCounts + window * channels + first, some, whole);
        for (int i = 0; i < group; i++) sums[i] += floatOf(part.values[i]);
      }
    }
    Group result;
    for (int i = 0; i < group; i++) store(result.values + i, sums[i]);
    storeGroup(ofSpikes + pixel * channels + first, result, some, whole);
  }

  /// The windows that a row or column is in.
  SNNSEG_THREAD int64_t firstWindow(int64_t at) const { return ((at > 0 ? at - 1 : 0) + maps.stride - 1) / maps.stride; }
  SNNSEG_THREAD int64_t lastWindow(int64_t at, int64_t windows) const {
    const int64_t last = (at + 1) / maps.stride;
    return last < windows ? last : windows - 1;
  }
};

struct SumStepsThread {
  int64_t steps, pixels, channels, wordsOfPixel;
  const uint64_t* words;
  float* sums;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    if (thread >= pixels * channels) return;
    const int64_t pixel = thread / channels, channel = thread % channels;
    const uint64_t* word = words + pixel * wordsOfPixel + channel / 64;
    int sum = 0;
    for (int64_t t = 0; t < steps; t++) sum += static_cast<int>(word[t * pixels * wordsOfPixel] >> channel % 64 & 1);
    sums[thread] = static_cast<float>(sum);
  }
};

}  // namespace

void launchCounts(const SpikeMaps& maps, const uint64_t* words, Bf16* counts, Stream stream) {
  const int64_t bytesOfPixel = maps.words() * 8, threads = maps.frames * maps.pooledHeight() * maps.pooledWidth() * bytesOfPixel;
  launch(threads, stream, CountsThread{windowsOf(maps), reinterpret_cast<const unsigned char*>(words), bytesOfPixel, maps.channels, threads, counts});
}

void launchUnpool(const SpikeMaps& maps, const Bf16* ofCounts, Bf16* ofSpikes, Stream stream) {
  const int64_t groups = (maps.channels + group - 1) / group, threads = maps.frames * maps.height * maps.width * groups;
  launch(threads, stream, UnpoolThread{windowsOf(maps), ofCounts, groups, maps.channels, threads, ofSpikes});
}

void launchSumSteps(const SpikeMaps& maps, int64_t steps, const uint64_t* words, float* sums, Stream stream) {
  const int64_t pixels = maps.frames * maps.height * maps.width;
  launch(pixels * maps.channels, stream, SumStepsThread{steps, pixels, maps.channels, maps.words(), words, sums});
}

}  // namespace snnseg::cuda
