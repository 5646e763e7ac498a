// Spikes as bits: packing, unpacking and sums over time.
#include <algorithm>
#include <atomic>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels/clones.h"
#include "kernels/cpu.h"
#include "kernels/snn.h"
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

/// Values of a plane as bytes; false where one is not an integer in [-127, 127].
bool packPlane(const float* plane, int64_t pixels, int8_t* bytes) {
  bool exact = true;
  for (int64_t p = 0; p < pixels; p++) {
    const bool fits = plane[p] >= -127.0f && plane[p] <= 127.0f;
    bytes[p] = fits ? static_cast<int8_t>(plane[p]) : int8_t{0};
    exact &= fits && static_cast<float>(bytes[p]) == plane[p];
  }
  return exact;
}

/// counts[c] = in how many of the steps bit c is set; of up to 255 steps.
void countSteps(const uint64_t* words, int64_t steps, int64_t stride, uint8_t* counts) {
  std::fill_n(counts, 64, uint8_t{0});
  for (int64_t t = 0; t < steps; t++) {
    for (uint64_t word = words[t * stride]; word; word &= word - 1) counts[__builtin_ctzll(word)]++;
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx512f,avx512bw,avx512vl"))) bool packPlaneWide(const float* plane, int64_t pixels, int8_t* bytes) {
  const __m512 limit = _mm512_set1_ps(127.0f);
  __mmask16 exact = 0xffff;
  int64_t p = 0;
  for (; p + 16 <= pixels; p += 16) {
    const __m512 value = _mm512_loadu_ps(plane + p);
    const __m512i rounded = _mm512_cvttps_epi32(value);
    exact &= _mm512_cmp_ps_mask(_mm512_abs_ps(value), limit, _CMP_LE_OQ) & _mm512_cmp_ps_mask(_mm512_cvtepi32_ps(rounded), value, _CMP_EQ_OQ);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes + p), _mm512_cvtepi32_epi8(rounded));
  }
  return packPlane(plane + p, pixels - p, bytes + p) && exact == 0xffff;
}

__attribute__((target("avx512f,avx512bw"))) void countStepsWide(const uint64_t* words, int64_t steps, int64_t stride, uint8_t* counts) {
  const __m512i one = _mm512_set1_epi8(1);
  __m512i count = _mm512_setzero_si512();
  for (int64_t t = 0; t < steps; t++) count = _mm512_mask_add_epi8(count, words[t * stride], count, one);
  _mm512_storeu_si512(counts, count);
}
#else
bool packPlaneWide(const float* plane, int64_t pixels, int8_t* bytes) { return packPlane(plane, pixels, bytes); }
void countStepsWide(const uint64_t* words, int64_t steps, int64_t stride, uint8_t* counts) { countSteps(words, steps, stride, counts); }
#endif

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
  const auto pack = detectedIsa() >= Isa::avx512 ? packPlaneWide : packPlane;
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

extern "C" void snn_sum_steps(const uint64_t* bits, int64_t steps, int64_t batch, int64_t channels, int64_t height,
                              int64_t width, float* sums, int threads) {
  constexpr int64_t countedSteps = 255;
  const int64_t pixels = height * width, words = (channels + 63) / 64, stride = batch * pixels * words;
  const auto count = detectedIsa() >= Isa::avx512 ? countStepsWide : countSteps;
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
