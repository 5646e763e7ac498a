// Tensors in and out of JavaScript, and what JavaScript asks of a handle.
#include <ATen/ATen.h>

#include <cstring>

#include "addon.h"
#include "device.h"

namespace snnseg {
namespace {

Napi::Value numbers(Napi::Env env, at::IntArrayRef values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); i++) {
    array[static_cast<uint32_t>(i)] = Napi::Number::New(env, static_cast<double>(values[i]));
  }
  return array;
}

// fromBytes(arrayBuffer, byteOffset, byteLength, dtypeCode, shape) -> handle: the one copy on the way in
Napi::Value fromBytes(const Napi::CallbackInfo& info) {
  return guarded(info, "tensorFrom", [&]() -> Napi::Value {
    Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
    const int64_t offset = info[1].ToNumber().Int64Value(), length = info[2].ToNumber().Int64Value();
    const int32_t code = info[3].ToNumber().Int32Value();
    if (code < 0 || code >= static_cast<int32_t>(at::ScalarType::Undefined)) throw std::invalid_argument("expected a dtype's number");
    const auto dtype = static_cast<at::ScalarType>(code);
    const Napi::Array sizes = info[4].As<Napi::Array>();
    std::vector<int64_t> shape(sizes.Length());
    for (uint32_t i = 0; i < sizes.Length(); i++) {
      shape[i] = sizes.Get(i).ToNumber().Int64Value();
      if (shape[i] < 0) throw std::invalid_argument("expected sizes of 0 or more");
    }
    at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(dtype));
    const int64_t bytes = static_cast<int64_t>(tensor.nbytes()), available = static_cast<int64_t>(buffer.ByteLength());
    if (length != bytes || offset < 0 || offset > available || length > available - offset) {
      throw std::invalid_argument("expected " + std::to_string(bytes) + " bytes for this shape, received " + std::to_string(length) +
                                  " at " + std::to_string(offset) + " of a buffer of " + std::to_string(available));
    }
    if (length > 0) std::memcpy(tensor.data_ptr(), static_cast<const char*>(buffer.Data()) + offset, length);
    return wrap(info.Env(), std::move(tensor));
  });
}

// toBytes(handle) -> ArrayBuffer in C order: the one copy on the way out
Napi::Value toBytes(const Napi::CallbackInfo& info) {
  return guarded(info, "toArray", [&]() -> Napi::Value {
    const at::Tensor tensor = tensorOf(info.Env(), info[0]).detach();
    if (tensor.is_quantized()) throw std::invalid_argument("expected plain numbers, received a quantized tensor; dequantize it first");
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(info.Env(), static_cast<size_t>(tensor.numel()) * tensor.element_size());
    // libtorch copies, from any device, with any strides, and also what is negated only on reading or has no memory.
    at::from_blob(buffer.Data(), tensor.sizes(), at::TensorOptions(tensor.scalar_type())).copy_(tensor);
    return buffer;
  });
}

Napi::Value item(const Napi::CallbackInfo& info) {
  return guarded(info, "item", [&]() -> Napi::Value {
    const at::Tensor& tensor = tensorOf(info.Env(), info[0]);
    if (tensor.numel() != 1) throw std::invalid_argument("expected a tensor of one element, received " + std::to_string(tensor.numel()));
    return Napi::Number::New(info.Env(), tensor.item().toDouble());
  });
}

Napi::Value shape(const Napi::CallbackInfo& info) {
  return guarded(info, "shape", [&]() { return numbers(info.Env(), tensorOf(info.Env(), info[0]).sizes()); });
}

Napi::Value dtype(const Napi::CallbackInfo& info) {
  return guarded(info, "dtype", [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<int>(tensorOf(info.Env(), info[0]).scalar_type()));
  });
}

Napi::Value device(const Napi::CallbackInfo& info) {
  return guarded(info, "device", [&]() -> Napi::Value {
    return Napi::String::New(info.Env(), nameOf(tensorOf(info.Env(), info[0]).device()));
  });
}

Napi::Value release(const Napi::CallbackInfo& info) {
  return guarded(info, "dispose", [&]() -> Napi::Value {
    state(info.Env()).tensors.remove(handleOf(info[0]));
    return info.Env().Undefined();
  });
}

Napi::Value live(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(state(info.Env()).tensors.live()));
}

}  // namespace

void registerTensors(Napi::Env env, Napi::Object exports) {
  exports.Set("fromBytes", Napi::Function::New(env, fromBytes));
  exports.Set("toBytes", Napi::Function::New(env, toBytes));
  exports.Set("item", Napi::Function::New(env, item));
  exports.Set("shape", Napi::Function::New(env, shape));
  exports.Set("dtype", Napi::Function::New(env, dtype));
  exports.Set("device", Napi::Function::New(env, device));
  exports.Set("release", Napi::Function::New(env, release));
  exports.Set("live", Napi::Function::New(env, live));
}

}  // namespace snnseg
