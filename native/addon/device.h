// Devices by their names in JavaScript: `cpu`, `cuda`, `cuda:N`.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace snnseg {

/// What `cuda` stands for.
struct Gpu {
  c10::DeviceType type;
  /// How many of them this libtorch can use here.
  int (*count)();
  /// What no other GPU is called, on any machine; empty where nobody says.
  std::string (*identity)(int index) = nullptr;
};

/// Tests on machines without a GPU put another in its place (native/tests/stand-in-gpu).
Gpu& gpu();

/// @throws std::invalid_argument for a name that is none, or a device that is not there
c10::Device deviceNamed(const std::string& name);

/// `cpu`, `cuda:0` and so on.
std::string nameOf(c10::Device device);

}  // namespace snnseg
