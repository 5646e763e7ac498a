// Runtime facts and switches: versions, threads, devices, memory, and which libtorch is in the process.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/api/include/torch/version.h>

#if defined(__linux__)
#include <link.h>
#endif
#if !defined(_WIN32)
#include <cerrno>
#include <sys/file.h>
#endif

#include <set>

#include "addon.h"
#include "cpu-allocator.h"
#include "device.h"
#include "kernels/dispatch.h"
#include "ops/by-device.h"
#include "ops/lif-sequence.h"

namespace snnseg {
namespace {

Napi::Value version(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), TORCH_VERSION);
}

Napi::Value setThreads(const Napi::CallbackInfo& info) {
  return guarded(info, "threads", [&]() -> Napi::Value {
    at::set_num_threads(info[0].ToNumber().Int32Value());
    return info.Env().Undefined();
  });
}

Napi::Value threads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), at::get_num_threads());
}

// The name in the line "ATen parallel backend: OpenMP" of libtorch's own report.
Napi::Value parallelBackend(const Napi::CallbackInfo& info) {
  const std::string report = at::get_parallel_info(), head = "ATen parallel backend: ";
  const size_t line = report.find(head);
  if (line == std::string::npos) return Napi::String::New(info.Env(), "unknown");
  const size_t from = line + head.size();
  return Napi::String::New(info.Env(), report.substr(from, report.find('\n', from) - from));
}

// Whether this libtorch was built with CUDA, be there a GPU or not.
Napi::Value hasCudaBuild(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), at::detail::getCUDAHooks().hasCUDART());
}

Napi::Value cudaDevices(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), gpu().count());
}

// Whether the kernels of native/cuda were built, be there a GPU or not.
Napi::Value hasGpuKernels(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), functionsOn<LifFunctions>(gpu().type).forward != nullptr);
}

Napi::Value instructionSetError(const Napi::CallbackInfo& info) {
  const char* error = sparse::isaError();
  return error ? Napi::String::New(info.Env(), error) : info.Env().Undefined();
}

// Paths of every libtorch in this process: more than one means two builds were mixed.
Napi::Value loadedLibtorch(const Napi::CallbackInfo& info) {
  std::set<std::string> paths;
#if defined(__linux__)
  dl_iterate_phdr(
      [](dl_phdr_info* library, size_t, void* data) {
        const std::string path = library->dlpi_name ? library->dlpi_name : "";
        if (path.find("libtorch_cpu.so") != std::string::npos) static_cast<std::set<std::string>*>(data)->insert(path);
        return 0;
      },
      &paths);
#endif
  Napi::Array array = Napi::Array::New(info.Env());
  uint32_t index = 0;
  for (const std::string& path : paths) array[index++] = Napi::String::New(info.Env(), path);
  return array;
}

// Locks an open file until it is closed or the process ends: false if somebody else has it locked. Where files cannot
// be locked, true.
Napi::Value tryLockFile(const Napi::CallbackInfo& info) {
  bool locked = true;
#if !defined(_WIN32)
  const int file = info[0].ToNumber().Int32Value();
  int result;
  do result = flock(file, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  locked = result == 0 || errno != EWOULDBLOCK;
#endif
  return Napi::Boolean::New(info.Env(), locked);
}

// memory(device) -> bytes, or undefined where this libtorch does not tell
Napi::Value memory(const Napi::CallbackInfo& info) {
  return guarded(info, "memory", [&]() -> Napi::Value {
    const c10::Device device = deviceOf(info[0]);
    const std::optional<TensorMemory> now = device.is_cpu() ? cpuMemory() : gpu().memory(device);
    if (!now) return info.Env().Undefined();
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("liveBytes", Napi::Number::New(info.Env(), static_cast<double>(now->liveBytes)));
    object.Set("keptBytes", Napi::Number::New(info.Env(), static_cast<double>(now->keptBytes)));
    object.Set("peakBytes", Napi::Number::New(info.Env(), static_cast<double>(now->peakBytes)));
    return object;
  });
}

Napi::Value resetMemoryPeak(const Napi::CallbackInfo& info) {
  return guarded(info, "memory", [&]() -> Napi::Value {
    const c10::Device device = deviceOf(info[0]);
    device.is_cpu() ? resetCpuMemoryPeak() : gpu().resetMemoryPeak(device);
    return info.Env().Undefined();
  });
}

// Waits until a GPU has done all that it was given.
Napi::Value synchronize(const Napi::CallbackInfo& info) {
  return guarded(info, "synchronize", [&]() -> Napi::Value {
    const c10::Device device = deviceOf(info[0]);
    if (!device.is_cpu()) {
      const c10::impl::VirtualGuardImpl guard(device.type());
      guard.synchronizeStream(guard.getStream(device));
    }
    return info.Env().Undefined();
  });
}

}  // namespace

void registerRuntime(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::Function::New(env, version));
  exports.Set("setThreads", Napi::Function::New(env, setThreads));
  exports.Set("threads", Napi::Function::New(env, threads));
  exports.Set("instructionSetError", Napi::Function::New(env, instructionSetError));
  exports.Set("parallelBackend", Napi::Function::New(env, parallelBackend));
  exports.Set("hasCudaBuild", Napi::Function::New(env, hasCudaBuild));
  exports.Set("cudaDevices", Napi::Function::New(env, cudaDevices));
  exports.Set("hasGpuKernels", Napi::Function::New(env, hasGpuKernels));
  exports.Set("tryLockFile", Napi::Function::New(env, tryLockFile));
  exports.Set("memory", Napi::Function::New(env, memory));
  exports.Set("resetMemoryPeak", Napi::Function::New(env, resetMemoryPeak));
  exports.Set("synchronize", Napi::Function::New(env, synchronize));
  exports.Set("loadedLibtorch", Napi::Function::New(env, loadedLibtorch));
}

}  // namespace snnseg
