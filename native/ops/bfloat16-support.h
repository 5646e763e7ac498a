// Whether convolutions in bfloat16 are faster than in float32 here: without the instructions they are emulated.
#pragma once

namespace snnseg {

inline bool hasFastBfloat16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

}  // namespace snnseg
