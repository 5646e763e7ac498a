// Lines of bf16 values as a level multiplies them: pairs of bf16 where it has products of them, else float32.
#pragma once

#include <cstddef>
#include <type_traits>

#include "kernels/kernels.h"
#include "kernels/pool-count.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

#if defined(__AVX512BF16__) || defined(SNN_AMX)
#define SNN_HALF_PAIRS 1
#else
#define SNN_HALF_PAIRS 0
#endif
constexpr int halfBytes = SNN_HALF_PAIRS ? 2 : 4;

int bytesOfHalf() { return halfBytes; }

/// 32 channels of a pixel.
struct alignas(64) ChannelLine {
  std::conditional_t<SNN_HALF_PAIRS, uint16_t, float> value[channelBlock];
};

/// Of `count` channels at `from`; the rest are 0.
SNN_INLINE ChannelLine channelsAt(const uint16_t* from, int64_t count) {
  ChannelLine line{};
#if SNN_HALF_PAIRS
  if (count >= channelBlock) {
    __builtin_memcpy(line.value, from, sizeof line.value);
  } else if (count > 0) {
    __builtin_memcpy(line.value, from, static_cast<size_t>(2 * count));
  }
#else
  for (int c = 0; c < channelBlock; c += lanes) fromHalvesSome(from + c, count - c).store(line.value + c);
#endif
  return line;
}

void fillLinesBf16(const TileFill& fill, const uint16_t* frame, int64_t channels) {
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine source = fill.lines[i];
    const int64_t first = channelBlock * source.word;
    const ChannelLine line = source.pixel < 0 ? ChannelLine{} : channelsAt(frame + source.pixel * channels + first, channels - first);
    __builtin_memcpy(fill.to + i * static_cast<int64_t>(sizeof line), line.value, sizeof line);
  }
}

#if SNN_HALF_PAIRS
constexpr uint16_t oneHalf = 0x3f80;  // 1 in bf16
#endif

/// Bytes of 0 to 9.
SNN_INLINE ChannelLine countLine(const uint8_t* counts) {
  ChannelLine line;
#if SNN_HALF_PAIRS
  alignas(64) static const uint16_t table[32] = {0, oneHalf, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0, 0x4100, 0x4110};
  const __m512i index = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(counts)));
  _mm512_store_si512(line.value, _mm512_permutexvar_epi16(index, _mm512_load_si512(table)));
#else
  for (int i = 0; i < channelBlock; i++) line.value[i] = counts[i];
#endif
  return line;
}

/// Half a word of spikes.
SNN_INLINE ChannelLine bitLine(uint32_t bits) {
  ChannelLine line;
#if SNN_HALF_PAIRS
  _mm512_store_si512(line.value, _mm512_maskz_mov_epi16(bits, _mm512_set1_epi16(oneHalf)));
#else
  for (int i = 0; i < channelBlock; i++) line.value[i] = bits >> i & 1 ? 1.0f : 0.0f;
#endif
  return line;
}

SNN_INLINE uint32_t halfWord(uint64_t word, int64_t block) { return static_cast<uint32_t>(block % 2 ? word >> 32 : word); }

/// Channels 0..15 and 16..31 of two neighbours into two lines: in pairs, (a0 b0 a1 b1 ...), or a's and then b's.
SNN_INLINE void join(const ChannelLine& a, const ChannelLine& b, uint8_t* low, uint8_t* high) {
#if SNN_HALF_PAIRS
  alignas(64) static const uint16_t order[32] = {0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  const __m512i first = _mm512_load_si512(order), second = _mm512_add_epi16(first, _mm512_set1_epi16(16));
  const __m512i left = _mm512_load_si512(a.value), right = _mm512_load_si512(b.value);
  _mm512_store_si512(low, _mm512_permutex2var_epi16(left, first, right));
  _mm512_store_si512(high, _mm512_permutex2var_epi16(left, second, right));
#else
  __builtin_memcpy(low, a.value, 64);
  __builtin_memcpy(low + 64, b.value, 64);
  __builtin_memcpy(high, a.value + lanes, 64);
  __builtin_memcpy(high + 64, b.value + lanes, 64);
#endif
}

/// Lines of all channel blocks; read(pixel, block) gives a pixel's channels.
template <class Read>
SNN_INLINE void inputLines(const InputLines& lines, Read&& read) {
  constexpr int64_t pairSize = 16 * 2 * halfBytes;
  const int64_t blocks = (lines.channels + channelBlock - 1) / channelBlock;
  for (int64_t block = 0; block < blocks; block++) {
    uint8_t* to = lines.to + 2 * block * lines.groupBytes;
    ChannelLine before{};
    for (int64_t i = 0; i < lines.count; i++) {
      const int32_t pixel = lines.positions[i];
      const ChannelLine now = pixel < 0 ? ChannelLine{} : read(static_cast<int64_t>(pixel), block);
      const int64_t phase = 1 - (i & 1);
      if (i > 0 && phase < lines.phases) {
        uint8_t* line = to + phase * lines.phaseBytes + (i - 1) / 2 * pairSize;
        join(before, now, line, line + lines.groupBytes);
      }
      before = now;
    }
  }
}

void inputLinesBits(const InputLines& lines, const uint64_t* frame, int64_t words) {
  inputLines(lines, [&](int64_t pixel, int64_t block) { return bitLine(halfWord(frame[pixel * words + block / 2], block)); });
}

void inputLinesBf16(const InputLines& lines, const uint16_t* frame) {
  inputLines(lines, [&](int64_t pixel, int64_t block) {
    return channelsAt(frame + pixel * lines.channels + channelBlock * block, lines.channels - channelBlock * block);
  });
}

void inputLinesPooled(const InputLines& lines, const uint64_t* frame, int64_t words, int64_t height, int64_t width, int64_t mapWidth,
                      int64_t stride) {
  inputLines(lines, [&](int64_t pixel, int64_t block) {
    const PoolCount count = countWindow(frame, words, block / 2, width, PoolWindow(pixel, mapWidth, stride, height, width));
    alignas(64) uint8_t bytes[64];
    bitsToBytes<false>(halfWord(count.digit[0], block), 1, bytes);
    for (int k = 1; k < countDigits; k++) bitsToBytes<true>(halfWord(count.digit[k], block), static_cast<uint8_t>(1 << k), bytes);
    return countLine(bytes);
  });
}

#if SNN_HALF_PAIRS
/// Rows and columns of 16x16 words of 32 bits exchanged.
SNN_INLINE void transpose(uint8_t* words) {
  __m512i r[16], s[16];
  for (int i = 0; i < 16; i++) r[i] = _mm512_load_si512(words + 64 * i);
  for (int i = 0; i < 16; i += 2) {
    s[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    s[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(s[i], s[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(s[i], s[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(s[i + 1], s[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(s[i + 1], s[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    s[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    s[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    s[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    s[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    _mm512_store_si512(words + 64 * i, _mm512_shuffle_i32x4(s[i], s[i + 8], 0x88));
    _mm512_store_si512(words + 64 * (i + 8), _mm512_shuffle_i32x4(s[i], s[i + 8], 0xdd));
    _mm512_store_si512(words + 64 * (i + 4), _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0x88));
    _mm512_store_si512(words + 64 * (i + 12), _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0xdd));
  }
}
#endif

void gradientTiles(const int32_t* positions, int64_t count, const uint16_t* frame, int64_t channels, int64_t first, int64_t groups,
                   uint8_t* to) {
  constexpr int64_t tileSize = 16 * chunkPositions * halfBytes, pairSize = 16 * 2 * halfBytes;
  for (int64_t group = 0; group < groups; group += 2) {
    const int64_t channel = first + 16 * group;
    for (int64_t at = 0; at < count; at += chunkPositions, to += 2 * tileSize) {
      for (int64_t pair = 0; pair < chunkPositions / 2; pair++) {
        ChannelLine pixels[2];
        for (int i = 0; i < 2; i++) {
          const int64_t pixel = positions[at + 2 * pair + i];
          pixels[i] = pixel < 0 ? ChannelLine{} : channelsAt(frame + pixel * channels + channel, channels - channel);
        }
        join(pixels[0], pixels[1], to + pair * pairSize, to + tileSize + pair * pairSize);
      }
#if SNN_HALF_PAIRS
      transpose(to);
      transpose(to + tileSize);
#endif
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse
