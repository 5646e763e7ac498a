// The one door: an operator is looked up by name in libtorch's dispatcher and called boxed. Arguments are
// converted by the operator's own schema, so a new operator needs no C++ here.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <cmath>
#include <optional>
#include <sstream>

#include "addon.h"
#include "device.h"

namespace snnseg {

c10::Device deviceOf(const Napi::Value& value) {
  if (!value.IsString()) throw std::invalid_argument("expected a device name");
  return deviceNamed(value.As<Napi::String>().Utf8Value());
}

namespace {

double numberOf(const Napi::Value& value) {
  if (!value.IsNumber()) throw std::invalid_argument("expected a number");
  return value.As<Napi::Number>().DoubleValue();
}

int64_t integerOf(const Napi::Value& value) {
  const double number = numberOf(value);
  if (number != std::floor(number) || std::abs(number) > 9007199254740991.0) {
    throw std::invalid_argument("expected an integer, received " + std::to_string(number));
  }
  return static_cast<int64_t>(number);
}

at::Generator generatorOf(const Napi::Value& value) {
  if (!value.IsObject()) throw std::invalid_argument("expected a generator {seed, device}");
  const Napi::Object given = value.As<Napi::Object>();
  const int64_t seed = integerOf(given.Get("seed"));
  if (seed < 0) throw std::invalid_argument("expected a seed of 0 or more, received " + std::to_string(seed));
  const c10::Device device = given.Has("device") ? deviceOf(given.Get("device")) : c10::Device(c10::DeviceType::CPU);
  if (!device.is_cpu()) return gpu().generator(device, static_cast<uint64_t>(seed));
  return at::make_generator<at::CPUGeneratorImpl>(static_cast<uint64_t>(seed));
}

Napi::Array arrayOf(const Napi::Value& value) {
  if (!value.IsArray()) throw std::invalid_argument("expected an array");
  return value.As<Napi::Array>();
}

c10::IValue convert(Napi::Env env, const Napi::Value& value, const c10::TypePtr& type);

c10::IValue convertList(Napi::Env env, const Napi::Value& value, const c10::TypePtr& element) {
  const Napi::Array array = arrayOf(value);
  const uint32_t length = array.Length();
  switch (element->kind()) {
    case c10::TypeKind::TensorType: {
      c10::List<at::Tensor> list;
      list.reserve(length);
      for (uint32_t i = 0; i < length; i++) list.push_back(tensorOf(env, array[i]));
      return list;
    }
    case c10::TypeKind::IntType: {
      c10::List<int64_t> list;
      list.reserve(length);
      for (uint32_t i = 0; i < length; i++) list.push_back(integerOf(array[i]));
      return list;
    }
    case c10::TypeKind::FloatType: {
      c10::List<double> list;
      list.reserve(length);
      for (uint32_t i = 0; i < length; i++) list.push_back(numberOf(array[i]));
      return list;
    }
    case c10::TypeKind::BoolType: {
      c10::List<bool> list;
      list.reserve(length);
      for (uint32_t i = 0; i < length; i++) list.push_back(Napi::Value(array[i]).ToBoolean().Value());
      return list;
    }
    default: {
      c10::impl::GenericList list(element);
      list.reserve(length);
      for (uint32_t i = 0; i < length; i++) list.push_back(convert(env, array[i], element));
      return list;
    }
  }
}

c10::IValue convert(Napi::Env env, const Napi::Value& value, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      return tensorOf(env, value);
    case c10::TypeKind::OptionalType:
      if (value.IsUndefined() || value.IsNull()) return c10::IValue();
      return convert(env, value, type->castRaw<c10::OptionalType>()->getElementType());
    case c10::TypeKind::ListType:
      return convertList(env, value, type->castRaw<c10::ListType>()->getElementType());
    case c10::TypeKind::IntType:
      return integerOf(value);
    case c10::TypeKind::FloatType:
      return numberOf(value);
    case c10::TypeKind::NumberType: {
      if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
      const double number = numberOf(value);
      // An integral scalar keeps integer tensors integer and leaves float tensors what they are.
      if (number == std::floor(number) && std::abs(number) <= 9007199254740991.0) {
        return static_cast<int64_t>(number);
      }
      return number;
    }
    case c10::TypeKind::BoolType:
      if (!value.IsBoolean()) throw std::invalid_argument("expected true or false");
      return value.As<Napi::Boolean>().Value();
    case c10::TypeKind::StringType:
      if (!value.IsString()) throw std::invalid_argument("expected a string");
      return value.As<Napi::String>().Utf8Value();
    case c10::TypeKind::DeviceObjType:
      return deviceOf(value);
    case c10::TypeKind::GeneratorType:
      return generatorOf(value);
    default:
      throw std::invalid_argument("arguments of type " + type->repr_str() + " are not supported");
  }
}

/// Results on their way to JavaScript; the handles made so far are freed again unless all arrive.
class Results {
 public:
  explicit Results(Napi::Env env) : env_(env) {}
  ~Results() {
    for (const uint64_t handle : made_) state(env_).tensors.remove(handle);
  }

  Napi::Value convert(const c10::IValue& value) {
    // An undefined tensor is how backward formulas say "no gradient".
    if (value.isTensor()) return value.toTensor().defined() ? add(value.toTensor()) : env_.Undefined();
    if (value.isInt()) return Napi::Number::New(env_, static_cast<double>(value.toInt()));
    if (value.isDouble()) return Napi::Number::New(env_, value.toDouble());
    if (value.isBool()) return Napi::Boolean::New(env_, value.toBool());
    if (value.isScalar()) return Napi::Number::New(env_, value.toScalar().toDouble());
    if (value.isString()) return Napi::String::New(env_, value.toStringRef());
    if (value.isNone()) return env_.Undefined();
    if (value.isList()) return convertAll(value.toListRef());
    throw std::invalid_argument("results of type " + value.tagKind() + " are not supported");
  }

  Napi::Value convertAll(at::ArrayRef<c10::IValue> values) {
    Napi::Array array = Napi::Array::New(env_, values.size());
    for (size_t i = 0; i < values.size(); i++) array[static_cast<uint32_t>(i)] = convert(values[i]);
    return array;
  }

  Napi::Value arrived(Napi::Value value) {
    made_.clear();
    return value;
  }

 private:
  Napi::Value add(at::Tensor tensor) {
    const uint64_t handle = state(env_).tensors.add(std::move(tensor));
    made_.push_back(handle);
    return Napi::BigInt::New(env_, handle);
  }

  Napi::Env env_;
  std::vector<uint64_t> made_;
};

Napi::Value unconvert(Napi::Env env, const torch::jit::Stack& stack) {
  if (stack.empty()) return env.Undefined();
  Results results(env);
  return results.arrived(stack.size() == 1 ? results.convert(stack[0]) : results.convertAll(stack));
}

std::string describe(const c10::OperatorHandle& op, const torch::jit::Stack& stack) {
  std::ostringstream out;
  out << op.schema().name() << "(";
  const char* separator = "";
  for (const c10::IValue& value : stack) {
    if (!value.isTensor() || !value.toTensor().defined()) continue;
    out << separator << value.toTensor().sizes() << " " << value.toTensor().scalar_type();
    separator = ", ";
  }
  out << ")";
  return out.str();
}

// resolve(name, overload) -> index
Napi::Value resolve(const Napi::CallbackInfo& info) {
  return guarded(info, "operator", [&]() -> Napi::Value {
    const std::string name = info[0].ToString().Utf8Value();
    const std::string overload = info[1].ToString().Utf8Value();
    const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!found) {
      throw std::invalid_argument("expected an operator of libtorch, received " + name +
                                  (overload.empty() ? "" : "." + overload));
    }
    auto& operators = state(info.Env()).operators;
    operators.push_back(*found);
    return Napi::Number::New(info.Env(), static_cast<double>(operators.size() - 1));
  });
}

// invoke(index, args[]) -> result, or an array of results where the operator has several
Napi::Value invoke(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  // A copy: getters of the arguments may call back and let the table grow.
  std::optional<c10::OperatorHandle> op;
  torch::jit::Stack stack;
  try {
    const int64_t index = integerOf(info[0]);
    const auto& operators = state(env).operators;
    if (index < 0 || static_cast<size_t>(index) >= operators.size()) throw std::invalid_argument("expected a resolved operator");
    op = operators[index];
    const auto& arguments = op->schema().arguments();
    const Napi::Array given = arrayOf(info[1]);
    const uint32_t count = given.Length();
    if (count > arguments.size()) throw std::invalid_argument("too many arguments");
    stack.reserve(arguments.size());
    for (size_t i = 0; i < arguments.size(); i++) {
      const Napi::Value value = i < count ? given.Get(static_cast<uint32_t>(i)) : env.Undefined();
      try {
        if (value.IsUndefined() && arguments[i].default_value()) {
          stack.push_back(*arguments[i].default_value());
        } else {
          stack.push_back(convert(env, value, arguments[i].type()));
        }
      } catch (const std::invalid_argument& error) {
        throw std::invalid_argument("argument " + arguments[i].name() + ": " + error.what());
      }
    }
    const torch::jit::Stack before = stack;
    try {
      op->callBoxed(stack);
    } catch (...) {
      throwAsJs(env, describe(*op, before));
    }
    return unconvert(env, stack);
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throwAsJs(env, op ? op->schema().name() : "operator");
  }
}

}  // namespace

void registerDispatch(Napi::Env env, Napi::Object exports) {
  exports.Set("resolve", Napi::Function::New(env, resolve));
  exports.Set("invoke", Napi::Function::New(env, invoke));
}

}  // namespace snnseg
