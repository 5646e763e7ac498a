// What the tensors of a device take.
#pragma once

#include <cstddef>

namespace snnseg {

struct TensorMemory {
  size_t liveBytes, keptBytes, peakBytes;
};

}  // namespace snnseg
