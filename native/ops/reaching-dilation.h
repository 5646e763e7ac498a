// A dilation of the same result that counts of 32 bits and plans can hold.
#pragma once

#include <algorithm>
#include <cstdint>

namespace snnseg {

/// Taps farther away than the map is long read zeros, however far they are (padding keeps the map's size).
inline int64_t reachingDilation(int64_t dilation, int64_t height, int64_t width) {
  return std::min(dilation, std::max<int64_t>({1, height, width}));
}

}  // namespace snnseg
