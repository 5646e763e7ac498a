// Bit-packed spikes as int64 tensors [F, H, W, words], 64 channels a word; F = T*N frames with time first.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace snnseg {

inline int64_t wordsOf(int64_t channels) { return (channels + 63) / 64; }
inline uint64_t* words(const at::Tensor& bits) { return reinterpret_cast<uint64_t*>(bits.data_ptr<int64_t>()); }

/// Spikes per neuron over all steps, [N, C, H, W] float32.
at::Tensor sumSpikes(const at::Tensor& bits, int64_t steps, int64_t channels);

}  // namespace snnseg
