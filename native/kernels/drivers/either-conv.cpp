// A convolution in two forms whose sums are the same: few set inputs are gathered, many are multiplied. So the choice, made anew at
// each call from the set bits, never changes a result.
#include <algorithm>
#include <atomic>

#include "conv.h"
#include "kernels/dispatch.h"
#include "thread-pool.h"

namespace snnseg::sparse {
namespace {

/// Share of set bits before pooling from which the dense form of a pooled layer is faster: measured 13 to 16 % with AVX2, 13 to 20 % with
/// AVX-514, and 4 to 6 % where it has dot products of bytes (Sapphire Rapids).
double densePooled() { return isa() >= Isa::avx512Vnni ? 0.05 : 0.14; }

class EitherConv final : public Conv {
 public:
  explicit EitherConv(const Layer& layer)
      : Conv(layer), gather_(createGatherConv(layer, SNN_FORM_GATHER14)), dense_(createTileConv(layer, SNN_FORM_DENSE14)) {}

  void pack(const WeightView& weight, int threads) override {
    gather_->pack(weight, threads);
    dense_->pack(weight, threads);
    std::copy(dense_->weightError().begin(), dense_->weightError().end(), weightError_.begin());
  }
  void run(const ConvCall& call) const override { (share(call) < densePooled() ? gather_ : dense_)->run(call); }
  snn_form form() const override { return SNN_FORM_EITHER14; }
  int64_t weightBytes() const override { return gather_->weightBytes() + dense_->weightBytes(); }

 private:
  /// Of set bits among the inputs.
  double share(const ConvCall& call) const {
    const int64_t frames = call.steps * call.batch, words = layer_.pixels() * layer_.words;
    std::atomic<int64_t> set{0};
    parallelFor(frames, call.threads, [&](int64_t frame, int) { set += kernels().countBits(static_cast<const uint64_t*>(call.input) + frame * words, words); });
    return static_cast<double>(set) / static_cast<double>(frames * layer_.pixels() * layer_.g.in_channels);
  }

  std::unique_ptr<Conv> gather_, dense_;
};

}  // namespace

std::unique_ptr<Conv> createEitherConv(const Layer& layer) { return std::make_unique<EitherConv>(layer); }

}  // namespace snnseg::sparse
