#include "packed-lif.h"

#include <algorithm>

#include "kernels/dispatch.h"
#include "kernels/drivers/thread-pool.h"
#include "temporal-norm.h"

namespace snnseg {
namespace {

using sparse::kernels;
using sparse::parallelFor;

// Units of rows with partial sums of their own.
constexpr int64_t mostUnits = 32;
// Floats of a block over all timesteps: with what is computed from them they should stay in a second-level cache.
constexpr int64_t blockFloats = 64 * 1024;
// Sums of so many rows are exact enough in float before they go to double.
constexpr int64_t floatRows = 32;

struct Units {
  int64_t count, rows;

  explicit Units(int64_t all) : count(std::clamp<int64_t>(all / 16, 1, mostUnits)), rows(all) {}
  int64_t begin(int64_t unit) const { return rows * unit / count; }
};

int64_t rowsOfBlock(const PackedLif& layer) {
  return std::clamp<int64_t>(blockFloats / std::max<int64_t>(1, layer.steps * layer.channels), 1, floatRows);
}

std::vector<float> inverse(const float* values, int64_t count) {
  std::vector<float> result(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; i++) result[i] = 1.0f / values[i];
  return result;
}

const float* rowOf(const float* values, int64_t t, int64_t channels) { return values ? values + t * channels : nullptr; }

/// Rows from `first` to `last` over time, then the next ones.
sparse::LifRow rowsAt(const PackedLif& layer, const Affine& norm, int64_t t, int64_t first, int64_t last, const float* inverseThreshold) {
  const int64_t channels = layer.channels;
  const float* next = t + 1 < layer.steps ? layer.frame(t + 1) + first * channels : layer.frame(0) + last * channels;
  return {rowOf(norm.scale, t, channels), rowOf(norm.shift, t, channels), layer.threshold, inverseThreshold, layer.leak, 0.0f, layer.hardReset,
          channels, next};
}

}  // namespace

std::vector<double> currentMoments(const PackedLif& layer) {
  const Units units(layer.rows);
  const int64_t channels = layer.channels, size = layer.steps * 2 * channels;
  std::vector<double> partial(static_cast<size_t>(units.count * size), 0.0);
  const int64_t frames = layer.constant ? 1 : layer.steps;
  parallelFor(units.count * frames, layer.threads, [&](int64_t job, int) {
    const int64_t unit = job / frames, t = job % frames;
    double* to = partial.data() + unit * size + t * 2 * channels;
    std::vector<float> sums(static_cast<size_t>(2 * channels));
    for (int64_t row = units.begin(unit); row < units.begin(unit + 1); row += floatRows) {
      const int64_t some = std::min(floatRows, units.begin(unit + 1) - row);
      std::fill(sums.begin(), sums.end(), 0.0f);
      kernels().addMoments(layer.frame(t) + row * channels, some, channels, sums.data(), sums.data() + channels);
      kernels().addTo(sums.data(), to, 2 * channels);
    }
  });
  std::vector<double> total = addParts(partial, units.count, size);
  for (int64_t t = frames; t < layer.steps; t++) std::copy_n(total.begin(), 2 * channels, total.begin() + t * 2 * channels);
  return total;
}

void packedLifForward(const PackedLif& layer, const Affine& norm, uint64_t* bits, int64_t* counts, double* excess) {
  const Units units(layer.rows);
  const int64_t channels = layer.channels, words = layer.words(), steps = layer.steps, blockRows = rowsOfBlock(layer);
  const std::vector<float> inverseThreshold = inverse(layer.threshold, channels);
  std::vector<int64_t> unitCounts(static_cast<size_t>(units.count * steps), 0);
  std::vector<double> unitExcess(static_cast<size_t>(units.count * steps), 0.0);
  parallelFor(units.count, layer.threads, [&](int64_t unit, int) {
    std::vector<float> v(static_cast<size_t>(blockRows * channels));
    for (int64_t first = units.begin(unit); first < units.begin(unit + 1); first += blockRows) {
      const int64_t last = std::min(units.begin(unit + 1), first + blockRows);
      std::fill(v.begin(), v.end(), 0.0f);
      for (int64_t t = 0; t < steps; t++) {
        const sparse::LifRow dynamics = rowsAt(layer, norm, t, first, last, inverseThreshold.data());
        const sparse::Fired fired =
            kernels().fireBits(dynamics, layer.frame(t) + first * channels, v.data(), last - first, bits + (t * layer.rows + first) * words);
        unitCounts[unit * steps + t] += fired.count;
        unitExcess[unit * steps + t] += fired.excess;
      }
    }
  });
  for (int64_t t = 0; t < steps; t++) {
    counts[t] = 0;
    excess[t] = -static_cast<double>(layer.rows * channels);
    for (int64_t unit = 0; unit < units.count; unit++) {
      counts[t] += unitCounts[unit * steps + t];
      excess[t] += unitExcess[unit * steps + t];
    }
  }
}

std::vector<double> packedLifBackward(const PackedLif& layer, const Affine& norm, const SpikeGradient& spikes, uint16_t* g) {
  const Units units(layer.rows);
  const int64_t channels = layer.channels, steps = layer.steps, blockRows = rowsOfBlock(layer), size = steps * 2 * channels;
  const std::vector<float> inverseThreshold = inverse(layer.threshold, channels);
  std::vector<double> partial(static_cast<size_t>(units.count * size), 0.0);
  parallelFor(units.count, layer.threads, [&](int64_t unit, int) {
    const size_t blockSize = static_cast<size_t>(blockRows * channels);
    std::vector<float> v(blockSize), u(blockSize * static_cast<size_t>(steps)), sums(static_cast<size_t>(2 * channels));
    const sparse::LifBackwardRow backward{layer.threshold, inverseThreshold.data(), layer.leak, layer.hardReset, layer.surrogate, channels};
    for (int64_t first = units.begin(unit); first < units.begin(unit + 1); first += blockRows) {
      const int64_t last = std::min(units.begin(unit + 1), first + blockRows);
      const auto charges = [&](int64_t t) { return u.data() + t * blockRows * channels; };
      std::fill(v.begin(), v.end(), 0.0f);
      for (int64_t t = 0; t < steps; t++) {
        const sparse::LifRow dynamics = rowsAt(layer, norm, t, first, last, inverseThreshold.data());
        kernels().chargeRows(dynamics, layer.frame(t) + first * channels, v.data(), last - first, charges(t));
      }
      std::fill(v.begin(), v.end(), 0.0f);  // now what later timesteps carry back
      for (int64_t t = steps - 1; t >= 0; t--) {
        std::fill(sums.begin(), sums.end(), 0.0f);
        const auto gradient = [&](int64_t step, int64_t row) { return spikes.data + step * spikes.timeStride + row * channels; };
        const sparse::NextBackward next = t > 0 ? sparse::NextBackward{gradient(t - 1, first), layer.frame(t - 1) + first * channels}
                                                : sparse::NextBackward{gradient(steps - 1, last), layer.frame(0) + last * channels};
        kernels().lifBackwardHalves(backward, gradient(t, first), charges(t), layer.frame(t) + first * channels, v.data(), last - first, next,
                                    g + (t * layer.rows + first) * channels, sums.data(), sums.data() + channels);
        kernels().addTo(sums.data(), partial.data() + unit * size + t * 2 * channels, 2 * channels);
      }
    }
  });
  return addParts(partial, units.count, size);
}

void normGradient(const PackedLif& layer, const NormGradient& coefficients, uint16_t* g) {
  const Units units(layer.rows);
  const int64_t channels = layer.channels;
  parallelFor(units.count * layer.steps, layer.threads, [&](int64_t job, int) {
    const int64_t unit = job / layer.steps, t = job % layer.steps;
    for (int64_t row = units.begin(unit); row < units.begin(unit + 1); row++) {
      kernels().affineHalves(rowOf(coefficients.a.data(), t, channels), rowOf(coefficients.b.data(), t, channels), rowOf(coefficients.c.data(), t, channels),
                layer.frame(t) + row * channels, g + (t * layer.rows + row) * channels, channels);
    }
  });
}

void normGradientSum(const PackedLif& layer, const NormGradient& coefficients, const uint16_t* g, float* sum) {
  const Units units(layer.rows);
  const int64_t channels = layer.channels;
  parallelFor(units.count, layer.threads, [&](int64_t unit, int) {
    for (int64_t row = units.begin(unit); row < units.begin(unit + 1); row++) {
      std::fill_n(sum + row * channels, channels, 0.0f);
      for (int64_t t = 0; t < layer.steps; t++) {
        kernels().addAffineHalves(rowOf(coefficients.a.data(), t, channels), rowOf(coefficients.b.data(), t, channels), rowOf(coefficients.c.data(), t, channels),
                     layer.frame(t) + row * channels, g + (t * layer.rows + row) * channels, sum + row * channels, channels);
      }
    }
  });
}

void unpool(const uint16_t* pooled, int64_t frames, int64_t height, int64_t width, int64_t channels, int64_t stride, uint16_t* full,
            int threads) {
  const int64_t h = (height - 1) / stride + 1, w = (width - 1) / stride + 1;
  // The windows that a pixel is in.
  const auto first = [&](int64_t at) { return (std::max<int64_t>(0, at - 1) + stride - 1) / stride; };
  const auto last = [&](int64_t at, int64_t windows) { return std::min(windows - 1, (at + 1) / stride); };
  parallelFor(frames * height, threads, [&](int64_t job, int) {
    const int64_t f = job / height, y = job % height;
    std::vector<float> sum(static_cast<size_t>(channels));
    for (int64_t x = 0; x < width; x++) {
      std::fill(sum.begin(), sum.end(), 0.0f);
      for (int64_t wy = first(y); wy <= last(y, h); wy++) {
        for (int64_t wx = first(x); wx <= last(x, w); wx++) kernels().addHalves(pooled + ((f * h + wy) * w + wx) * channels, sum.data(), channels);
      }
      kernels().scaleToHalves(sum.data(), 1.0f / 9.0f, full + ((f * height + y) * width + x) * channels, channels);
    }
  });
}

}  // namespace snnseg
