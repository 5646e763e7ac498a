// What operators ask of their arguments before they touch memory: each shape, type and device that they index by, and the
// range of each option. Messages read "name: expected this, received that".
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>

namespace snnseg {

/// Longest axis and most timesteps; products of few of them fit 64 bits.
constexpr int64_t longestAxis = int64_t{1} << 30, mostSteps = int64_t{1} << 20;
constexpr int64_t largestDilation = 32768, largestKernel = 1023;

/// A plain tensor of this type on the device, whose size in bytes fits 64 bits even without its empty axes.
void checkPlain(const at::Tensor& x, at::ScalarType type, const char* name, c10::Device device = at::kCPU);
/// The same with as many axes as named, "[N, C, H, W]".
void checkAxes(const at::Tensor& x, at::ScalarType type, const std::string& axes, const char* name, c10::Device device = at::kCPU);
/// The same of exactly these sizes.
void checkSizes(const at::Tensor& x, at::ScalarType type, at::IntArrayRef sizes, const char* name, c10::Device device = at::kCPU);
void checkContiguous(const at::Tensor& x, const char* name);
/// Where a gradient would be lost without a word.
void checkNoGradient(const at::Tensor& x, const char* name, const char* instead);
/// Memory that is written must be nobody else's.
void checkApart(const at::Tensor& written, const at::Tensor& other, const char* name);

void checkRange(int64_t value, int64_t low, int64_t high, const char* name);
/// A number in [low, high]; NaN is in no range.
void checkNumber(double value, double low, double high, const char* name);
/// lambda in (0, 1].
void checkLeak(double leak);
void checkSurrogate(int64_t surrogate);
/// Momentum in [0, 1] and eps above 0, of a batch norm.
void checkNormOptions(double momentum, double eps);
/// No NaN, no infinity.
void checkFinite(const at::Tensor& x, const char* name);
/// Thresholds of 0 (of dead channels) or more; NaN is neither.
/// Whether values are looked at by an operator: to read them from a GPU waits for all that it still has to do, so there the caller does.
bool isReadHere(const at::Tensor& x);
void checkThresholds(const at::Tensor& threshold);
/// float32 [O, C, K, K] with at least one channel on both sides and K up to largestKernel.
void checkWeight(const at::Tensor& weight, c10::Device device = at::kCPU);

/// A gradient as autograd hands it on, as plain memory of any strides: it may come sparse, negated on reading, or without memory.
at::Tensor plainGradient(const at::Tensor& gradient);

}  // namespace snnseg
