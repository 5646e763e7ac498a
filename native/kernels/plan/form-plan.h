// Which form serves a layer best on a level: the one place that knows.
#pragma once

#include "kernels/dispatch.h"

namespace snnseg::sparse {

struct FormPlan {
  snn_form form;
  const char* reason;  // the end of a sentence "computed by ..., because ..."
};

FormPlan planForm(const snn_geometry& geometry, snn_purpose purpose, Isa isa);

/// Of a gather whose weights are integers.
int highestGatherWeight(snn_form form);
/// Whether 32 bits hold every sum of such a gather.
bool gatherFits(const snn_geometry& geometry, snn_form form);

/// Whether a weight gradient adds up the output gradients of set bits, instead of multiplying all. By the level alone: the two differ
/// in the order of their sums.
bool gradientFromBits(const snn_geometry& geometry, Isa isa);

/// Whether training is faster in the reduced precision than in fp32 (spiking: on bits; else: gradients in bfloat16), and why.
struct TrainingPlan {
  bool fast;
  const char* reason;
};

TrainingPlan planTraining(bool spiking, Isa isa);

}  // namespace snnseg::sparse
