// Registers the kernels for CUDA.
#include <c10/cuda/CUDAStream.h>

#include "functions.h"

namespace snnseg::cuda {

Stream streamOf(c10::Device device) { return {device.index(), c10::cuda::getCurrentCUDAStream(device.index()).stream()}; }

namespace {

const bool registered = (registerOn(c10::DeviceType::CUDA), true);

}  // namespace
}  // namespace snnseg::cuda
