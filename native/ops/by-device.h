// Which code computes an operator on which device: the CPU's stands in the operator's own file, a GPU's in native/cuda.
#pragma once

#include <ATen/ATen.h>

#include <array>

namespace snnseg {

/// The functions of one operator on a type of device, filled in by whoever has them; null elsewhere.
template <class Functions>
Functions& functionsOn(c10::DeviceType type) {
  static std::array<Functions, c10::COMPILE_TIME_MAX_DEVICE_TYPES> table{};
  return table[static_cast<size_t>(type)];
}

/// Where the operator's arguments have to be: beside `x` if it runs there, else on the CPU.
template <class Functions>
c10::Device deviceFor(const at::Tensor& x) {
  const bool runs = x.defined() && functionsOn<Functions>(x.device().type()).forward != nullptr;
  return runs ? x.device() : c10::Device(at::kCPU);
}

}  // namespace snnseg
