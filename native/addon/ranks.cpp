// The ranks of a training, where this build has c10d with Gloo: one training a process.
#include "addon.h"

#ifdef SNNSEG_GLOO

#include <memory>

#include "addon/device.h"
#include "distributed/gradient-reducer.h"
#include "distributed/process-group.h"
#include "distributed/rank-store.h"
#include "ops/norm-sums.h"

namespace snnseg {
namespace {

/// In the order in which they are freed, from the last to the first.
struct Ranks {
  RankStore store;
  std::unique_ptr<ProcessGroup> values, gradients, norms;
  std::unique_ptr<GradientReducer> reducer;

  explicit Ranks(const RankPlace& place) : store(place) {}
};

std::unique_ptr<Ranks> ranks;

Ranks& open() {
  if (!ranks) throw std::invalid_argument("expected ranks that are joined, received none");
  return *ranks;
}

[[noreturn]] void raise(Napi::Env env, const char* code, const char* message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  throw error;
}

/// As `guarded`, with codes of their own for errors of ranks.
template <typename Body>
Napi::Value rankGuarded(const Napi::CallbackInfo& info, Body&& body) {
  return guarded(info, "ranks", [&]() -> Napi::Value {
    try {
      return body();
    } catch (const RankError& error) {
      raise(info.Env(), "RANKS", error.what());
    } catch (const RankFailure& error) {
      raise(info.Env(), "RANK_FAILURE", error.what());
    }
  });
}

std::chrono::milliseconds millisecondsOf(const Napi::Value& value) { return std::chrono::milliseconds(value.ToNumber().Int64Value()); }

// openRanks({rank, world, address, port, joining, exchanging}): times in ms
Napi::Value openRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    if (ranks) throw std::invalid_argument("expected no ranks, as one process takes part in one training, received some");
    const Napi::Object given = info[0].ToObject();
    const auto number = [&](const char* key) { return given.Get(key).ToNumber().Int32Value(); };
    ranks = std::make_unique<Ranks>(RankPlace{number("rank"), number("world"), given.Get("address").ToString().Utf8Value(),
                                              static_cast<uint16_t>(number("port")), millisecondsOf(given.Get("joining")),
                                              millisecondsOf(given.Get("exchanging"))});
    return info.Env().Undefined();
  });
}

Napi::Value putForRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    open().store.put(info[0].ToString().Utf8Value(), info[1].ToString().Utf8Value());
    return info.Env().Undefined();
  });
}

// getFromRanks(key) -> text, or undefined where none has come
Napi::Value getFromRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    const auto value = open().store.get(info[0].ToString().Utf8Value(), std::chrono::milliseconds(0));
    return value ? Napi::String::New(info.Env(), *value) : info.Env().Undefined();
  });
}

Napi::Value countRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(open().store.count(info[0].ToString().Utf8Value())));
  });
}

// connectRanks(device): Gloo's groups, and what links GPUs. Values and weights, gradients and norms have one each, as backward mixes the
// latter two.
Napi::Value connectRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    Ranks& all = open();
    all.values = std::make_unique<ProcessGroup>(all.store, "snnseg/values/");
    all.gradients = std::make_unique<ProcessGroup>(all.store, "snnseg/gradients/");
    all.norms = std::make_unique<ProcessGroup>(all.store, "snnseg/norms/");
    const auto link = all.values->link(deviceOf(info[0]));
    for (const auto* group : {&all.gradients, &all.norms}) (*group)->use(link);
    return info.Env().Undefined();
  });
}

Napi::Value sumOverRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    open().values->sum(tensorOf(info.Env(), info[0]));
    return info.Env().Undefined();
  });
}

Napi::Value broadcastFromFirst(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    open().values->broadcast(tensorOf(info.Env(), info[0]));
    return info.Env().Undefined();
  });
}

// reduceGradientsOf(parameters, bucketBytes): from now on backward sends their gradients; bytes of one reduction
Napi::Value reduceGradientsOf(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    Ranks& all = open();
    std::vector<at::Tensor> parameters;
    const Napi::Array given = info[0].As<Napi::Array>();
    for (uint32_t i = 0; i < given.Length(); i++) parameters.push_back(tensorOf(info.Env(), given[i]));
    all.reducer.reset();
    all.reducer = std::make_unique<GradientReducer>(*all.gradients, std::move(parameters), info[1].ToNumber().Int64Value());
    return Napi::Number::New(info.Env(), static_cast<double>(all.reducer->bytes()));
  });
}

Napi::Value finishGradients(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    if (!open().reducer) throw std::invalid_argument("expected gradients that are reduced, received none");
    open().reducer->finish();
    return info.Env().Undefined();
  });
}

Napi::Value synchroniseNormsOfRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    if (!info[0].ToBoolean().Value()) {
      synchroniseNorms({});
      return info.Env().Undefined();
    }
    ProcessGroup* group = open().norms.get();
    synchroniseNorms([group](const at::Tensor& values) { group->sum(values); });
    return info.Env().Undefined();
  });
}

// exchangeOf(device) -> what carries the exchanges of its tensors
Napi::Value exchangeOfRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    const bool linked = info[0].ToString().Utf8Value() != "cpu" && deviceEngine().open != nullptr;
    return Napi::String::New(info.Env(), linked ? deviceEngine().name : "Gloo");
  });
}

// gpuIdentity(device) -> what no other GPU is called; empty for the CPU and where nobody says
Napi::Value gpuIdentityOfRank(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    const c10::Device device = deviceOf(info[0]);
    return Napi::String::New(info.Env(), device.is_cpu() ? "" : gpu().identity(device.index()));
  });
}

// ranksOfNorms() -> over how many ranks batch norm in training has its statistics; 0 where each process has its own
Napi::Value ranksOfNorms(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), normsAreSynchronised() ? open().store.place().world : 0);
}

Napi::Value tellRanksFault(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    if (ranks) ranks->store.fault(info[0].ToString().Utf8Value());
    return info.Env().Undefined();
  });
}

Napi::Value closeRanks(const Napi::CallbackInfo& info) {
  return rankGuarded(info, [&]() -> Napi::Value {
    synchroniseNorms({});
    ranks.reset();
    return info.Env().Undefined();
  });
}

}  // namespace

void registerRanks(Napi::Env env, Napi::Object exports) {
  Napi::Object all = Napi::Object::New(env);
  all.Set("open", Napi::Function::New(env, openRanks));
  all.Set("put", Napi::Function::New(env, putForRanks));
  all.Set("get", Napi::Function::New(env, getFromRanks));
  all.Set("count", Napi::Function::New(env, countRanks));
  all.Set("connect", Napi::Function::New(env, connectRanks));
  all.Set("sum", Napi::Function::New(env, sumOverRanks));
  all.Set("broadcast", Napi::Function::New(env, broadcastFromFirst));
  all.Set("exchangeOf", Napi::Function::New(env, exchangeOfRanks));
  all.Set("gpuIdentity", Napi::Function::New(env, gpuIdentityOfRank));
  all.Set("reduceGradientsOf", Napi::Function::New(env, reduceGradientsOf));
  all.Set("finishGradients", Napi::Function::New(env, finishGradients));
  all.Set("synchroniseNorms", Napi::Function::New(env, synchroniseNormsOfRanks));
  all.Set("ranksOfNorms", Napi::Function::New(env, ranksOfNorms));
  all.Set("fault", Napi::Function::New(env, tellRanksFault));
  all.Set("close", Napi::Function::New(env, closeRanks));
  exports.Set("ranks", all);
}

}  // namespace snnseg

#else

namespace snnseg {

void registerRanks(Napi::Env, Napi::Object) {}

}  // namespace snnseg

#endif
