// What kernels of native/cuda see of a device that stands for a GPU: while one runs, the device's memory is open to it.
#pragma once

namespace snnseg::cuda {

class OpenedMemory {
 public:
  OpenedMemory();
  ~OpenedMemory();
  OpenedMemory(const OpenedMemory&) = delete;
  OpenedMemory& operator=(const OpenedMemory&) = delete;
};

}  // namespace snnseg::cuda
