#include "dispatch.h"

#include <cstdlib>
#include <cstring>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace snnseg::sparse {

extern const Kernels portableKernels;  // with NEON's instructions on ARM
#if defined(__x86_64__)
extern const Kernels avx2Kernels, avx512Kernels;
extern const Kernels avxVnniKernels;   // AVX2 with dot products of bytes
extern const Kernels vnniKernels;      // AVX-512 with dot products of bytes
extern const Kernels vnniBf16Kernels;  // and of bfloat16
extern const Kernels vbmi2Kernels;     // lists by compressing bytes
extern const Kernels amxKernels;
#endif

namespace {

struct Features {
  bool avx2 = false, avxVnni = false, avx512 = false, vnni = false, bf16 = false, bf16Pays = false, vbmi2 = false, amx = false;
};

#if defined(__x86_64__)
/// Whether the operating system saves the registers that `mask` names.
bool saves(unsigned mask) {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & mask) == mask;
}

// AMX needs, since its state is large, the kernel's leave (once per process).
bool tilesAllowed() {
#if defined(__linux__)
  constexpr long requestPermission = 0x1023, tileData = 18;
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
#else
  return false;
#endif
}

/// Intel's start a dot product of bfloat16 pairs every second cycle only, and two multiply-adds of float32 every cycle (measured on Sapphire
/// Rapids); AMD's one of either every cycle.
bool isIntel() {
  unsigned a, b, c, d;
  return __get_cpuid(0, &a, &b, &c, &d) && b == signature_INTEL_ebx;
}

Features find() {
  Features f;
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return f;
  const bool fma = c & (1u << 12), popcnt = c & (1u << 23), osSaves = c & (1u << 27);
  constexpr unsigned ymm = 0x6, zmm = 0xe6, tiles = 0x60000;
  if (!osSaves || !saves(ymm) || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return f;
  const unsigned b7 = b, c7 = c, d7 = d;
  f.avx2 = fma && popcnt && (b7 & (1u << 5));
  f.avxVnni = f.avx2 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1u << 4));
  const bool foundation = b7 & (1u << 16), dq = b7 & (1u << 17), bw = b7 & (1u << 30), vl = b7 & (1u << 31);
  f.avx512 = f.avx2 && foundation && dq && bw && vl && saves(zmm);
  if (!f.avx512) return f;
  f.vnni = c7 & (1u << 11);
  f.vbmi2 = c7 & (1u << 6);
  const bool more = __get_cpuid_count(7, 1, &a, &b, &c, &d);
  f.bf16 = f.vnni && more && (a & (1u << 5));
  const bool amx = (d7 & (1u << 24)) && (d7 & (1u << 25)) && (d7 & (1u << 22));
  f.bf16Pays = f.bf16 && !isIntel();
  f.amx = f.bf16 && amx && saves(tiles) && tilesAllowed();
  return f;
}
#else
Features find() { return {}; }
#endif

#if defined(SNNSEG_STAND_IN)
/// In tests that compile the levels above AVX2 with a stand-in for their instructions, every processor has them.
Features withStandIn(Features f) {
  f.avxVnni = f.avx512 = f.vnni = true;
  f.bf16 = f.bf16Pays = f.vbmi2 = f.amx = !std::getenv("SNNSEG_STAND_IN_WITHOUT_BF16");
  return f;
}
#else
Features withStandIn(Features f) { return f; }
#endif

const Features& features() {
  static const Features found = withStandIn(find());
  return found;
}

struct Choice {
  Isa isa;
  std::string error;
};

std::string availableNames() {
  std::string names;
  for (Isa level : isaLevels) {
    if (isaAvailable(level)) names += std::string(names.empty() ? "" : ", ") + isaName(level);
  }
  return names;
}

Choice choose() {
  Choice choice{Isa::portable, ""};
  for (Isa level : isaLevels) {
    if (isaAvailable(level)) choice.isa = level;
  }
  const char* wanted = std::getenv("SNNSEG_ISA");
  if (!wanted || !*wanted) return choice;
  for (Isa level : isaLevels) {
    if (isaAvailable(level) && std::strcmp(wanted, isaName(level)) == 0) return {level, ""};
  }
  choice.error = "SNNSEG_ISA: expected an instruction set that this processor has (" + availableNames() + "), received " + wanted +
                 "; unset it to use " + isaName(choice.isa);
  return choice;
}

const Choice& choice() {
  static const Choice made = choose();
  return made;
}

#if defined(__x86_64__)
/// Entries of `above`, and those of `below` where it has none.
Kernels over(const Kernels& below, const Kernels& above) {
  using Entry = void (*)();
  static_assert(sizeof(Kernels) % sizeof(Entry) == 0, "a table of pointers to functions");
  Entry entries[sizeof(Kernels) / sizeof(Entry)], more[sizeof(Kernels) / sizeof(Entry)];
  std::memcpy(entries, &below, sizeof entries);
  std::memcpy(more, &above, sizeof more);
  for (size_t i = 0; i < sizeof(Kernels) / sizeof(Entry); i++) {
    if (more[i]) entries[i] = more[i];
  }
  Kernels result;
  std::memcpy(&result, entries, sizeof result);
  return result;
}
#endif

Kernels tableOf(Isa level) {
#if defined(__x86_64__)
  if (level == Isa::avx2) return features().avxVnni ? over(avx2Kernels, avxVnniKernels) : avx2Kernels;
  Kernels table = avx512Kernels;
  if (level == Isa::avx512) return table;
  if (level >= Isa::avx512Vnni) {
    if (features().vbmi2) table = over(table, vbmi2Kernels);
    table = over(table, features().bf16Pays ? vnniBf16Kernels : vnniKernels);
    return level == Isa::amx ? over(table, amxKernels) : table;
  }
#endif
  return portableKernels;
}

}  // namespace

const char* isaName(Isa isa) {
  switch (isa) {
    case Isa::neon: return "neon";
    case Isa::avx2: return "avx2";
    case Isa::avx512: return "avx512";
    case Isa::avx512Vnni: return "avx512-vnni";
    case Isa::amx: return "amx";
    default: return "portable";
  }
}

bool isaAvailable(Isa isa) {
  switch (isa) {
    case Isa::neon:
#if defined(__aarch64__)
      return true;
#else
      return false;
#endif
    case Isa::avx2: return features().avx2;
    case Isa::avx512: return features().avx512;
    case Isa::avx512Vnni: return features().vnni;
    case Isa::amx: return features().amx;
    default: return true;
  }
}

bool isaHasBfloat16() { return isa() >= Isa::avx512Vnni && features().bf16; }

Isa isa() { return choice().isa; }
const char* isaError() { return choice().error.empty() ? nullptr : choice().error.c_str(); }

const Kernels& kernels() {
  static const Kernels table = tableOf(isa());
  return table;
}

}  // namespace snnseg::sparse
