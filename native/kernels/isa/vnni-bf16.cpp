// AVX-512 with dot products of bytes and of bfloat16.
#if defined(__x86_64__)
#define SNN_VECTOR_BYTES 64
#define SNN_KERNELS vnniBf16Kernels
#include "tile-kernels.inc"
#endif
