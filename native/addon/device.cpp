#include "device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <stdexcept>

namespace snnseg {
namespace {

#ifdef SNNSEG_STAND_IN_GPU
// Tests without a GPU: a device of libtorch that is nobody's stands for it (native/tests/stand-in-gpu).
constexpr auto cuda = c10::DeviceType::PrivateUse1;
#else
constexpr auto cuda = c10::DeviceType::CUDA;
#endif

}  // namespace

int cudaDeviceCount() {
#ifdef SNNSEG_STAND_IN_GPU
  return 1;
#else
  return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
#endif
}

// Asking libtorch for a device that it cannot use ends in pages of text, deep inside.
c10::Device deviceNamed(const std::string& name) {
  if (name == "cpu") return c10::Device(c10::DeviceType::CPU);
  const auto refuse = [&](const std::string& expected) {
    throw std::invalid_argument("expected " + expected + ", received " + name);
  };
  if (name != "cuda" && name.rfind("cuda:", 0) != 0) refuse("cpu, cuda or cuda:N");
  const int count = cudaDeviceCount();
  if (count == 0) refuse("cpu, as this libtorch is built without CUDA or finds no GPU");
  const std::string digits = name.size() > 4 ? name.substr(5) : "0";
  if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos) refuse("cpu, cuda or cuda:N");
  const int index = std::stoi(digits);
  if (index >= count) refuse("a CUDA device below " + std::to_string(count));
  return c10::Device(cuda, static_cast<c10::DeviceIndex>(index));
}

std::string nameOf(c10::Device device) {
  if (device.type() != cuda) return device.str();
  return device.has_index() ? "cuda:" + std::to_string(static_cast<int>(device.index())) : "cuda";
}

}  // namespace snnseg
