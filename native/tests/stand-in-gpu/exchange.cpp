// What NCCL is for GPUs, for the GPU that is none, where SNNSEG_STAND_IN_EXCHANGE=1 asks for it: Gloo on copies. They come back when an
// exchange is waited for, so that code that reads its tensor before reads what was there.
#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <cstdlib>

#include "distributed/exchange-engine.h"

namespace {

using Work = snnseg::ExchangeEngine::Work;

class CopiedWork final : public c10d::Work {
 public:
  CopiedWork(at::Tensor tensor, at::Tensor host, ::Work inner) : tensor_(std::move(tensor)), host_(std::move(host)), inner_(std::move(inner)) {}

  bool isCompleted() override { return inner_->isCompleted(); }
  std::exception_ptr exception() const override { return inner_->exception(); }
  bool wait(std::chrono::milliseconds) override {
    inner_->wait();
    const at::NoGradGuard noGrad;
    tensor_.copy_(host_);
    return true;
  }

 private:
  at::Tensor tensor_, host_;
  ::Work inner_;
};

class CopyingEngine final : public snnseg::ExchangeEngine {
 public:
  explicit CopyingEngine(c10::intrusive_ptr<c10d::ProcessGroupGloo> group) : gloo_(std::move(group)) {}
  Work sum(const at::Tensor& tensor) override {
    return copied(tensor, [&](const at::Tensor& host) { return gloo_.sum(host); });
  }
  Work broadcast(const at::Tensor& tensor) override {
    return copied(tensor, [&](const at::Tensor& host) { return gloo_.broadcast(host); });
  }

 private:
  template <typename Start>
  static Work copied(const at::Tensor& tensor, Start&& start) {
    TORCH_CHECK(tensor.device().type() == c10::DeviceType::PrivateUse1 && tensor.is_contiguous(), "expected a contiguous tensor of the GPU");
    const at::Tensor host = tensor.cpu();
    return c10::make_intrusive<CopiedWork>(tensor, host, start(host));
  }

  snnseg::GroupEngine<c10d::ProcessGroupGloo> gloo_;
};

std::unique_ptr<snnseg::ExchangeEngine> open(const c10::intrusive_ptr<c10d::Store>& store, int rank, int world, std::chrono::milliseconds limit) {
  auto options = c10d::ProcessGroupGloo::Options::create(limit);
  options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("localhost"));
  return std::make_unique<CopyingEngine>(c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, world, options));
}

const bool filledIn = [] {
  if (std::getenv("SNNSEG_STAND_IN_EXCHANGE") != nullptr) snnseg::deviceEngine() = {"the stand-in", open};
  return true;
}();

}  // namespace
