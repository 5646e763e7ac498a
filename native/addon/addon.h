// What the parts of the addon share: the tables of this environment and the one place that turns C++
// exceptions into JavaScript errors.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <napi.h>

#include <vector>

#include "tensor-table.h"

namespace snnseg {

/// Of one JavaScript environment: each worker thread has its own.
struct AddonState {
  TensorTable tensors;
  /// Resolved once; JavaScript keeps the index.
  std::vector<c10::OperatorHandle> operators;
};

inline AddonState& state(Napi::Env env) { return *env.GetInstanceData<AddonState>(); }

inline uint64_t handleOf(const Napi::Value& value) {
  if (!value.IsBigInt()) throw std::invalid_argument("expected a tensor");
  bool lossless = false;
  const uint64_t handle = value.As<Napi::BigInt>().Uint64Value(&lossless);
  if (!lossless) throw StaleHandle("tensor: expected a live tensor, received a handle that never was one");
  return handle;
}

inline const at::Tensor& tensorOf(Napi::Env env, const Napi::Value& value) {
  return state(env).tensors.get(handleOf(value));
}

/// Of a device's name, which must be one.
c10::Device deviceOf(const Napi::Value& value);

inline Napi::Value wrap(Napi::Env env, at::Tensor tensor) {
  return Napi::BigInt::New(env, state(env).tensors.add(std::move(tensor)));
}

/// Throws `error` in JavaScript with a stable `code`; `detail` names the operation and its tensors.
[[noreturn]] void throwAsJs(Napi::Env env, const std::string& detail);

/// Runs `body`; every C++ exception leaves as a JavaScript error.
template <typename Body>
Napi::Value guarded(const Napi::CallbackInfo& info, const char* operation, Body&& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throwAsJs(info.Env(), operation);
  }
}

void registerDispatch(Napi::Env env, Napi::Object exports);
void registerSchemas(Napi::Env env, Napi::Object exports);
void registerTensors(Napi::Env env, Napi::Object exports);
void registerAutograd(Napi::Env env, Napi::Object exports);
void registerRuntime(Napi::Env env, Napi::Object exports);
void registerRanks(Napi::Env env, Napi::Object exports);

}  // namespace snnseg
