#include "process-group.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>

#include <cstdlib>

namespace snnseg {
namespace {

/// The network interface: as GLOO_SOCKET_IFNAME says, else the one by which rank 0 is reached.
std::shared_ptr<gloo::transport::Device> device(const std::string& ownAddress) {
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface != nullptr && *interface != '\0') return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  return c10d::ProcessGroupGloo::createDeviceForHostname(ownAddress);
}

}  // namespace

template <typename Body>
auto ProcessGroup::named(Body&& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    const std::string reason = store_.diagnose();
    const std::string text = error.what();
    throw RankFailure(reason.empty() ? "expected an exchange with the other ranks, received " + text.substr(0, text.find('\n')) : reason);
  }
}

ProcessGroup::ProcessGroup(RankStore& store, const std::string& name) : store_(store) {
  named([&] {
    auto options = c10d::ProcessGroupGloo::Options::create(store.exchangeLimit());
    options->devices.push_back(device(store.ownAddress()));
    options->threads = 1;
    const auto keys = c10::make_intrusive<c10d::PrefixStore>(name, store.store());
    gloo_ = c10::make_intrusive<c10d::ProcessGroupGloo>(keys, store.place().rank, store.place().world, options);
  });
}

ProcessGroup::Work ProcessGroup::startSum(const at::Tensor& tensor) {
  store_.came();
  return named([&] {
    std::vector<at::Tensor> tensors{tensor};
    return Work(gloo_->allreduce(tensors));
  });
}

void ProcessGroup::wait(const Work& work) {
  named([&] { work->wait(); });
}

void ProcessGroup::broadcast(const at::Tensor& tensor) {
  store_.came();
  named([&] {
    std::vector<at::Tensor> tensors{tensor};
    gloo_->broadcast(tensors)->wait();
  });
}

}  // namespace snnseg
