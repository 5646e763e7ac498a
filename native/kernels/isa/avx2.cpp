#if defined(__x86_64__)
#define SNN_VECTOR_BYTES 32
#define SNN_KERNELS avx2Kernels
#include "all-kernels.inc"
#endif
