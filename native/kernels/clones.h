// Runtime dispatch of plain loops: on x86 Linux with GCC the compiler makes one version per vector width and the
// loader picks the widest that the processor has; elsewhere the baseline version serves.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define SNNSEG_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SNNSEG_CLONES
#endif
