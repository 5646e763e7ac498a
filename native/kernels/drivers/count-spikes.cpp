#include "conv.h"
#include "kernels/dispatch.h"
#include "thread-pool.h"

namespace snnseg::sparse {

void countSpikes(const Layer& layer, const ConvCall& call) {
  const int64_t words = call.batch * layer.outPixels() * layer.outWords;
  parallelFor(call.spikes ? call.steps : 0, call.threads, [&](int64_t t, int) { call.spikes[t] = kernels().countBits(call.bits + t * words, words); });
}

}  // namespace snnseg::sparse
