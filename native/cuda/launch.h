// Runs a function object in a thread of the GPU for every index. Its arithmetic is plain C++: compiled without nvcc the threads
// are a loop, so that a machine without a GPU can check it (native/tests/stand-in-gpu).
#pragma once

#include <cstdint>

#include "stream.h"

#ifdef __CUDACC__
#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>
#define SNNSEG_THREAD __device__ inline
#else
#include "tests/stand-in-gpu/opened-memory.h"
#define SNNSEG_THREAD inline
#endif

namespace snnseg::cuda {

/// Threads whose bits `storeBallot` takes: a warp of the GPU.
constexpr int64_t ballotThreads = 32;

#ifdef __CUDACC__

/// Threads that add up their numbers without memory: a warp.
constexpr int64_t lanes = 32;

/// In the first lane the sum over the warp, always in the same order; every thread of it has to call this.
template <class Number>
__device__ inline Number sumOfLanes(Number value) {
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_down_sync(0xffffffffu, value, distance);
  return value;
}

/// Bit i is what the i-th of 32 neighbouring threads says, which all have to call this.
__device__ inline void storeBallot(uint32_t* to, int64_t thread, bool bit) {
  const uint32_t bits = __ballot_sync(0xffffffffu, bit);
  if (thread % ballotThreads == 0) *to = bits;
}

constexpr int64_t blockThreads = 256;

template <class Body>
__global__ void __launch_bounds__(blockThreads) eachThread(const Body body) {
  body(blockIdx.x * blockThreads + threadIdx.x);
}

/// Calls body(i) for i from 0 to `threads` and on to the end of the last block.
template <class Body>
void launch(int64_t threads, Stream stream, const Body& body) {
  if (threads == 0) return;
  const int64_t blocks = (threads + blockThreads - 1) / blockThreads;
  // CUDA's runtime is linked into the addon, and knows not which device libtorch has set in its own.
  cudaError_t error = cudaSetDevice(stream.device);
  if (error == cudaSuccess) {
    eachThread<<<static_cast<unsigned>(blocks), blockThreads, 0, static_cast<cudaStream_t>(stream.handle)>>>(body);
    error = cudaGetLastError();
  }
  if (error != cudaSuccess) throw std::runtime_error(std::string("a kernel did not start on the GPU: ") + cudaGetErrorString(error));
}

#else

constexpr int64_t lanes = 1;

template <class Number>
inline Number sumOfLanes(Number value) {
  return value;
}

/// The loop comes to the first of them first.
inline void storeBallot(uint32_t* to, int64_t thread, bool bit) {
  const int64_t i = thread % ballotThreads;
  *to = (i == 0 ? 0u : *to) | static_cast<uint32_t>(bit) << i;
}

template <class Body>
void launch(int64_t threads, Stream, const Body& body) {
  const OpenedMemory opened;
  for (int64_t i = 0; i < (threads + 3) / 4 * 4; i++) body(i);
}

#endif

/// What a layer of neurons fired at timestep t, of each warp into parts [warps, 2, T]; every thread of a warp has to call this.
SNNSEG_THREAD void tally(double* parts, int64_t thread, int64_t neurons, int64_t steps, int64_t t, int fired, float excess) {
  const bool isNeuron = thread < neurons;
  const int sent = sumOfLanes(isNeuron ? fired : 0);
  const float over = sumOfLanes(isNeuron ? excess : 0.0f);
  if (!isNeuron || thread % lanes != 0) return;
  double* part = parts + thread / lanes * 2 * steps + t;
  part[0] = sent;
  part[steps] = over;
}

/// How many sums the warps of so many threads give.
inline int64_t warpsOf(int64_t threads) { return (threads + lanes - 1) / lanes; }

}  // namespace snnseg::cuda
