// Memory of CPU tensors: see cpu-allocator.cpp.
#pragma once

#include <torch/csrc/api/include/torch/version.h>

#include "tensor-memory.h"

// libtorch 2.3 made `allocate` non-const and asks for `copy_data`.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
#define SNNSEG_ALLOCATE_IS_CONST 0
#else
#define SNNSEG_ALLOCATE_IS_CONST 1
#endif

namespace snnseg {

/// From now on CPU tensors and what kernels work in are allocated here.
void useKeepingAllocator();
TensorMemory cpuMemory();
/// Starts a new measurement of the peak.
void resetCpuMemoryPeak();

}  // namespace snnseg
