// Which instruction set the kernels use: decided here, once, from what the processor and the operating system have and from
// the environment variable SNNSEG_ISA. Everything that is compiled for particular instructions is reached through kernels().
#pragma once

#include "kernels.h"

namespace snnseg::sparse {

/// Levels, lowest first; every level runs all kernels.
enum class Isa {
  portable,    // any processor: vectors of 16 bytes (SSE2)
  neon,        // the same with NEON's instructions, on 64-bit ARM
  avx2,        // AVX2 and FMA
  avx512,      // AVX-512 F, BW, VL, DQ
  avx512Vnni,  // with VNNI's dot products of bytes; of bfloat16 where the processor has them
  amx,         // with matrix tiles
};
constexpr Isa isaLevels[] = {Isa::portable, Isa::neon, Isa::avx2, Isa::avx512, Isa::avx512Vnni, Isa::amx};

/// The level in use. Where SNNSEG_ISA names one that is unknown or that this processor lacks, the highest there is, and
/// isaError() says so.
Isa isa();
/// "portable", "neon", "avx2", "avx512", "avx512-vnni" or "amx".
const char* isaName(Isa isa);
/// Whether this processor has a level.
bool isaAvailable(Isa isa);
/// What is wrong with SNNSEG_ISA, or null.
const char* isaError();

/// Whether the level in use has bfloat16 dot products, without which libtorch emulates bfloat16.
bool isaHasBfloat16();

/// The kernels of the level in use.
const Kernels& kernels();

}  // namespace snnseg::sparse
