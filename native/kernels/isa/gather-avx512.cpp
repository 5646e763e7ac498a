#if defined(__x86_64__)
#define SNN_VECTOR_BYTES 64
#define SNN_KERNELS gatherAvx512
#include "gather-kernel.inc"
#endif
