#include "process-group.h"

#include <c10/core/DeviceGuard.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <cstdlib>

#include "within.h"

namespace snnseg {
namespace {

using std::chrono::steady_clock;

/// While the host asks a GPU: at first at once again, then after this.
constexpr int eagerQuestions = 1000;
constexpr std::chrono::microseconds betweenQuestions{50};
/// How often it looks meanwhile whether all ranks still live.
constexpr std::chrono::seconds betweenLooks{5};

/// The network interface: as GLOO_SOCKET_IFNAME says, else the one by which rank 0 is reached.
std::shared_ptr<gloo::transport::Device> interface(const std::string& ownAddress) {
  const char* name = std::getenv("GLOO_SOCKET_IFNAME");
  if (name != nullptr && *name != '\0') return c10d::ProcessGroupGloo::createDeviceForInterface(name);
  return c10d::ProcessGroupGloo::createDeviceForHostname(ownAddress);
}

/// The tensor itself or a copy, contiguous where it is exchanged, and back.
template <typename Body>
void exchanged(const at::Tensor& tensor, c10::Device place, Body&& body) {
  const at::NoGradGuard noGrad;
  const at::Tensor own = tensor.detach(), there = own.to(place).contiguous();
  body(there);
  if (!there.is_alias_of(own)) own.copy_(there);
}

}  // namespace

DeviceEngine& deviceEngine() {
  static DeviceEngine known;
  return known;
}

ProcessGroup::ProcessGroup(RankStore& store, const std::string& name) : store_(store) {
  store_.naming([&] {
    auto options = c10d::ProcessGroupGloo::Options::create(store.exchangeLimit());
    options->devices.push_back(interface(store.ownAddress()));
    options->threads = 1;
    const auto keys = c10::make_intrusive<c10d::PrefixStore>(name, store.store());
    const auto& [rank, world] = std::pair(store.place().rank, store.place().world);
    gloo_ = std::make_unique<GroupEngine<c10d::ProcessGroupGloo>>(c10::make_intrusive<c10d::ProcessGroupGloo>(keys, rank, world, options));
  });
}

std::shared_ptr<DeviceLink> ProcessGroup::link(c10::Device device) {
  if (device.is_cpu() || deviceEngine().open == nullptr) return nullptr;
  const c10::DeviceGuard guard(device);
  const at::Tensor first = at::ones({1}, at::TensorOptions(device));
  // None asks for the others before their GPUs are ready.
  sum(at::zeros({1}));
  link_ = store_.naming([&] {
    // To connect may take for ever where a rank is gone meanwhile.
    const auto limit = store_.exchangeLimit();
    const auto made = within<std::shared_ptr<DeviceLink>>(limit, [first, limit, place = store_.place(), store = store_.store()] {
      const auto keys = c10::make_intrusive<c10d::PrefixStore>("snnseg/device/", store);
      auto link = std::make_shared<DeviceLink>(DeviceLink{first.device(), deviceEngine().open(keys, place.rank, place.world, limit)});
      // Connects; nobody waits for the GPU yet.
      link->engine->sum(first)->wait();
      return link;
    });
    if (!made) throw std::runtime_error("no connection of their GPUs");
    return *made;
  });
  return link_;
}

template <typename Start>
ProcessGroup::Exchange ProcessGroup::start(const at::Tensor& tensor, Start&& begin) {
  store_.came();
  return store_.naming([&] { return Exchange{begin(engineFor(tensor)), !tensor.device().is_cpu()}; });
}

ProcessGroup::Exchange ProcessGroup::startSum(const at::Tensor& tensor) {
  return start(tensor, [&](ExchangeEngine& engine) { return engine.sum(tensor); });
}

void ProcessGroup::wait(const Exchange& exchange) {
  store_.naming([&] {
    if (exchange.onDevice) watch(*exchange.work);
    // Of a GPU: what is queued from now on comes after the exchange.
    exchange.work->wait();
  });
}

/// Who waited for the GPU's queue would wait for ever where a rank is gone, so the host asks until all have come.
void ProcessGroup::watch(c10d::Work& work) {
  const auto until = steady_clock::now() + store_.exchangeLimit();
  auto nextLook = steady_clock::now() + betweenLooks;
  for (int questions = 0; !work.isCompleted(); questions++) {
    if (questions < eagerQuestions) {
      std::this_thread::yield();
      continue;
    }
    std::this_thread::sleep_for(betweenQuestions);
    if (steady_clock::now() >= until) throw std::runtime_error("none in time");
    if (steady_clock::now() < nextLook) continue;
    if (store_.oneIsGone()) throw std::runtime_error("none, as one is gone");
    nextLook = steady_clock::now() + betweenLooks;
  }
  if (work.exception()) std::rethrow_exception(work.exception());
}

void ProcessGroup::sum(const at::Tensor& tensor) {
  exchanged(tensor, placeFor(tensor.device()), [&](const at::Tensor& there) { wait(startSum(there)); });
}

void ProcessGroup::broadcast(const at::Tensor& tensor) {
  exchanged(tensor, placeFor(tensor.device()), [&](const at::Tensor& there) {
    wait(start(there, [&](ExchangeEngine& engine) { return engine.broadcast(there); }));
  });
}

}  // namespace snnseg
