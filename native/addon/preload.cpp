// Loads a library on a thread of its own while JavaScript goes on: libtorch and what it needs (on Debian some 280
// libraries) take longer than all of the program's modules. Loading the addon afterwards then only takes a reference.
#include <node_api.h>

#include <dlfcn.h>

#include <string>
#include <thread>

namespace {

std::thread* loader = nullptr;  // never destroyed: a process that exits without finish() just leaves it

// start(path): a failure is silent here, as the load proper fails likewise and says why.
napi_value start(napi_env env, napi_callback_info info) {
  napi_value path;
  size_t count = 1, length = 0;
  if (loader || napi_get_cb_info(env, info, &count, &path, nullptr, nullptr) != napi_ok || count < 1 ||
      napi_get_value_string_utf8(env, path, nullptr, 0, &length) != napi_ok) {
    return nullptr;
  }
  std::string name(length + 1, '\0');
  if (napi_get_value_string_utf8(env, path, name.data(), name.size(), &length) != napi_ok) return nullptr;
  loader = new std::thread([name] { dlopen(name.c_str(), RTLD_LAZY); });
  return nullptr;
}

// finish(): to be called before the process ends, since constructors that still run must not meet destructors.
napi_value finish(napi_env, napi_callback_info) {
  if (loader && loader->joinable()) loader->join();
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"start", nullptr, start, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"finish", nullptr, finish, nullptr, nullptr, nullptr, napi_default, nullptr}};
  napi_define_properties(env, exports, 2, functions);
  return exports;
}
