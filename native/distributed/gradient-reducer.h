// Gradients summed over all ranks in buckets, while backward still computes others.
//
// Backward comes to the last layers' parameters first, so buckets are filled from the end of the list. A bucket whose gradients
// are all there is sent at once, in the order of buckets, which is the same on every rank. Li et al. 2020, arXiv:2006.15704.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>

#include <memory>
#include <utility>
#include <vector>

#include "process-group.h"

namespace snnseg {

class GradientReducer {
 public:
  /// `parameters`: float32, the same on every rank, and of the buckets' size or alone in theirs.
  GradientReducer(ProcessGroup& group, std::vector<at::Tensor> parameters, int64_t bucketBytes);

  /// After backward: sends what is left and waits. Every gradient is then the sum of all ranks'; one that no rank has stays away.
  void finish();
  /// What a reduction sums, per rank.
  int64_t bytes() const;

 private:
  struct Bucket {
    std::vector<size_t> parameters;
    /// The gradients one after the other, then for each parameter how many ranks have one; where they are exchanged.
    at::Tensor values;
    size_t missing;
    ProcessGroup::Exchange exchange;
  };
  void arrived(size_t parameter);
  void sendReady(bool all);
  static at::Tensor flagsOf(const Bucket& bucket);
  void write(const Bucket& bucket);

  ProcessGroup& group_;
  std::vector<at::Tensor> parameters_;
  /// A shared_ptr or an intrusive_ptr, by libtorch's version.
  using Accumulator = decltype(torch::autograd::impl::grad_accumulator(std::declval<const at::Tensor&>()));
  std::vector<Accumulator> accumulators_;
  std::vector<size_t> bucketOf_;
  std::vector<bool> here_;
  std::vector<Bucket> buckets_;
  size_t sent_ = 0;
  /// Hooks outlive this object where a graph does.
  std::shared_ptr<GradientReducer*> self_;

 public:
  ~GradientReducer() { *self_ = nullptr; }
};

}  // namespace snnseg
