// What kernels are queued in; CUDA's own headers are for those who need more of it.
#pragma once

namespace snnseg::cuda {

/// A cudaStream_t.
using Stream = void*;

}  // namespace snnseg::cuda
