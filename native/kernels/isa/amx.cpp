// Matrix tiles.
#if defined(__x86_64__)
#define SNN_VECTOR_BYTES 64
#define SNN_AMX
#define SNN_KERNELS amxKernels
#include "tile-kernels.inc"
#endif
