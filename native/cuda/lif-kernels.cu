#include "lif-kernels.h"

#include <algorithm>

#include "convert.h"
#include "lif-neuron.h"

namespace snnseg::cuda {
namespace {

struct LifForwardThread {
  LifNeurons layer;
  const float* current;
  float *membrane, *spikes;
  double* parts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    // Threads behind the last neuron compute it again: whole warps add up.
    const bool isNeuron = thread < layer.neurons;
    const int64_t at = isNeuron ? thread : layer.neurons - 1;
    const Neuron neuron(layer, at);
    float v = isNeuron ? membrane[at] : 0.0f;
    for (int64_t t = 0; t < layer.steps; t++) {
      const float u = neuron.charge(v, current[t * layer.neurons + at], t);
      const bool fires = neuron.fires(u);
      v = neuron.reset(u);
      if (isNeuron) spikes[t * layer.neurons + at] = fires ? 1.0f : 0.0f;
      tally(parts, thread, layer.neurons, layer.steps, t, fires ? 1 : 0, neuron.excess(u));
    }
    if (isNeuron) membrane[at] = v;
  }
};

/// A warp has 32 channels of one pixel, and so half a word.
template <class Current>
struct FireBitsThread {
  LifNeurons layer;
  Timed<Current> current;
  uint32_t* bits;
  double* parts;
  int64_t padded, threads;  // channels with those that fill the last word, and as many for each pixel

  SNNSEG_THREAD void operator()(int64_t thread) const {
    if (thread >= threads) return;  // a whole warp
    const int64_t row = thread / padded, channel = thread % padded;
    // Threads behind the last channel compute it again, and fire nothing.
    const bool isNeuron = channel < layer.channels;
    const int64_t i = row * layer.channels + (isNeuron ? channel : layer.channels - 1);
    const int64_t half = thread / ballotThreads, halves = threads / ballotThreads;
    const Neuron neuron(layer, i);
    float v = 0.0f;
    for (int64_t t = 0; t < layer.steps; t++) {
      const float u = neuron.charge(v, at(current, t, i), t);
      const bool fires = isNeuron && neuron.fires(u);
      v = neuron.reset(u);
      storeBallot(bits + t * halves + half, thread, fires);
      tally(parts, thread, threads, layer.steps, t, fires ? 1 : 0, isNeuron ? neuron.excess(u) : 0.0f);
    }
  }
};

template <class Current, class Gradient>
struct LifBackwardThread {
  LifNeurons layer;
  Timed<Current> current;
  const float* initial;
  Timed<Gradient> gradSpikes;
  Gradient* gradient;
  float* charged;  // [T, chargedStride], where charged membranes wait; may be the gradient
  int64_t first, count, chargedStride;  // the neurons of this launch
  double* leakParts;

  SNNSEG_THREAD void operator()(int64_t thread) const {
    const double leakGradient = sumOfLanes(thread < count ? ofNeuron(first + thread, charged + thread) : 0.0);
    if (leakParts != nullptr && thread < count && thread % lanes == 0) leakParts[thread / lanes] = leakGradient;
  }

  /// Its gradients; returns its share of the leak's.
  SNNSEG_THREAD double ofNeuron(int64_t i, float* waiting) const {
    const Neuron neuron(layer, i);
    const float start = initial != nullptr ? initial[i] : 0.0f;
    float v = start, u = 0.0f;
    for (int64_t t = 0; t < layer.steps; t++) {
      u = neuron.charge(v, at(current, t, i), t);
      v = neuron.reset(u);
      waiting[t * chargedStride] = u;
    }
    double leakGradient = 0.0;
    float carry = 0.0f;  // of v[t]
    for (int64_t t = layer.steps - 1; t >= 0; t--) {
      // A hard reset passes nothing back where the neuron fired.
      if (neuron.hardReset && neuron.fires(u)) carry = 0.0f;
      const float slope = slopeAt(layer.surrogate, neuron.excess(u)) * neuron.inverseThreshold;
      const float ofCharge = at(gradSpikes, t, i) * slope + carry;
      u = t > 0 ? waiting[(t - 1) * chargedStride] : 0.0f;
      store(gradient + t * layer.neurons + i, ofCharge);
      carry = ofCharge * neuron.leak;
      if (leakParts != nullptr) leakGradient += static_cast<double>(ofCharge) * (t > 0 ? neuron.reset(u) : start);
    }
    return leakGradient;
  }
};

/// Neurons of a launch whose charged membranes wait in memory of their own: about as many as a large GPU has threads, so that
/// the second-level cache holds some twenty timesteps of them.
constexpr int64_t neuronsAtOnce = int64_t{1} << 18;

int64_t paddedChannels(const LifNeurons& layer) { return (layer.channels + 63) / 64 * 64; }
int64_t paddedNeurons(const LifNeurons& layer) { return layer.neurons / layer.channels * paddedChannels(layer); }

}  // namespace

int64_t lifParts(int64_t neurons) { return warpsOf(neurons); }

void launchLifForward(const LifNeurons& layer, const float* current, float* membrane, float* spikes, double* parts, Stream stream) {
  launch(layer.neurons, stream, LifForwardThread{layer, current, membrane, spikes, parts});
}

void launchLifBackward(const LifNeurons& layer, const float* current, const float* initial, const float* gradSpikes, float* gradient,
                       double* leakParts, Stream stream) {
  const int64_t neurons = layer.neurons;
  launch(neurons, stream,
         LifBackwardThread<float, float>{layer, {current, neurons}, initial, {gradSpikes, neurons}, gradient, gradient, 0, neurons, neurons, leakParts});
}

int64_t bitParts(const LifNeurons& layer) { return warpsOf(paddedNeurons(layer)); }

template <class Current>
void launchFireBits(const LifNeurons& layer, const Timed<Current>& current, uint64_t* bits, double* parts, Stream stream) {
  const int64_t threads = paddedNeurons(layer);
  launch(threads, stream, FireBitsThread<Current>{layer, current, reinterpret_cast<uint32_t*>(bits), parts, paddedChannels(layer), threads});
}

int64_t chargedFloats(const LifNeurons& layer) { return layer.steps * std::min(neuronsAtOnce, layer.neurons); }

template <class Current>
void launchBitsBackward(const LifNeurons& layer, const Timed<Current>& current, const Timed<Bf16>& gradSpikes, Bf16* gradient, float* charged,
                        Stream stream) {
  for (int64_t first = 0; first < layer.neurons; first += neuronsAtOnce) {
    const int64_t count = std::min(neuronsAtOnce, layer.neurons - first);
    launch(count, stream, LifBackwardThread<Current, Bf16>{layer, current, nullptr, gradSpikes, gradient, charged, first, count, count, nullptr});
  }
}

template void launchFireBits(const LifNeurons&, const Timed<float>&, uint64_t*, double*, Stream);
template void launchFireBits(const LifNeurons&, const Timed<Bf16>&, uint64_t*, double*, Stream);
template void launchBitsBackward(const LifNeurons&, const Timed<float>&, const Timed<Bf16>&, Bf16*, float*, Stream);
template void launchBitsBackward(const LifNeurons&, const Timed<Bf16>&, const Timed<Bf16>&, Bf16*, float*, Stream);

}  // namespace snnseg::cuda
