// What kernels are queued in; CUDA's own headers are for those who need more of it.
#pragma once

namespace snnseg::cuda {

struct Stream {
  int device;
  void* handle;  // a cudaStream_t
};

}  // namespace snnseg::cuda
