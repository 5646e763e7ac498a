// The instruction set that a test runs on: SNNSEG_ISA's, and no other.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernels/snn.h"

/// Ends the program where SNNSEG_ISA names a level that this processor lacks (77, which ctest counts as skipped) or none (2).
inline void requireLevel() {
  const char* error = snn_isa_error();
  if (!error) return;
  std::printf("%s\n", error);
  const char* wanted = std::getenv("SNNSEG_ISA");
  for (int level = 0; snn_isa_level(level); level++) {
    if (std::strcmp(wanted, snn_isa_level(level)) == 0) std::exit(77);
  }
  std::exit(2);
}
