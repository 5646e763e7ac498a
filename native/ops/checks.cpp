#include "checks.h"

#include <ATen/MemoryOverlap.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace snnseg {
namespace {

const char* nameOf(at::ScalarType type) {
  switch (type) {
    case at::kFloat: return "float32";
    case at::kDouble: return "float64";
    case at::kHalf: return "float16";
    case at::kBFloat16: return "bfloat16";
    case at::kLong: return "int64";
    case at::kInt: return "int32";
    case at::kShort: return "int16";
    case at::kChar: return "int8";
    case at::kByte: return "uint8";
    case at::kBool: return "bool";
    default: return at::toString(type);
  }
}

/// "float32 [2, 3] on cpu"
std::string described(const at::Tensor& x) {
  if (!x.defined()) return "none";
  std::ostringstream text;
  text << nameOf(x.scalar_type()) << " " << x.sizes();
  if (x.layout() != at::kStrided) text << " (" << x.layout() << ")";
  text << " on " << x.device();
  return text.str();
}

bool isPlain(const at::Tensor& x, c10::Device device) {
  return x.defined() && x.layout() == at::kStrided && x.device() == device && !x.is_neg() && !x._is_zerotensor();
}

std::string nameOf(c10::Device device) { return device.is_cpu() ? "the CPU" : device.str(); }

/// Whether products of any of the sizes fit, with room for elements of 8 bytes and 64 of them in a word.
bool fits(at::IntArrayRef sizes) {
  int64_t product = 1;
  for (const int64_t size : sizes) {
    if (size > longestAxis || __builtin_mul_overflow(product, std::max<int64_t>(1, size), &product)) return false;
  }
  return product <= std::numeric_limits<int64_t>::max() / 1024;
}

}  // namespace

void checkPlain(const at::Tensor& x, at::ScalarType type, const char* name, c10::Device device) {
  TORCH_CHECK(isPlain(x, device) && x.scalar_type() == type, name, ": expected ", nameOf(type), " on ", nameOf(device), ", received ",
              described(x));
  TORCH_CHECK(fits(x.sizes()), name, ": expected sizes that fit memory, received ", x.sizes());
}

void checkAxes(const at::Tensor& x, at::ScalarType type, const std::string& axes, const char* name, c10::Device device) {
  const auto rank = std::count(axes.begin(), axes.end(), ',') + 1;
  TORCH_CHECK(isPlain(x, device) && x.scalar_type() == type && x.dim() == rank, name, ": expected ", nameOf(type), " ", axes, " on ",
              nameOf(device), ", received ", described(x));
  checkPlain(x, type, name, device);
}

void checkSizes(const at::Tensor& x, at::ScalarType type, at::IntArrayRef sizes, const char* name, c10::Device device) {
  TORCH_CHECK(isPlain(x, device) && x.scalar_type() == type && x.sizes() == sizes, name, ": expected ", nameOf(type), " ", sizes, " on ",
              nameOf(device), ", received ", described(x));
}

void checkContiguous(const at::Tensor& x, const char* name) {
  TORCH_CHECK(x.is_contiguous(), name, ": expected contiguous memory, received strides ", x.strides(), " of ", x.sizes());
}

void checkNoGradient(const at::Tensor& x, const char* name, const char* instead) {
  TORCH_CHECK(!x.defined() || !x.requires_grad() || !c10::GradMode::is_enabled(), name,
              ": expected a tensor that asks for no gradient, as this operator gives none; ", instead);
}

void checkApart(const at::Tensor& written, const at::Tensor& other, const char* name) {
  if (!written.defined() || !other.defined()) return;
  const auto overlap = at::get_overlap_status(written, other);
  TORCH_CHECK(overlap != at::MemOverlapStatus::Full && overlap != at::MemOverlapStatus::Partial, name,
              ": expected memory of its own, received a view of another argument");
}

void checkRange(int64_t value, int64_t low, int64_t high, const char* name) {
  TORCH_CHECK(value >= low && value <= high, name, ": expected ", low, " to ", high, ", received ", value);
}

void checkNumber(double value, double low, double high, const char* name) {
  TORCH_CHECK(value >= low && value <= high, name, ": expected a number of ", low, " to ", high, ", received ", value);
}

void checkLeak(double leak) { TORCH_CHECK(leak > 0 && leak <= 1, "leak: expected a number above 0 and up to 1, received ", leak); }

void checkSurrogate(int64_t surrogate) { checkRange(surrogate, 0, 3, "surrogate"); }

void checkNormOptions(double momentum, double eps) {
  checkNumber(momentum, 0, 1, "momentum");
  TORCH_CHECK(eps > 0 && std::isfinite(eps), "eps: expected a number above 0, received ", eps);
}

void checkFinite(const at::Tensor& x, const char* name) {
  if (x.numel() == 0) return;
  const auto [low, high] = at::aminmax(x.detach());
  TORCH_CHECK(std::isfinite(low.item<double>()) && std::isfinite(high.item<double>()), name,
              ": expected finite numbers, received NaN or infinity; they come of a damaged file, or of training that diverged");
}

bool isReadHere(const at::Tensor& x) { return x.device().is_cpu(); }

void checkThresholds(const at::Tensor& threshold) {
  if (!isReadHere(threshold)) return;
  TORCH_CHECK(at::ge(threshold.detach(), 0).all().item<bool>(), "threshold: expected numbers of 0 or more, received others or NaN");
}

void checkWeight(const at::Tensor& weight, c10::Device device) {
  checkAxes(weight, at::kFloat, "[O, C, K, K]", "weight", device);
  TORCH_CHECK(weight.size(0) >= 1 && weight.size(1) >= 1 && weight.size(2) == weight.size(3) && weight.size(2) >= 1 &&
                  weight.size(2) <= largestKernel,
              "weight: expected [O, C, K, K] with channels of both kinds and K of 1 to ", largestKernel, ", received ", weight.sizes());
}

at::Tensor plainGradient(const at::Tensor& gradient) {
  if (gradient._is_zerotensor()) return at::zeros(gradient.sizes(), gradient.options());
  return (gradient.layout() == at::kStrided ? gradient : gradient.to_dense()).resolve_neg();
}

}  // namespace snnseg
