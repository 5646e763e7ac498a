// A packed convolution in one of its forms.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "kernels/memory.h"
#include "kernels/plan/layer.h"

namespace snnseg::sparse {

/// Memory aligned to a cache line (and so to every vector register).
template <class T>
class Aligned {
 public:
  Aligned() = default;
  explicit Aligned(size_t count) { reserve(count); }
  ~Aligned() { giveMemory(data_); }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;

  /// At least `count` elements; zeroed and without the old content if it had to grow.
  void reserve(size_t count) {
    if (count <= count_) return;
    room(count);
    for (size_t i = 0; i < bytesOf(count) / sizeof(T); i++) data_[i] = T();
  }
  /// The same with any content.
  void room(size_t count) {
    if (count <= count_) return;
    giveMemory(data_);
    data_ = nullptr;
    count_ = 0;
    if (count > PTRDIFF_MAX / sizeof(T) - 64) throw std::bad_alloc();
    data_ = static_cast<T*>(takeMemory(bytesOf(count)));
    if (!data_) throw std::bad_alloc();
    count_ = count;
  }
  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return count_; }

 private:
  static size_t bytesOf(size_t count) { return (count * sizeof(T) + 63) / 64 * 64; }

  T* data_ = nullptr;
  size_t count_ = 0;
};

/// One call: fused dynamics (lif, bits, spikes), currents, or currents in bf16 (halves).
struct ConvCall {
  const void* input;
  int64_t steps, batch;
  const snn_lif* lif;
  uint64_t* bits;
  int64_t* spikes;
  float* currents;
  uint16_t* halves;
  double* moments;  // with currents: [frames, 2, O], or null
  int threads;
};

/// Weights in memory of any order.
struct WeightView {
  const float* data;
  int64_t output, input, tap;  // floats from one to the next

  /// [O, C, K, K].
  static WeightView straight(const Layer& layer, const float* weight) {
    return {weight, layer.g.in_channels * layer.taps, layer.taps, 1};
  }
  /// [C, O, K, K] with kernels turned by 180 degrees: of the convolution whose input gradient this one is.
  static WeightView turned(const Layer& layer, const float* weight) {
    return {weight + layer.taps - 1, layer.taps, layer.g.out_channels * layer.taps, -1};
  }
  float at(int64_t o, int64_t c, int64_t t) const { return data[o * output + c * input + t * tap]; }
};

class Conv {
 public:
  explicit Conv(const Layer& layer) : layer_(layer), weightError_(static_cast<size_t>(layer.g.out_channels), 0.0f) {}
  virtual ~Conv() = default;
  virtual void pack(const WeightView& weight, int threads) = 0;  // replaces the weights
  virtual void run(const ConvCall& call) const = 0;
  virtual snn_form form() const = 0;
  virtual int64_t weightBytes() const = 0;
  const Layer& layer() const { return layer_; }
  const std::vector<float>& weightError() const { return weightError_; }

 protected:
  Layer layer_;
  std::vector<float> weightError_;
};

std::unique_ptr<Conv> createTileConv(const Layer& layer, snn_form form);
std::unique_ptr<Conv> createGatherConv(const Layer& layer, snn_form form);
std::unique_ptr<Conv> createEitherConv(const Layer& layer);
std::unique_ptr<Conv> createWinogradConv(const Layer& layer);

/// call.spikes: the set bits of each step; nothing where they are not wanted.
void countSpikes(const Layer& layer, const ConvCall& call);

/// gw[o, c, tap] = sum over frames and pixels of gradient[p, o] * input[p + tap, c]; returns null, or the expectation missed.
const char* weightGradient(const Layer& layer, const void* input, const uint16_t* gradient, int64_t frames, float* result, int threads);

/// Batch norm, weight step and input scale as one factor per step and channel: [steps, paddedOut]; padding is 0.
struct FoldedScale {
  Aligned<float> scale, shift, threshold;
  FoldedScale(const Layer& layer, const ConvCall& call, const std::vector<float>& weightStep, int64_t paddedOut);
};

}  // namespace snnseg::sparse
