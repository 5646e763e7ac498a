#define SNN_VECTOR_BYTES 16
#define SNN_KERNELS gatherPortable
#include "gather-kernel.inc"
