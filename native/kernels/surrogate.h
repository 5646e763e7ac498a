// The surrogate gradients dS/dx of the spike S = [x > 0], x = u/threshold - 1, as in the paper's code.
#pragma once

#include <cstdint>

namespace snnseg {

enum class Surrogate : int64_t {
  linear = 0,       // 0.3*max(0, 1 - |x|)
  fastSigmoid = 1,  // 1/(100|x| + 1)^2
  exponential = 2,  // exp(-10|x|)
  passThrough = 3,  // 1
};

}  // namespace snnseg
