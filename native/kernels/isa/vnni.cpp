// AVX-512 with dot products of bytes.
#if defined(__x86_64__)
#define SNN_VECTOR_BYTES 64
#define SNN_KERNELS vnniKernels
#include "tile-kernels.inc"
#endif
