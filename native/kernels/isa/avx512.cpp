#if defined(__x86_64__)
#define SNN_VECTOR_BYTES 64
#define SNN_KERNELS avx512Kernels
#include "all-kernels.inc"
#endif
