// Exchanges of tensors between the ranks of a training, through c10d's process groups.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>

#include "exchange-engine.h"
#include "rank-store.h"

namespace snnseg {

/// The GPU whose tensors are exchanged where they are. All groups share one, as exchanges of several could wait for each other there.
struct DeviceLink {
  c10::Device device;
  std::unique_ptr<ExchangeEngine> engine;
};

class ProcessGroup {
 public:
  /// Connects every rank to every other over Gloo. `name` tells groups apart: exchanges of different groups may overtake each other.
  ProcessGroup(RankStore& store, const std::string& name);

  struct Exchange {
    ExchangeEngine::Work work;
    bool onDevice;
  };

  /// Where tensors of a device are exchanged: there, or on the CPU.
  c10::Device placeFor(c10::Device device) const { return link_ && link_->device == device ? device : c10::Device(at::kCPU); }
  /// Connects the ranks' GPUs, all at once; null where this build has no engine for them. From now on this group uses it.
  std::shared_ptr<DeviceLink> link(c10::Device device);
  void use(std::shared_ptr<DeviceLink> link) { link_ = std::move(link); }

  /// Sums a contiguous tensor in its place over all ranks; `wait` ends it. It must not move or change meanwhile.
  Exchange startSum(const at::Tensor& tensor);
  /// @throws RankFailure naming the rank that is missing
  void wait(const Exchange& exchange);
  /// The sum over all ranks, in place, of a tensor of any device and strides.
  void sum(const at::Tensor& tensor);
  /// Every rank's tensor becomes that of rank 0.
  void broadcast(const at::Tensor& tensor);

 private:
  ExchangeEngine& engineFor(const at::Tensor& tensor) { return tensor.device().is_cpu() ? *gloo_ : *link_->engine; }
  template <typename Start>
  Exchange start(const at::Tensor& tensor, Start&& begin);
  void watch(c10d::Work& work);

  RankStore& store_;
  std::unique_ptr<ExchangeEngine> gloo_;
  std::shared_ptr<DeviceLink> link_;
};

}  // namespace snnseg
