// The operators that kernels here compute, for the table in ops/by-device.h.
#pragma once

#include "ops/by-device.h"
#include "ops/integer-sequence.h"
#include "ops/lif-sequence.h"
#include "ops/normalized-activation.h"
#include "ops/packed-layer.h"
#include "stream.h"

namespace snnseg::cuda {

/// The stream that libtorch computes in on a device; whoever registers the functions defines it.
Stream streamOf(c10::Device device);

LifFunctions lifFunctions();
IntegerFunctions integerFunctions();
ActivationFunctions activationFunctions();
PackedFunctions packedFunctions();

/// From now on the operators run on this type of device.
inline void registerOn(c10::DeviceType type) {
  functionsOn<LifFunctions>(type) = lifFunctions();
  functionsOn<IntegerFunctions>(type) = integerFunctions();
  functionsOn<ActivationFunctions>(type) = activationFunctions();
  functionsOn<PackedFunctions>(type) = packedFunctions();
}

}  // namespace snnseg::cuda
