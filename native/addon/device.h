// Devices by their names in JavaScript: `cpu`, `cuda`, `cuda:N`.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace snnseg {

/// How many CUDA devices this libtorch can use here.
int cudaDeviceCount();

/// @throws std::invalid_argument for a name that is none, or a device that is not there
c10::Device deviceNamed(const std::string& name);

/// `cpu`, `cuda:0` and so on.
std::string nameOf(c10::Device device);

}  // namespace snnseg
