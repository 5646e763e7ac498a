#include "norm-kernels.h"

#include "launch.h"

namespace snnseg::cuda {
namespace {

/// Two sums over a block of rows; Add(z's index, t*C + c, both sums) adds what a row gives.
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
    for (int64_t row = begin; row < end; row++) add((t * map.rows + row) * map.channels + c, column, sums);
    double* part = parts + (block * map.steps + t) * 2 * map.channels + c;
    part[0] = sums[0];
    part[map.channels] = sums[1];
  }
};

template <class Add>
void launchSums(const NormMap& map, const Add& add, double* parts, Stream stream) {
  launch(map.blocks() * map.steps * map.channels, stream, SumsThread<Add>{map, add, parts});
}

struct AddMoments {
  const float* z;

  SNNSEG_THREAD void operator()(int64_t i, int64_t, double* sums) const {
    const double value = z[i];
    sums[0] += value;
    sums[1] += value * value;
  }
};

struct AddNormSums {
  const float *g, *z;
  NormStatistics norm;

  SNNSEG_THREAD void operator()(int64_t i, int64_t column, double* sums) const {
    sums[0] += g[i];
    sums[1] += static_cast<double>(g[i]) * ((z[i] - norm.mean[column]) * norm.invStd[column]);
  }
};

struct NormBackwardThread {
  NormMap map;
  float* g;
  const float* z;
  NormStatistics norm;
  const float *scale, *meanGradient, *meanDot;

  SNNSEG_THREAD void operator()(int64_t i) const {
    const int64_t stepSize = map.rows * map.channels;
    if (i >= map.steps * stepSize) return;
    const int64_t column = i / stepSize * map.channels + i % map.channels;
    if (meanGradient == nullptr) {
      g[i] *= scale[column];
    } else {
      const float normal = (z[i] - norm.mean[column]) * norm.invStd[column];
      g[i] = scale[column] * (g[i] - meanGradient[column] - normal * meanDot[column]);
    }
  }
};

}  // namespace

void launchMoments(const NormMap& map, const float* z, double* parts, Stream stream) { launchSums(map, AddMoments{z}, parts, stream); }

void launchNormSums(const NormMap& map, const float* g, const float* z, const NormStatistics& norm, double* parts, Stream stream) {
  launchSums(map, AddNormSums{g, z, norm}, parts, stream);
}

void launchNormBackward(const NormMap& map, float* g, const float* z, const NormStatistics& norm, const float* scale,
                        const float* meanGradient, const float* meanDot, Stream stream) {
  launch(map.steps * map.rows * map.channels, stream, NormBackwardThread{map, g, z, norm, scale, meanGradient, meanDot});
}

}  // namespace snnseg::cuda
