#include "device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/csrc/api/include/torch/version.h>

// Since libtorch 2.9 allocators of devices tell what they hand out, without CUDA's own headers.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
#include <c10/core/CachingDeviceAllocator.h>
#define SNNSEG_DEVICE_MEMORY 1
#else
#define SNNSEG_DEVICE_MEMORY 0
#endif

#include <dlfcn.h>

#include <mutex>
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

at::Generator cudaGenerator(c10::Device device, uint64_t seed) {
  at::Generator common = at::globalContext().defaultGenerator(device);
  at::Generator own = [&] {
    const std::lock_guard<std::mutex> lock(common.mutex());
    return common.clone();
  }();
  own.set_current_seed(seed);
  return own;
}

#if SNNSEG_DEVICE_MEMORY
c10::DeviceAllocator* cudaAllocator() { return dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(c10::DeviceType::CUDA)); }
#endif

std::optional<TensorMemory> cudaMemory(c10::Device device) {
#if SNNSEG_DEVICE_MEMORY
  if (c10::DeviceAllocator* allocator = cudaAllocator()) {
    if (!allocator->initialized()) return TensorMemory{};  // no tensor has been there yet
    const auto stats = allocator->getDeviceStats(device.index());
    constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    const auto &live = stats.allocated_bytes[all], &reserved = stats.reserved_bytes[all];
    return TensorMemory{static_cast<size_t>(live.current), static_cast<size_t>(reserved.current - live.current), static_cast<size_t>(live.peak)};
  }
#endif
  return std::nullopt;
}

void resetCudaMemoryPeak(c10::Device device) {
#if SNNSEG_DEVICE_MEMORY
  c10::DeviceAllocator* allocator = cudaAllocator();
  if (allocator != nullptr && allocator->initialized()) allocator->resetPeakStats(device.index());
#endif
}

}  // namespace

Gpu& gpu() {
  static Gpu known{c10::DeviceType::CUDA, countCuda, cudaIdentity, cudaGenerator, cudaMemory, resetCudaMemoryPeak};
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
