// Maps over time, [T, N, C, H, W], whose memory is channels last: [T, N*H*W, C].
#pragma once

#include <ATen/ATen.h>

namespace snnseg {

inline at::Tensor timedChannelsLast(const at::Tensor& x) {
  return x.flatten(0, 1).contiguous(at::MemoryFormat::ChannelsLast).view_as(x);
}

/// Uninitialised, of the shape of `x`.
inline at::Tensor emptyTimed(const at::Tensor& x, at::ScalarType type) {
  const auto sizes = x.sizes();
  return at::empty({sizes[0] * sizes[1], sizes[2], sizes[3], sizes[4]},
                   x.options().dtype(type).memory_format(at::MemoryFormat::ChannelsLast))
      .view(sizes);
}

/// Membranes [N, C, H, W] of the neurons that `current` reaches, to be written: a copy of `initial`, or 0 where there is none.
inline at::Tensor firstMembrane(const at::Tensor& current, const at::Tensor& initial) {
  if (initial.defined()) return initial.contiguous(at::MemoryFormat::ChannelsLast).clone(at::MemoryFormat::ChannelsLast);
  return at::zeros(current.sizes().slice(1), current.options().memory_format(c10::nullopt)).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace snnseg
