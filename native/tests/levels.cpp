// Prints the instruction sets, one a line: "avx2 has" or "amx lacks".
#include <cstdio>

#include "kernels/snn.h"

int main() {
  for (int level = 0; snn_isa_level(level); level++) std::printf("%s %s\n", snn_isa_level(level), snn_isa_available(level) ? "has" : "lacks");
}
