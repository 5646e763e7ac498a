// Devices by their names in JavaScript: `cpu`, `cuda`, `cuda:N`.
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/Device.h>

#include <optional>
#include <string>

#include "tensor-memory.h"

namespace snnseg {

/// What `cuda` stands for.
struct Gpu {
  c10::DeviceType type;
  /// How many of them this libtorch can use here.
  int (*count)();
  /// What no other GPU is called, on any machine; empty where nobody says.
  std::string (*identity)(int index);
  /// One that draws on the device itself.
  at::Generator (*generator)(c10::Device device, uint64_t seed);
  /// Nothing where this libtorch does not tell.
  std::optional<TensorMemory> (*memory)(c10::Device device);
  /// Starts a new measurement of the peak, where there is one.
  void (*resetMemoryPeak)(c10::Device device);
};

/// Tests on machines without a GPU put another in its place (native/tests/stand-in-gpu).
Gpu& gpu();

/// @throws std::invalid_argument for a name that is none, or a device that is not there
c10::Device deviceNamed(const std::string& name);

/// `cpu`, `cuda:0` and so on.
std::string nameOf(c10::Device device);

}  // namespace snnseg
