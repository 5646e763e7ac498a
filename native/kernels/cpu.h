// What this processor and operating system can run, found once at first use.
#pragma once

namespace snnseg::sparse {

enum class Isa { portable, avx2, avx512, amx };

/// The widest usable instruction set; the environment variable SNNSEG_ISA (portable, avx2, avx512) lowers it for tests.
Isa detectedIsa();

}  // namespace snnseg::sparse
