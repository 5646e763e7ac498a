// Integer neurons of one timestep on real values.
#pragma once

#include "integer-sink.h"

namespace snnseg::sparse {
namespace {

void fireIntegers(const float* values, int64_t pixels, int64_t channels, const float* threshold, int levels, uint8_t* integers) {
  const Floats highest = Floats::all(static_cast<float>(levels));
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    for (int64_t c = 0; c < channels; c += lanes) {
      const int64_t at = pixel * channels + c, count = channels - c;
      toSomeLevels(Floats::loadSome(values + at, count) / Floats::load(threshold + c), highest, integers + at, count);
    }
  }
}

}  // namespace
}  // namespace snnseg::sparse
