// The table of live tensors. JavaScript holds 64-bit handles (BigInt), never pointers: a stale or invented
// handle is found out by its generation and becomes an error, not a crash.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace snnseg {

class StaleHandle : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class TensorTable {
 public:
  uint64_t add(at::Tensor tensor) {
    uint32_t index;
    if (free_.empty()) {
      index = static_cast<uint32_t>(slots_.size());
      slots_.push_back(Slot{});
    } else {
      index = free_.back();
      free_.pop_back();
    }
    Slot& slot = slots_[index];
    slot.tensor = std::move(tensor);
    slot.live = true;
    return (static_cast<uint64_t>(slot.generation) << 32) | index;
  }

  const at::Tensor& get(uint64_t handle) const {
    const uint32_t index = static_cast<uint32_t>(handle);
    const uint32_t generation = static_cast<uint32_t>(handle >> 32);
    if (index >= slots_.size() || !slots_[index].live || slots_[index].generation != generation) {
      throw StaleHandle("tensor: expected a live tensor, received one that was freed");
    }
    return slots_[index].tensor;
  }

  // Freeing twice is harmless, as scopes and finalizers may both reach the same handle.
  void remove(uint64_t handle) {
    const uint32_t index = static_cast<uint32_t>(handle);
    const uint32_t generation = static_cast<uint32_t>(handle >> 32);
    if (index >= slots_.size() || !slots_[index].live || slots_[index].generation != generation) return;
    Slot& slot = slots_[index];
    slot.tensor = at::Tensor();
    slot.live = false;
    slot.generation++;
    free_.push_back(index);
  }

  size_t live() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    at::Tensor tensor;
    uint32_t generation = 1;
    bool live = false;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

}  // namespace snnseg
