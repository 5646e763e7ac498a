// Where packed weights and work space come from: the C library, or who snn_use_memory named.
#pragma once

#include <cstddef>

namespace snnseg::sparse {

/// A multiple of 64 bytes aligned to 64; null where there is none.
void* takeMemory(size_t bytes);
/// What takeMemory gave, or null.
void giveMemory(void* memory);

}  // namespace snnseg::sparse
