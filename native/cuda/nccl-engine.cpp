// Exchanges between NVIDIA GPUs: c10d's process group over NCCL. Compiled and reviewed, but no GPU has run it yet.
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include <cstdlib>

#include "distributed/exchange-engine.h"

namespace snnseg {
namespace {

class NcclEngine final : public GroupEngine<c10d::ProcessGroupNCCL> {
 public:
  using GroupEngine::GroupEngine;
  /// Everything was waited for, or a rank is gone: nobody is to be waited for here.
  ~NcclEngine() override { group_->abort(); }
};

std::unique_ptr<ExchangeEngine> open(const c10::intrusive_ptr<c10d::Store>& store, int rank, int world, std::chrono::milliseconds limit) {
  // Errors are told to who waits for an exchange, who says which rank is missing; libtorch's watchdog would end the process before.
  setenv("TORCH_NCCL_ASYNC_ERROR_HANDLING", "0", 1);
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = limit;
  return std::make_unique<NcclEngine>(c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, world, options));
}

const bool filledIn = [] {
  deviceEngine() = {"NCCL", open};
  return true;
}();

}  // namespace
}  // namespace snnseg
