#include "packed-weights.h"

#include <mutex>
#include <unordered_set>

namespace snnseg {
namespace {

// Live weights: only what is in here is ever dereferenced, so a wrong tensor throws.
std::mutex registryMutex;
std::unordered_set<const void*>& registry() {
  static auto* all = new std::unordered_set<const void*>();
  return *all;
}

void release(void* data) {
  {
    const std::lock_guard<std::mutex> lock(registryMutex);
    registry().erase(data);
  }
  auto* packed = static_cast<PackedWeights*>(data);
  snn_conv_destroy(packed->conv);
  delete packed;
}

}  // namespace

at::Tensor packWeights(const snn_geometry& geometry, const at::Tensor& weight, snn_form form) {
  const at::Tensor values = weight.detach().contiguous();
  snn_conv* conv = snn_conv_create(&geometry, values.data_ptr<float>(), form);
  TORCH_CHECK(conv != nullptr, snn_last_error());
  auto* packed = new PackedWeights{geometry.out_channels, geometry, conv};
  {
    const std::lock_guard<std::mutex> lock(registryMutex);
    registry().insert(packed);
  }
  return at::from_blob(packed, {1}, release, at::TensorOptions().dtype(at::kLong));
}

const PackedWeights& packedWeightsOf(const at::Tensor& handle) {
  const void* data = handle.defined() && handle.has_storage() ? handle.storage().data() : nullptr;
  const std::lock_guard<std::mutex> lock(registryMutex);
  TORCH_CHECK(registry().count(data) == 1, "convolution: expected a result of snnseg::pack_conv, received another tensor");
  return *static_cast<const PackedWeights*>(data);
}

}  // namespace snnseg
