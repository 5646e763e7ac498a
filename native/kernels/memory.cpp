#include "memory.h"

#include <cstdlib>

#include "snn.h"

namespace snnseg::sparse {
namespace {

void* takeOfLibrary(size_t bytes) { return std::aligned_alloc(64, bytes); }

struct {
  void* (*take)(size_t) = takeOfLibrary;
  void (*give)(void*) = std::free;
} memorySource;

}  // namespace

void* takeMemory(size_t bytes) { return memorySource.take(bytes); }

void giveMemory(void* memory) {
  if (memory) memorySource.give(memory);
}

}  // namespace snnseg::sparse

void snn_use_memory(void* (*take)(size_t), void (*give)(void*)) { snnseg::sparse::memorySource = {take, give}; }
