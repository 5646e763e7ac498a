#include "device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <stdexcept>

namespace snnseg {
namespace {

int countCuda() { return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0; }

}  // namespace

Gpu& gpu() {
  static Gpu known{c10::DeviceType::CUDA, countCuda};
  return known;
}

// Asking libtorch for a device that it cannot use ends in pages of text, deep inside.
c10::Device deviceNamed(const std::string& name) {
  if (name == "cpu") return c10::Device(c10::DeviceType::CPU);
  const auto check = [&](bool holds, const std::string& expected) {
    if (!holds) throw std::invalid_argument("expected " + expected + ", received " + name);
  };
  check(name == "cuda" || name.rfind("cuda:", 0) == 0, "cpu, cuda or cuda:N");
  const int count = gpu().count();
  check(count > 0, "cpu, as this libtorch is built without CUDA or finds no GPU");
  const std::string index = name == "cuda" ? "0" : name.substr(5);
  const bool digits = !index.empty() && index.size() <= 3 && index.find_first_not_of("0123456789") == std::string::npos;
  check(digits, "cpu, cuda or cuda:N");
  check(std::stoi(index) < count, "a number below " + std::to_string(count) + ", as many CUDA devices are here");
  return c10::Device(gpu().type, static_cast<c10::DeviceIndex>(std::stoi(index)));
}

std::string nameOf(c10::Device device) {
  if (device.type() != gpu().type) return device.str();
  return "cuda:" + std::to_string(device.has_index() ? static_cast<int>(device.index()) : 0);
}

}  // namespace snnseg
