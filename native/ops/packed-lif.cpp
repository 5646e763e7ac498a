#include "packed-lif.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels/clones.h"
#include "kernels/bf16.h"
#include "kernels/drivers/thread-pool.h"
#include "temporal-norm.h"

namespace snnseg {
namespace {

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

SNNSEG_CLONES
void addMoments(const float* z, int64_t rows, int64_t channels, float* __restrict sum, float* __restrict squares) {
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = z[row * channels + c];
      sum[c] += value;
      squares[c] += value * value;
    }
  }
}

SNNSEG_CLONES
void addTo(const float* from, double* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] += from[i];
}

/// One step of a row of neurons: u = leak * v + y, and v after the reset.
SNNSEG_CLONES
void stepRow(const float* z, const float* scale, const float* shift, const float* threshold, float leak, bool hard, float* __restrict v,
             float* __restrict u, int64_t channels) {
  if (scale) {
    for (int64_t c = 0; c < channels; c++) u[c] = leak * v[c] + (z[c] * scale[c] + shift[c]);
  } else {
    for (int64_t c = 0; c < channels; c++) u[c] = leak * v[c] + z[c];
  }
  for (int64_t c = 0; c < channels; c++) {
    const float after = hard ? 0.0f : u[c] - threshold[c];
    v[c] = u[c] > threshold[c] ? after : u[c];
  }
}

SNNSEG_CLONES
float addExcess(const float* u, const float* inverseThreshold, int64_t channels) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < channels; c++) sum += u[c] * inverseThreshold[c];
  return sum;
}

/// One bit for each of up to 64 neurons.
SNNSEG_CLONES
uint64_t firedWord(const float* u, const float* threshold, int64_t channels) {
  uint8_t fires[64] = {};
  for (int64_t c = 0; c < channels; c++) fires[c] = u[c] > threshold[c];
  uint64_t word = 0;
  for (int64_t byte = 0; byte < 8; byte++) {
    uint64_t eight;
    std::memcpy(&eight, fires + 8 * byte, 8);
    word |= (eight * 0x0102040810204080u >> 56) << 8 * byte;  // the lowest bits of eight bytes side by side
  }
  return word;
}

/// What one row of neurons does at one step.
struct Fired {
  int64_t count = 0;
  float excess = 0.0f;  // sum of u / threshold
};

struct RowDynamics {
  const float *scale, *shift, *threshold, *inverseThreshold;
  float leak;
  bool hard;
  int64_t channels;
};

Fired fireRow(const RowDynamics& row, const float* z, float* v, float* u, uint64_t* words) {
  stepRow(z, row.scale, row.shift, row.threshold, row.leak, row.hard, v, u, row.channels);
  Fired fired;
  for (int64_t c = 0; c < row.channels; c += 64) {
    const uint64_t word = firedWord(u + c, row.threshold + c, std::min<int64_t>(64, row.channels - c));
    words[c / 64] = word;
    fired.count += __builtin_popcountll(word);
  }
  fired.excess = addExcess(u, row.inverseThreshold, row.channels);
  return fired;
}

#if defined(__x86_64__) && defined(__GNUC__)
/// The same for normalised layers of whole vectors.
__attribute__((target("avx512f,avx512bw,popcnt"))) Fired fireRow512(const RowDynamics& row, const float* z, float* v, uint64_t* words) {
  Fired fired;
  const __m512 leak = _mm512_set1_ps(row.leak);
  __m512 excess = _mm512_setzero_ps();
  for (int64_t c = 0; c < row.channels; c += 64) {
    uint64_t word = 0;
    for (int64_t i = c; i < std::min(c + 64, row.channels); i += 16) {
      const __m512 y = _mm512_fmadd_ps(_mm512_loadu_ps(z + i), _mm512_loadu_ps(row.scale + i), _mm512_loadu_ps(row.shift + i));
      const __m512 u = _mm512_fmadd_ps(leak, _mm512_loadu_ps(v + i), y), threshold = _mm512_loadu_ps(row.threshold + i);
      const __mmask16 fires = _mm512_cmp_ps_mask(u, threshold, _CMP_GT_OQ);
      const __m512 after = row.hard ? _mm512_setzero_ps() : _mm512_sub_ps(u, threshold);
      _mm512_storeu_ps(v + i, _mm512_mask_mov_ps(u, fires, after));
      excess = _mm512_fmadd_ps(u, _mm512_loadu_ps(row.inverseThreshold + i), excess);
      word |= static_cast<uint64_t>(fires) << (i - c);
    }
    words[c / 64] = word;
    fired.count += __builtin_popcountll(word);
  }
  fired.excess = _mm512_reduce_add_ps(excess);
  return fired;
}

bool firesWide(const RowDynamics& row) {
  static const bool available = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
  return available && row.scale && row.channels % 16 == 0;
}
#else
Fired fireRow512(const RowDynamics&, const float*, float*, uint64_t*) { return {}; }
bool firesWide(const RowDynamics&) { return false; }
#endif

/// slope = dS/du.
SNNSEG_CLONES
void linearSlope(const float* u, const float* inverseThreshold, float* __restrict slope, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) slope[c] = linearSurrogate(u[c] * inverseThreshold[c] - 1.0f) * inverseThreshold[c];
}

void slopeOf(const PackedLif& layer, const float* u, const float* inverseThreshold, float* slope) {
  if (layer.surrogate == Surrogate::linear) return linearSlope(u, inverseThreshold, slope, layer.channels);
  for (int64_t c = 0; c < layer.channels; c++) slope[c] = u[c] * inverseThreshold[c] - 1.0f;
  surrogateRow(layer.surrogate, slope, slope, layer.channels);
  for (int64_t c = 0; c < layer.channels; c++) slope[c] *= inverseThreshold[c];
}

/// gu = gs * slope + carry, rounded to bf16 as g, which may be where gs is; carry = leak * gu.
SNNSEG_CLONES
void backwardRow(const uint16_t* gs, const float* slope, const float* z, float leak, float* __restrict carry, uint16_t* g,
                 float* __restrict sum, float* __restrict dot, int64_t channels) {
#pragma GCC ivdep
  for (int64_t c = 0; c < channels; c++) {
    const float gu = fromBf16(gs[c]) * slope[c] + carry[c];
    carry[c] = leak * gu;
    g[c] = toBf16(gu);
    sum[c] += gu;
    dot[c] += gu * z[c];
  }
}

/// A hard reset passes nothing back where the neuron fired.
SNNSEG_CLONES
void cutCarry(const float* kept, float* __restrict carry, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) carry[c] *= kept[c];
}

SNNSEG_CLONES
void affineRow(const float* a, const float* b, const float* c, const float* z, uint16_t* __restrict g, int64_t channels) {
  for (int64_t i = 0; i < channels; i++) g[i] = toBf16(a[i] * fromBf16(g[i]) + (b[i] * z[i] + c[i]));
}

SNNSEG_CLONES
void affineSumRow(const float* a, const float* b, const float* c, const float* z, const uint16_t* g, float* __restrict sum, int64_t channels) {
  for (int64_t i = 0; i < channels; i++) sum[i] += a[i] * fromBf16(g[i]) + (b[i] * z[i] + c[i]);
}

SNNSEG_CLONES
void addHalves(const uint16_t* from, float* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] += fromBf16(from[i]);
}

SNNSEG_CLONES
void scaledHalves(const float* from, float factor, uint16_t* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] = toBf16(from[i] * factor);
}

std::vector<float> inverse(const float* values, int64_t count) {
  std::vector<float> result(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; i++) result[i] = 1.0f / values[i];
  return result;
}

const float* rowOf(const float* values, int64_t t, int64_t channels) { return values ? values + t * channels : nullptr; }

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
      addMoments(layer.frame(t) + row * channels, some, channels, sums.data(), sums.data() + channels);
      addTo(sums.data(), to, 2 * channels);
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
    std::vector<float> v(static_cast<size_t>(blockRows * channels)), u(static_cast<size_t>(channels));
    for (int64_t first = units.begin(unit); first < units.begin(unit + 1); first += blockRows) {
      const int64_t last = std::min(units.begin(unit + 1), first + blockRows);
      std::fill(v.begin(), v.end(), 0.0f);
      for (int64_t t = 0; t < steps; t++) {
        const RowDynamics dynamics{rowOf(norm.scale, t, channels), rowOf(norm.shift, t, channels), layer.threshold,
                                   inverseThreshold.data(), layer.leak, layer.hardReset, channels};
        const bool wide = firesWide(dynamics);
        for (int64_t row = first; row < last; row++) {
          const float* z = layer.frame(t) + row * channels;
          float* vRow = v.data() + (row - first) * channels;
          uint64_t* to = bits + (t * layer.rows + row) * words;
          const Fired fired = wide ? fireRow512(dynamics, z, vRow, to) : fireRow(dynamics, z, vRow, u.data(), to);
          unitCounts[unit * steps + t] += fired.count;
          unitExcess[unit * steps + t] += fired.excess;
        }
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
    std::vector<float> v(blockSize), u(static_cast<size_t>(channels)), slope(blockSize * static_cast<size_t>(steps)),
        kept(layer.hardReset ? slope.size() : 0), sums(static_cast<size_t>(2 * channels));
    for (int64_t first = units.begin(unit); first < units.begin(unit + 1); first += blockRows) {
      const int64_t last = std::min(units.begin(unit + 1), first + blockRows);
      const auto at = [&](int64_t t, int64_t row) { return (t * blockRows + row - first) * channels; };
      std::fill(v.begin(), v.end(), 0.0f);
      for (int64_t t = 0; t < steps; t++) {
        for (int64_t row = first; row < last; row++) {
          float* vRow = v.data() + (row - first) * channels;
          stepRow(layer.frame(t) + row * channels, rowOf(norm.scale, t, channels), rowOf(norm.shift, t, channels), layer.threshold, layer.leak,
                  layer.hardReset, vRow, u.data(), channels);
          slopeOf(layer, u.data(), inverseThreshold.data(), slope.data() + at(t, row));
          for (int64_t c = 0; layer.hardReset && c < channels; c++) kept[at(t, row) + c] = u[c] > layer.threshold[c] ? 0.0f : 1.0f;
        }
      }
      std::fill(v.begin(), v.end(), 0.0f);  // now what later timesteps carry back
      for (int64_t t = steps - 1; t >= 0; t--) {
        std::fill(sums.begin(), sums.end(), 0.0f);
        for (int64_t row = first; row < last; row++) {
          float* carry = v.data() + (row - first) * channels;
          if (layer.hardReset) cutCarry(kept.data() + at(t, row), carry, channels);
          backwardRow(spikes.data + t * spikes.timeStride + row * channels, slope.data() + at(t, row), layer.frame(t) + row * channels,
                      layer.leak, carry, g + (t * layer.rows + row) * channels, sums.data(), sums.data() + channels, channels);
        }
        addTo(sums.data(), partial.data() + unit * size + t * 2 * channels, 2 * channels);
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
      affineRow(rowOf(coefficients.a.data(), t, channels), rowOf(coefficients.b.data(), t, channels), rowOf(coefficients.c.data(), t, channels),
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
        affineSumRow(rowOf(coefficients.a.data(), t, channels), rowOf(coefficients.b.data(), t, channels), rowOf(coefficients.c.data(), t, channels),
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
        for (int64_t wx = first(x); wx <= last(x, w); wx++) addHalves(pooled + ((f * h + wy) * w + wx) * channels, sum.data(), channels);
      }
      scaledHalves(sum.data(), 1.0f / 9.0f, full + ((f * height + y) * width + x) * channels, channels);
    }
  });
}

}  // namespace snnseg
