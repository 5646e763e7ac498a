// What the parts of the addon share: the tensor table of this environment and the one place that turns C++
// exceptions into JavaScript errors.
#pragma once

#include <napi.h>

#include "tensor-table.h"

namespace snnseg {

struct AddonState {
  TensorTable tensors;
};

inline AddonState& state(Napi::Env env) { return *env.GetInstanceData<AddonState>(); }

inline uint64_t handleOf(const Napi::Value& value) {
  if (!value.IsBigInt()) throw std::invalid_argument("expected a tensor");
  bool lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

inline const at::Tensor& tensorOf(Napi::Env env, const Napi::Value& value) {
  return state(env).tensors.get(handleOf(value));
}

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
void registerTensors(Napi::Env env, Napi::Object exports);
void registerAutograd(Napi::Env env, Napi::Object exports);
void registerRuntime(Napi::Env env, Napi::Object exports);

}  // namespace snnseg
