// What carries exchanges of tensors between ranks: Gloo in the processor's memory, another on GPUs, where tensors stay where they are.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace snnseg {

class ExchangeEngine {
 public:
  using Work = c10::intrusive_ptr<c10d::Work>;
  virtual ~ExchangeEngine() = default;
  /// Begins to sum a contiguous tensor over all ranks, in place. On a GPU it comes after what is queued there.
  virtual Work sum(const at::Tensor& tensor) = 0;
  /// Begins to overwrite a contiguous tensor with rank 0's.
  virtual Work broadcast(const at::Tensor& tensor) = 0;
};

/// One of c10d's process groups.
template <class Group>
class GroupEngine : public ExchangeEngine {
 public:
  explicit GroupEngine(c10::intrusive_ptr<Group> group) : group_(std::move(group)) {}

  Work sum(const at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors{tensor};
    return group_->allreduce(tensors);
  }
  Work broadcast(const at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors{tensor};
    return group_->broadcast(tensors);
  }

 protected:
  c10::intrusive_ptr<Group> group_;
};

/// The engine for GPUs, filled in by whoever has one; null elsewhere, where tensors go through the processor's memory.
struct DeviceEngine {
  const char* name = nullptr;
  std::unique_ptr<ExchangeEngine> (*open)(const c10::intrusive_ptr<c10d::Store>& store, int rank, int world,
                                          std::chrono::milliseconds limit) = nullptr;
};
DeviceEngine& deviceEngine();

}  // namespace snnseg
