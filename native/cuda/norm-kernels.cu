#include "norm-kernels.h"

#include "convert.h"

namespace snnseg::cuda {
namespace {

/// Two sums over a block of rows; Add(t, index within the timestep, c, both sums) adds what a row gives.
template <class Add>
struct SumsThread {
  NormMap map;
  Add add;
  double* parts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    const int64_t columns = map.steps * map.channels;
    if (thread >= (map.rows + NormMap::blockRows - 1) / NormMap::blockRows * columns) return;
    const int64_t block = thread / columns, column = thread % columns, t = column / map.channels, c = column % map.channels;
    const int64_t begin = block * NormMap::blockRows, last = begin + NormMap::blockRows, end = last < map.rows ? last : map.rows;
    double sums[2] = {0.0, 0.0};
    for (int64_t row = begin; row < end; row++) add(t, row * map.channels + c, column, sums);
    double* part = parts + (block * map.steps + t) * 2 * map.channels + c;
    part[0] = sums[0];
    part[map.channels] = sums[1];
  }
};

template <class Add>
void launchSums(const NormMap& map, const Add& add, double* parts, Stream stream) {
  launch(map.blocks() * map.steps * map.channels, stream, SumsThread<Add>{map, add, parts});
}

template <class Z>
struct AddMoments {
  Timed<Z> z;

  SNNSEG_THREAD void operator()(int64_t t, int64_t i, int64_t, double* sums) const {
    const double value = at(z, t, i);
    sums[0] += value;
    sums[1] += value * value;
  }
};

template <class G, class Z>
struct AddNormSums {
  Timed<G> g;
  Timed<Z> z;
  NormStatistics norm;

  SNNSEG_THREAD void operator()(int64_t t, int64_t i, int64_t column, double* sums) const {
    const float gradient = at(g, t, i);
    sums[0] += gradient;
    sums[1] += static_cast<double>(gradient) * ((at(z, t, i) - norm.mean[column]) * norm.invStd[column]);
  }
};

template <class G, class Z>
struct NormBackwardThread {
  NormMap map;
  G* g;
  Timed<Z> z;
  NormStatistics norm;
  const float *scale, *meanGradient, *meanDot;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    const int64_t stepSize = map.rows * map.channels;
    if (thread >= map.steps * stepSize) return;
    const int64_t t = thread / stepSize, i = thread % stepSize, column = t * map.channels + i % map.channels;
    const float gradient = floatOf(g[thread]);
    if (meanGradient == nullptr) {
      store(g + thread, gradient * scale[column]);
    } else {
      const float normal = (at(z, t, i) - norm.mean[column]) * norm.invStd[column];
      store(g + thread, scale[column] * (gradient - meanGradient[column] - normal * meanDot[column]));
    }
  }
};

}  // namespace

template <class Z>
void launchMoments(const NormMap& map, const Timed<Z>& z, double* parts, Stream stream) {
  launchSums(map, AddMoments<Z>{z}, parts, stream);
}

template <class G, class Z>
void launchNormSums(const NormMap& map, const G* g, const Timed<Z>& z, const NormStatistics& norm, double* parts, Stream stream) {
  launchSums(map, AddNormSums<G, Z>{{g, map.rows * map.channels}, z, norm}, parts, stream);
}

template <class G, class Z>
void launchNormBackward(const NormMap& map, G* g, const Timed<Z>& z, const NormStatistics& norm, const float* scale,
                        const float* meanGradient, const float* meanDot, Stream stream) {
  launch(map.steps * map.rows * map.channels, stream, NormBackwardThread<G, Z>{map, g, z, norm, scale, meanGradient, meanDot});
}

template void launchMoments(const NormMap&, const Timed<float>&, double*, Stream);
template void launchMoments(const NormMap&, const Timed<Bf16>&, double*, Stream);
template void launchNormSums(const NormMap&, const float*, const Timed<float>&, const NormStatistics&, double*, Stream);
template void launchNormSums(const NormMap&, const Bf16*, const Timed<float>&, const NormStatistics&, double*, Stream);
template void launchNormSums(const NormMap&, const Bf16*, const Timed<Bf16>&, const NormStatistics&, double*, Stream);
template void launchNormBackward(const NormMap&, float*, const Timed<float>&, const NormStatistics&, const float*, const float*, const float*,
                                 Stream);
template void launchNormBackward(const NormMap&, Bf16*, const Timed<float>&, const NormStatistics&, const float*, const float*, const float*,
                                 Stream);
template void launchNormBackward(const NormMap&, Bf16*, const Timed<Bf16>&, const NormStatistics&, const float*, const float*, const float*,
                                 Stream);

}  // namespace snnseg::cuda
