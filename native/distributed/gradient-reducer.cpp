#include "gradient-reducer.h"

#include <torch/csrc/autograd/utils/lambda_post_hook.h>

namespace snnseg {

GradientReducer::GradientReducer(ProcessGroup& group, std::vector<at::Tensor> parameters, int64_t bucketBytes)
    : group_(group), parameters_(std::move(parameters)), bucketOf_(parameters_.size()), here_(parameters_.size(), false),
      self_(std::make_shared<GradientReducer*>(this)) {
  int64_t size = 0;
  for (size_t i = parameters_.size(); i-- > 0;) {
    const at::Tensor& parameter = parameters_[i];
    TORCH_CHECK(parameter.scalar_type() == at::kFloat, "gradients: expected float32, received ", parameter.scalar_type());
    const int64_t bytes = parameter.numel() * 4;
    if (buckets_.empty() || size + bytes > bucketBytes) {
      buckets_.emplace_back();
      size = 0;
    }
    size += bytes;
    buckets_.back().parameters.push_back(i);
    bucketOf_[i] = buckets_.size() - 1;
  }
  for (Bucket& bucket : buckets_) {
    int64_t count = 0;
    for (const size_t i : bucket.parameters) count += parameters_[i].numel() + 1;
    bucket.values = at::zeros({count}, at::TensorOptions(group_.placeFor(parameters_[bucket.parameters[0]].device())));
    bucket.missing = bucket.parameters.size();
  }
  for (size_t i = 0; i < parameters_.size(); i++) {
    accumulators_.push_back(torch::autograd::impl::grad_accumulator(parameters_[i]));
    accumulators_[i]->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
        [self = self_, i](const torch::autograd::variable_list& outputs, const torch::autograd::variable_list&) {
          if (*self != nullptr) (*self)->arrived(i);
          return outputs;
        }));
  }
}

void GradientReducer::arrived(size_t parameter) {
  if (here_[parameter]) return;
  here_[parameter] = true;
  buckets_[bucketOf_[parameter]].missing--;
  sendReady(false);
}

void GradientReducer::sendReady(bool all) {
  const at::NoGradGuard noGrad;
  for (; sent_ < buckets_.size() && (all || buckets_[sent_].missing == 0); sent_++) {
    Bucket& bucket = buckets_[sent_];
    std::vector<float> flags;
    int64_t at = 0;
    for (const size_t i : bucket.parameters) {
      const at::Tensor& gradient = parameters_[i].grad();
      const int64_t count = parameters_[i].numel();
      at::Tensor place = bucket.values.narrow(0, at, count);
      if (gradient.defined()) {
        place.view(gradient.sizes()).copy_(gradient);
      } else {
        place.zero_();
      }
      flags.push_back(gradient.defined() ? 1 : 0);
      at += count;
    }
    flagsOf(bucket).copy_(at::from_blob(flags.data(), {static_cast<int64_t>(flags.size())}));
    bucket.exchange = group_.startSum(bucket.values);
  }
}

void GradientReducer::finish() {
  const at::NoGradGuard noGrad;
  sendReady(true);
  for (Bucket& bucket : buckets_) {
    group_.wait(bucket.exchange);
    write(bucket);
    bucket.missing = bucket.parameters.size();
  }
  std::fill(here_.begin(), here_.end(), false);
  sent_ = 0;
}

at::Tensor GradientReducer::flagsOf(const Bucket& bucket) {
  const int64_t count = static_cast<int64_t>(bucket.parameters.size());
  return bucket.values.narrow(0, bucket.values.numel() - count, count);
}

void GradientReducer::write(const Bucket& bucket) {
  const at::Tensor flags = flagsOf(bucket).to(at::kCPU);
  const float* flag = flags.data_ptr<float>();
  int64_t at = 0;
  for (const size_t i : bucket.parameters) {
    at::Tensor& parameter = parameters_[i];
    const int64_t count = parameter.numel();
    if (*flag++ > 0) {
      if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
      parameter.mutable_grad().copy_(bucket.values.narrow(0, at, count).view(parameter.sizes()));
    }
    at += count;
  }
}

int64_t GradientReducer::bytes() const {
  int64_t total = 0;
  for (const Bucket& bucket : buckets_) total += bucket.values.numel() * 4;
  return total;
}

}  // namespace snnseg
