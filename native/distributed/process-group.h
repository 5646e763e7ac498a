// Exchanges of tensors between the ranks of a training, through c10d's process groups over Gloo.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <string>
#include <vector>

#include "rank-store.h"

namespace snnseg {

class ProcessGroup {
 public:
  /// Connects every rank to every other. `name` tells groups apart: exchanges of different groups may overtake each other.
  ProcessGroup(RankStore& store, const std::string& name);

  using Work = c10::intrusive_ptr<c10d::Work>;

  /// Sums a contiguous CPU tensor over all ranks, in place; `wait` ends it. The tensor must not move or change meanwhile.
  Work startSum(const at::Tensor& tensor);
  /// @throws RankFailure naming the rank that is missing
  void wait(const Work& work);
  void sum(const at::Tensor& tensor) { wait(startSum(tensor)); }
  /// Every rank's tensor becomes that of rank 0.
  void broadcast(const at::Tensor& tensor);

 private:
  template <typename Body>
  auto named(Body&& body);

  RankStore& store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_;
};

}  // namespace snnseg
