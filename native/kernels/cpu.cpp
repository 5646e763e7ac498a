#include "cpu.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace snnseg::sparse {
namespace {

#if defined(__x86_64__) && defined(__linux__)
// AMX needs the processor's bits and, since its state is large, the kernel's leave (once per process). The tile kernels also
// use vectors of bf16 and of bit counts.
bool amxUsable() {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const bool tiles = d & (1u << 24), int8 = d & (1u << 25), bf16 = d & (1u << 22), bitCounts = c & (1u << 14);
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d)) return false;
  const bool vectorBf16 = a & (1u << 5);
  constexpr long requestPermission = 0x1023, tileData = 18;
  return tiles && int8 && bf16 && bitCounts && vectorBf16 && syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}
#else
bool amxUsable() { return false; }
#endif

Isa widest() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (avx512) return amxUsable() ? Isa::amx : Isa::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
#endif
  return Isa::portable;
}

Isa allowed() {
  const char* name = std::getenv("SNNSEG_ISA");
  const std::string wanted = name ? name : "";
  if (wanted == "portable") return Isa::portable;
  if (wanted == "avx2") return Isa::avx2;
  if (wanted == "avx512") return Isa::avx512;
  return Isa::amx;
}

}  // namespace

Isa detectedIsa() {
  static const Isa isa = std::min(widest(), allowed());
  return isa;
}

}  // namespace snnseg::sparse
