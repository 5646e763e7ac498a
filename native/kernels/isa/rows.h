// Loops over rows: sums and products of batch norm, depthwise convolutions, optimizers. The compiler makes vectors of the plain ones.
#pragma once

#include "columns.h"
#include "kernels/kernels.h"

namespace snnseg::sparse {
namespace {

// Values from one that is read to one that will be: the distance that hides main memory.
constexpr int64_t ahead = 2048;

void addMoments(const float* z, int64_t rows, int64_t channels, float* sum, float* squares) {
  eachColumn<4>(channels, [&](int64_t c, auto count, auto full) {
    const int64_t some = channels - c;
    Floats sums[count], products[count];
    loadColumn(sums, sum + c, some, full);
    loadColumn(products, squares + c, some, full);
    for (int64_t row = 0; row < rows; row++) {
      for (int k = 0; k < count; k++) {
        const Floats value = loadOf(z + row * channels + c + k * lanes, some, full);
        __builtin_prefetch(z + row * channels + c + k * lanes + ahead);
        sums[k] = sums[k] + value;
        products[k] = products[k] + value * value;
      }
    }
    storeColumn(sums, sum + c, some, full);
    storeColumn(products, squares + c, some, full);
  });
}

void addMomentsDouble(const float* z, double* __restrict sum, double* __restrict squares, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const double value = z[c];
    sum[c] += value;
    squares[c] += value * value;
  }
}

void addNormSums(const float* g, const float* z, const float* mean, const float* invStd, double* __restrict sum, double* __restrict dot,
                 int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    sum[c] += g[c];
    dot[c] += static_cast<double>(g[c]) * ((z[c] - mean[c]) * invStd[c]);
  }
}

void normBackward(float* __restrict g, const float* z, const float* mean, const float* invStd, const float* scale, const float* meanGradient,
                  const float* meanDot, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    g[c] = scale[c] * (g[c] - meanGradient[c] - (z[c] - mean[c]) * invStd[c] * meanDot[c]);
  }
}

void scaleRow(float* __restrict g, const float* scale, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) g[c] *= scale[c];
}

inline Floats affine(const float* a, const float* b, const float* c, const float* z, const uint16_t* g, int64_t i, int64_t some) {
  const Floats rest = multiplyAdd(Floats::loadSome(b + i, some), Floats::loadSome(z + i, some), Floats::loadSome(c + i, some));
  return multiplyAdd(Floats::loadSome(a + i, some), fromHalvesSome(g + i, some), rest);
}

void affineHalves(const float* a, const float* b, const float* c, const float* z, uint16_t* g, int64_t channels) {
  for (int64_t i = 0; i < channels; i += lanes) {
    __builtin_prefetch(z + i + ahead);
    __builtin_prefetch(g + i + ahead);
    toHalvesSome(affine(a, b, c, z, g, i, channels - i), g + i, channels - i);
  }
}

void addAffineHalves(const float* a, const float* b, const float* c, const float* z, const uint16_t* g, float* sum, int64_t channels) {
  for (int64_t i = 0; i < channels; i += lanes) {
    (Floats::loadSome(sum + i, channels - i) + affine(a, b, c, z, g, i, channels - i)).storeSome(sum + i, channels - i);
  }
}

void addTo(const float* from, double* __restrict to, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] += from[i];
}

void addHalves(const uint16_t* from, float* to, int64_t count) {
  for (int64_t i = 0; i < count; i += lanes) (Floats::loadSome(to + i, count - i) + fromHalvesSome(from + i, count - i)).storeSome(to + i, count - i);
}

void scaleToHalves(const float* from, float factor, uint16_t* to, int64_t count) {
  for (int64_t i = 0; i < count; i += lanes) toHalvesSome(Floats::loadSome(from + i, count - i) * Floats::all(factor), to + i, count - i);
}

void addProducts(const ProductRows& rows) {
  for (int64_t i = 0; i < rows.count; i++) {
    const float *a = rows.a + i * rows.aStep, *b = rows.b + i * rows.bStep;
    float* __restrict sum = rows.sum + i * rows.sumStep;
    for (int64_t c = 0; c < rows.channels; c++) sum[c] += a[c] * b[c];
  }
}

void sgdRange(float* __restrict w, const float* g, float* __restrict velocity, float lr, float momentum, float weightDecay, int64_t n) {
  if (velocity == nullptr) {
    for (int64_t i = 0; i < n; i++) w[i] -= lr * (g[i] + weightDecay * w[i]);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    velocity[i] = momentum * velocity[i] + (g[i] + weightDecay * w[i]);
    w[i] -= lr * velocity[i];
  }
}

template <bool amsgrad>
void adamRangeOf(float* __restrict w, const float* gradient, float* __restrict mean, float* __restrict square, float* __restrict largest,
                 const AdamStep& a, int64_t n) {
  const float beta1 = a.beta1, beta2 = a.beta2, eps = a.eps, weightDecay = a.weightDecay, step = a.step, correction = a.correction;
  const float rest1 = a.rest1, rest2 = a.rest2, kept = a.kept;
  for (int64_t i = 0; i < n; i++) {
    const float g = gradient[i] + weightDecay * w[i];
    mean[i] = beta1 * mean[i] + rest1 * g;
    square[i] = beta2 * square[i] + rest2 * g * g;
    if constexpr (amsgrad) largest[i] = largest[i] > square[i] ? largest[i] : square[i];
    w[i] = kept * w[i] - step * mean[i] / (__builtin_sqrtf(amsgrad ? largest[i] : square[i]) / correction + eps);
  }
}

void adamRange(float* w, const float* gradient, float* mean, float* square, float* largest, const AdamStep& a, int64_t n) {
  if (largest == nullptr) return adamRangeOf<false>(w, gradient, mean, square, largest, a, n);
  adamRangeOf<true>(w, gradient, mean, square, largest, a, n);
}

}  // namespace
}  // namespace snnseg::sparse
