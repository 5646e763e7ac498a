#include "packed-weights.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_set>

#include "checks.h"

namespace snnseg {
namespace {

// Convolutions that nobody uses any more wait here for weights of the same shape: a training step packs the same shapes
// over and over, and neither their memory nor their plans need to be made again.
constexpr size_t mostIdle = 32;

// Plans order the result's pixels, and list in 32 bits what the taps of all of them read.
constexpr double mostPixels = 1 << 23, mostListed = 1 << 27;

void checkPlan(const snn_geometry& g) {
  // Padding may make the result larger than the map.
  const int64_t grown = std::max<int64_t>(0, 2 * g.padding - g.dilation * (g.kernel - 1));
  const double pixels = static_cast<double>(g.height + grown) * static_cast<double>(g.width + grown);
  const double words = static_cast<double>(g.kernel * g.kernel) * static_cast<double>((g.in_channels + 63) / 64);
  TORCH_CHECK(pixels <= mostPixels && pixels * words <= mostListed, "size: expected a map of at most ", static_cast<int64_t>(mostPixels),
              " pixels, whose taps read at most ", static_cast<int64_t>(mostListed), " words of 64 channels, received ", g.height, " x ",
              g.width, " and padding ", g.padding);
}

std::mutex registryMutex;

// Live weights: only what is in here is ever dereferenced, so a wrong tensor throws.
std::unordered_set<const void*>& registry() {
  static auto* all = new std::unordered_set<const void*>();
  return *all;
}

std::list<PackedWeights*>& idle() {
  static auto* all = new std::list<PackedWeights*>();
  return *all;
}

bool operator==(const snn_geometry& a, const snn_geometry& b) {
  const auto key = [](const snn_geometry& g) {
    return std::make_tuple(g.in_channels, g.out_channels, g.height, g.width, g.kernel, g.stride, g.padding, g.dilation, g.pool_stride, g.input);
  };
  return key(a) == key(b);
}

PackedWeights* takeIdle(const snn_geometry& geometry, snn_purpose purpose) {
  const std::lock_guard<std::mutex> lock(registryMutex);
  const auto found = std::find_if(idle().begin(), idle().end(), [&](const PackedWeights* each) {
    return each->geometry == geometry && each->purpose == purpose;
  });
  if (found == idle().end()) return nullptr;
  PackedWeights* packed = *found;
  idle().erase(found);
  return packed;
}

void release(void* data) {
  auto* packed = static_cast<PackedWeights*>(data);
  const std::lock_guard<std::mutex> lock(registryMutex);
  registry().erase(data);
  idle().push_back(packed);
  if (idle().size() <= mostIdle) return;
  PackedWeights* oldest = idle().front();
  idle().pop_front();
  snn_conv_destroy(oldest->conv);
  delete oldest;
}

}  // namespace

at::Tensor packWeights(const snn_geometry& geometry, const at::Tensor& weight, snn_purpose purpose, bool turned) {
  checkFinite(weight, "weight");
  checkPlan(geometry);
  const at::Tensor values = weight.detach().contiguous();
  PackedWeights* packed = takeIdle(geometry, purpose);
  if (packed == nullptr) {
    snn_conv* conv = snn_conv_create(&geometry, nullptr, snn_plan(&geometry, purpose, nullptr));
    packed = new PackedWeights{geometry.out_channels, geometry, purpose, conv};
  }
  try {
    snn_conv_pack(packed->conv, values.data_ptr<float>(), turned, at::get_num_threads());
  } catch (...) {
    snn_conv_destroy(packed->conv);
    delete packed;
    throw;
  }
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
