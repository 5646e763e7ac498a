// What operators there are and which arguments they take, as libtorch's dispatcher knows them.
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/TensorOptions.h>

#include <algorithm>

#include "addon.h"

namespace snnseg {
namespace {

Napi::Object described(Napi::Env env, const c10::Argument& argument) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("name", Napi::String::New(env, argument.name()));
  result.Set("type", Napi::String::New(env, argument.type()->str()));
  result.Set("written", Napi::Boolean::New(env, argument.alias_info() != nullptr && argument.alias_info()->isWrite()));
  return result;
}

// operatorNames(namespace) -> string[], as "namespace::name" or "namespace::name.overload", sorted
Napi::Value operatorNames(const Napi::CallbackInfo& info) {
  return guarded(info, "operatorNames", [&]() -> Napi::Value {
    const std::string prefix = info[0].ToString().Utf8Value() + "::";
    std::vector<std::string> names;
    for (const c10::OperatorName& each : c10::Dispatcher::singleton().getAllOpNames()) {
      if (each.name.compare(0, prefix.size(), prefix) == 0) names.push_back(c10::toString(each));
    }
    std::sort(names.begin(), names.end());
    Napi::Array result = Napi::Array::New(info.Env(), names.size());
    for (size_t i = 0; i < names.size(); i++) result[static_cast<uint32_t>(i)] = Napi::String::New(info.Env(), names[i]);
    return result;
  });
}

// operatorArguments(name, overload) -> {name, type, written}[]
Napi::Value operatorArguments(const Napi::CallbackInfo& info) {
  return guarded(info, "operatorArguments", [&]() -> Napi::Value {
    const std::string name = info[0].ToString().Utf8Value(), overload = info[1].ToString().Utf8Value();
    const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!found) throw std::invalid_argument("expected an operator of libtorch, received " + name);
    const auto& arguments = found->schema().arguments();
    Napi::Array result = Napi::Array::New(info.Env(), arguments.size());
    for (size_t i = 0; i < arguments.size(); i++) result[static_cast<uint32_t>(i)] = described(info.Env(), arguments[i]);
    return result;
  });
}

// operatorRunsOn(name, overload, device) -> whether there is such an operator, with a kernel for this kind of device
Napi::Value operatorRunsOn(const Napi::CallbackInfo& info) {
  return guarded(info, "operatorRunsOn", [&]() -> Napi::Value {
    const std::string name = info[0].ToString().Utf8Value(), overload = info[1].ToString().Utf8Value();
    const c10::DispatchKey kind = c10::TensorOptions(deviceOf(info[2])).computeDispatchKey();
    const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    return Napi::Boolean::New(info.Env(), found && found->hasKernelForDispatchKey(kind));
  });
}

}  // namespace

void registerSchemas(Napi::Env env, Napi::Object exports) {
  exports.Set("operatorNames", Napi::Function::New(env, operatorNames));
  exports.Set("operatorArguments", Napi::Function::New(env, operatorArguments));
  exports.Set("operatorRunsOn", Napi::Function::New(env, operatorRunsOn));
}

}  // namespace snnseg
