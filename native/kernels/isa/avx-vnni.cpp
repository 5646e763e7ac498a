// AVX2 with dot products of bytes (Intel from Alder Lake on, Zen 5).
#if defined(__x86_64__)
#define SNN_VECTOR_BYTES 32
#define SNN_KERNELS avxVnniKernels
#include "tile-kernels.inc"
#endif
