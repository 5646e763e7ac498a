// Entry point of the addon: one door to libtorch's dispatcher, tensors in and out, autograd, runtime switches.
#include "addon.h"
#include "cpu-allocator.h"

#include <c10/util/Exception.h>

#include <new>

namespace snnseg {

namespace {

// libtorch appends notes on autograd and sources after the first line; users need the first line.
std::string firstLine(const std::string& text) {
  const size_t end = text.find('\n');
  return end == std::string::npos ? text : text.substr(0, end);
}

[[noreturn]] void throwCoded(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  throw error;
}

}  // namespace

[[noreturn]] void throwAsJs(Napi::Env env, const std::string& detail) {
  try {
    throw;
  } catch (const StaleHandle& error) {
    throwCoded(env, "DISPOSED_TENSOR", detail + ": " + error.what());
  } catch (const c10::Error& error) {
    throwCoded(env, "NATIVE", detail + ": " + firstLine(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    throwCoded(env, "NATIVE", detail + ": out of memory; use a smaller batch, image or number of timesteps");
  } catch (const std::invalid_argument& error) {
    throwCoded(env, "OPTION", detail + ": " + firstLine(error.what()));
  } catch (const std::exception& error) {
    throwCoded(env, "NATIVE", detail + ": " + firstLine(error.what()));
  }
}

}  // namespace snnseg

static Napi::Object init(Napi::Env env, Napi::Object exports) {
#ifndef SNNSEG_SYSTEM_ALLOCATOR
  snnseg::useKeepingAllocator();
#endif
  env.SetInstanceData(new snnseg::AddonState());
  snnseg::registerDispatch(env, exports);
  snnseg::registerSchemas(env, exports);
  snnseg::registerTensors(env, exports);
  snnseg::registerAutograd(env, exports);
  snnseg::registerRuntime(env, exports);
  snnseg::registerRanks(env, exports);
  return exports;
}

NODE_API_MODULE(snnseg, init)
