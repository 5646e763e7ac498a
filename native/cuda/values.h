// Values of maps over time in a device's memory.
#pragma once

#include <cstdint>

namespace snnseg::cuda {

/// bfloat16, as libtorch's own type needs its headers.
struct Bf16 {
  uint16_t bits;
};

/// [T, rows, C]; `stride` is from a timestep to the next, 0 where they are the same at each.
template <class Value>
struct Timed {
  const Value* values;
  int64_t stride;
};

}  // namespace snnseg::cuda
