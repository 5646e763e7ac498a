// Lays spikes, pooled counts and bf16 values out as tiles want them: lines of 64 bytes, one a pixel or a pair of pixels.
#pragma once

#include <cstddef>

#include "kernels/kernels.h"
#include "kernels/pool-count.h"
#include "vectors.h"

namespace snnseg::sparse {
namespace {

void fillLinesBits(const TileFill& fill, const uint64_t* frame, int64_t words) {
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    // Without a branch: padding comes at every row's ends.
    const int64_t at = line.pixel < 0 ? 0 : line.pixel * words + line.word;
    const uint64_t bits = frame[at] & ~static_cast<uint64_t>(static_cast<int64_t>(line.pixel) >> 63);
    bitsToBytes<false>(bits, 1, fill.to + i * lineBytes);
  }
}

void fillLinesBf16(const TileFill& fill, const uint16_t* frame, int64_t channels) {
  constexpr int64_t lineChannels = lineBytes / 2;
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    uint8_t* to = fill.to + i * lineBytes;
    const int64_t first = lineChannels * line.word, some = line.pixel < 0 ? 0 : smaller(lineChannels, channels - first);
    const uint16_t* from = frame + (line.pixel < 0 ? 0 : line.pixel * channels + first);
    if (some == lineChannels) {
      __builtin_memcpy(to, from, lineBytes);
    } else {
      __builtin_memset(to, 0, lineBytes);
      __builtin_memcpy(to, from, static_cast<size_t>(2 * some));
    }
  }
}

void fillLinesPooled(const TileFill& fill, const uint64_t* frame, int64_t words, int64_t height, int64_t width, int64_t mapWidth,
                     int64_t stride) {
  for (int64_t i = 0; i < fill.lineCount; i++) {
    const TileLine line = fill.lines[i];
    uint8_t* to = fill.to + i * lineBytes;
    PoolCount count{};
    if (line.pixel >= 0) count = countWindow(frame, words, line.word, width, PoolWindow(line.pixel, mapWidth, stride, height, width));
    bitsToBytes<false>(count.digit[0], 1, to);
    for (int k = 1; k < countDigits; k++) bitsToBytes<true>(count.digit[k], static_cast<uint8_t>(1 << k), to);
  }
}

constexpr uint16_t oneHalf = 0x3f80;  // 1 in bf16

/// 32 channels of a pixel in bf16.
struct alignas(64) ChannelLine {
  uint16_t value[channelBlock];
};

/// Channels 0..15 and 16..31 of two neighbours, (a0 b0 a1 b1 ...), into two lines.
inline void interleave(const ChannelLine& a, const ChannelLine& b, void* low, void* high) {
#if SNN_VECTOR_BYTES == 64
  alignas(64) static const uint16_t order[32] = {0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  const __m512i first = _mm512_load_si512(order), second = _mm512_add_epi16(first, _mm512_set1_epi16(16));
  const __m512i left = _mm512_load_si512(a.value), right = _mm512_load_si512(b.value);
  _mm512_store_si512(low, _mm512_permutex2var_epi16(left, first, right));
  _mm512_store_si512(high, _mm512_permutex2var_epi16(left, second, right));
#else
  uint16_t* to[2] = {static_cast<uint16_t*>(low), static_cast<uint16_t*>(high)};
  for (int half = 0; half < 2; half++) {
    for (int i = 0; i < 16; i++) {
      to[half][2 * i] = a.value[16 * half + i];
      to[half][2 * i + 1] = b.value[16 * half + i];
    }
  }
#endif
}

/// Of `count` channels at `from`; the rest are 0.
inline ChannelLine channelsAt(const uint16_t* from, int64_t count) {
  ChannelLine line{};
  if (count >= channelBlock) {
    __builtin_memcpy(line.value, from, sizeof line.value);
  } else if (count > 0) {
    __builtin_memcpy(line.value, from, static_cast<size_t>(2 * count));
  }
  return line;
}

/// Bytes of 0 to 9 as bf16.
inline ChannelLine countLine(const uint8_t* counts) {
  static const uint16_t digits[10] = {0, oneHalf, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0, 0x4100, 0x4110};
  ChannelLine line;
#if SNN_VECTOR_BYTES == 64
  alignas(64) uint16_t table[32] = {};
  __builtin_memcpy(table, digits, sizeof digits);
  const __m512i index = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(counts)));
  _mm512_store_si512(line.value, _mm512_permutexvar_epi16(index, _mm512_load_si512(table)));
#else
  for (int i = 0; i < channelBlock; i++) line.value[i] = digits[counts[i]];
#endif
  return line;
}

/// Half a word of spikes as bf16.
inline ChannelLine bitLine(uint32_t bits) {
  ChannelLine line;
#if SNN_VECTOR_BYTES == 64
  _mm512_store_si512(line.value, _mm512_maskz_mov_epi16(bits, _mm512_set1_epi16(oneHalf)));
#else
  for (int i = 0; i < channelBlock; i++) line.value[i] = static_cast<uint16_t>((bits >> i & 1) * oneHalf);
#endif
  return line;
}

inline uint32_t halfWord(uint64_t word, int64_t block) { return static_cast<uint32_t>(block % 2 ? word >> 32 : word); }

/// Lines of all channel blocks; read(pixel, block) gives a pixel's channels.
template <class Read>
inline void inputLines(const InputLines& lines, Read&& read) {
  const int64_t blocks = (lines.channels + channelBlock - 1) / channelBlock;
  for (int64_t block = 0; block < blocks; block++) {
    uint8_t* to = lines.to + 2 * block * lines.groupBytes;
    ChannelLine before{};
    for (int64_t i = 0; i < lines.count; i++) {
      const int32_t pixel = lines.positions[i];
      const ChannelLine now = pixel < 0 ? ChannelLine{} : read(static_cast<int64_t>(pixel), block);
      const int64_t phase = 1 - (i & 1);
      if (i > 0 && phase < lines.phases) {
        uint8_t* line = to + phase * lines.phaseBytes + (i - 1) / 2 * pairBytes;
        interleave(before, now, line, line + lines.groupBytes);
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

#if SNN_VECTOR_BYTES == 64
/// Rows and columns of 16x16 words of 32 bits exchanged.
inline void transpose(const uint32_t (*from)[16], uint8_t* to) {
  __m512i r[16], s[16];
  for (int i = 0; i < 16; i++) r[i] = _mm512_load_si512(from[i]);
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
    _mm512_store_si512(to + 64 * i, _mm512_shuffle_i32x4(s[i], s[i + 8], 0x88));
    _mm512_store_si512(to + 64 * (i + 8), _mm512_shuffle_i32x4(s[i], s[i + 8], 0xdd));
    _mm512_store_si512(to + 64 * (i + 4), _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0x88));
    _mm512_store_si512(to + 64 * (i + 12), _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0xdd));
  }
}
#else
inline void transpose(const uint32_t (*from)[16], uint8_t* to) {
  for (int row = 0; row < 16; row++) {
    uint32_t line[16];
    for (int i = 0; i < 16; i++) line[i] = from[i][row];
    __builtin_memcpy(to + 64 * row, line, sizeof line);
  }
}
#endif

void gradientTiles(const int32_t* positions, int64_t count, const uint16_t* frame, int64_t channels, int64_t first, int64_t groups,
                   uint8_t* to) {
  for (int64_t group = 0; group < groups; group += 2) {
    const int64_t channel = first + 16 * group;
    for (int64_t at = 0; at < count; at += chunkPositions, to += 2048) {
      alignas(64) uint32_t low[16][16], high[16][16];
      for (int pair = 0; pair < 16; pair++) {
        ChannelLine pixels[2];
        for (int i = 0; i < 2; i++) {
          const int64_t pixel = positions[at + 2 * pair + i];
          pixels[i] = pixel < 0 ? ChannelLine{} : channelsAt(frame + pixel * channels + channel, channels - channel);
        }
        interleave(pixels[0], pixels[1], low[pair], high[pair]);
      }
      transpose(low, to);
      transpose(high, to + 1024);
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse
