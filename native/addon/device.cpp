#include "device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <dlfcn.h>

#include <stdexcept>

namespace snnseg {
namespace {

/// The driver's UUID of a GPU, or of its part where it is parted (MIG), asked without CUDA's headers.
std::string cudaIdentity(int index) {
  void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (driver == nullptr) return "";
  const auto find = reinterpret_cast<int (*)(int* device, int ordinal)>(dlsym(driver, "cuDeviceGet"));
  const auto ask = reinterpret_cast<int (*)(unsigned char* uuid, int device)>(dlsym(driver, "cuDeviceGetUuid_v2"));
  unsigned char uuid[16];
  int device = 0;
  if (find == nullptr || ask == nullptr || find(&device, index) != 0 || ask(uuid, device) != 0) return "";
  std::string text = "GPU-";
  for (const unsigned char byte : uuid) text += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  return text;
}

int countCuda() { return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0; }

}  // namespace

Gpu& gpu() {
  static Gpu known{c10::DeviceType::CUDA, countCuda, cudaIdentity};
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
