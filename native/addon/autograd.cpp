// Autograd: who wants gradients, backward, and the gradients themselves.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "addon.h"

namespace snnseg {
namespace {

Napi::Value setGradEnabled(const Napi::CallbackInfo& info) {
  const bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(info[0].ToBoolean().Value());
  return Napi::Boolean::New(info.Env(), before);
}

Napi::Value requiresGrad(const Napi::CallbackInfo& info) {
  return guarded(info, "requiresGrad", [&]() -> Napi::Value {
    return Napi::Boolean::New(info.Env(), tensorOf(info.Env(), info[0]).requires_grad());
  });
}

Napi::Value setRequiresGrad(const Napi::CallbackInfo& info) {
  return guarded(info, "requiresGrad", [&]() -> Napi::Value {
    at::Tensor tensor = tensorOf(info.Env(), info[0]);
    tensor.set_requires_grad(info[1].ToBoolean().Value());
    return info.Env().Undefined();
  });
}

Napi::Value backward(const Napi::CallbackInfo& info) {
  return guarded(info, "backward", [&]() -> Napi::Value {
    std::vector<at::Tensor> gradient;
    if (!info[1].IsUndefined()) gradient.push_back(tensorOf(info.Env(), info[1]));
    torch::autograd::backward({tensorOf(info.Env(), info[0])}, gradient);
    return info.Env().Undefined();
  });
}

Napi::Value grad(const Napi::CallbackInfo& info) {
  return guarded(info, "grad", [&]() -> Napi::Value {
    const at::Tensor& tensor = tensorOf(info.Env(), info[0]);
    return tensor.grad().defined() ? wrap(info.Env(), tensor.grad()) : info.Env().Undefined();
  });
}

Napi::Value clearGrad(const Napi::CallbackInfo& info) {
  return guarded(info, "grad", [&]() -> Napi::Value {
    at::Tensor tensor = tensorOf(info.Env(), info[0]);
    tensor.mutable_grad() = at::Tensor();
    return info.Env().Undefined();
  });
}

}  // namespace

void registerAutograd(Napi::Env env, Napi::Object exports) {
  exports.Set("setGradEnabled", Napi::Function::New(env, setGradEnabled));
  exports.Set("requiresGrad", Napi::Function::New(env, requiresGrad));
  exports.Set("setRequiresGrad", Napi::Function::New(env, setRequiresGrad));
  exports.Set("backward", Napi::Function::New(env, backward));
  exports.Set("grad", Napi::Function::New(env, grad));
  exports.Set("clearGrad", Napi::Function::New(env, clearGrad));
}

}  // namespace snnseg
