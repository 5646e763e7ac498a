// Intel's wide instructions in plain C++, for tests: found before the compiler's own header, it lets isa/avx512.cpp and those
// above run on any x86 processor and under the sanitizers. Holds what isa/ uses and nothing else; each function follows the
// operation section of Intel's manual (Software Developer's Manual, volume 2).
#pragma once

#include "avx512.h"
#include "dot-products.h"
#include "matrix-tiles.h"
