#include <limits>

#include "conv.h"

namespace snnseg::sparse {

FoldedScale::FoldedScale(const Layer& layer, const ConvCall& call, const std::vector<float>& weightStep, int64_t paddedOut)
    : scale(static_cast<size_t>(call.steps * paddedOut)) {
  const int64_t channels = layer.g.out_channels;
  const float* given = call.lif ? call.lif->scale : nullptr;
  for (int64_t t = 0; t < call.steps; t++) {
    for (int64_t o = 0; o < channels; o++) {
      const float norm = given ? given[t * channels + o] : 1.0f;
      scale.data()[t * paddedOut + o] = norm * layer.inputScale * weightStep[static_cast<size_t>(o)];
    }
  }
  if (!call.lif) return;
  shift.reserve(static_cast<size_t>(call.steps * paddedOut));
  threshold.reserve(static_cast<size_t>(paddedOut));
  for (int64_t t = 0; t < call.steps && call.lif->shift; t++) {
    for (int64_t o = 0; o < channels; o++) shift.data()[t * paddedOut + o] = call.lif->shift[t * channels + o];
  }
  // Channels that only pad never fire.
  for (int64_t o = 0; o < paddedOut; o++) {
    threshold.data()[o] = o < channels ? call.lif->threshold[o] : std::numeric_limits<float>::infinity();
  }
}

}  // namespace snnseg::sparse
