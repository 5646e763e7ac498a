// The level that every processor has: vectors of 16 bytes, which the compiler makes of SSE2 or NEON.
#define SNN_VECTOR_BYTES 16
#define SNN_KERNELS portableKernels
#include "all-kernels.inc"
