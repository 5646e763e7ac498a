// Whether an operator may write over a gradient that comes in.
#pragma once

#include <ATen/ATen.h>

namespace snnseg {

/// Whether nobody but the backward pass holds this gradient, one of those that a custom function's backward() was given: neither the
/// caller of backward(), nor a hook, nor a view. Ask before making further handles on it.
bool ownsGradient(const at::Tensor& gradient);

}  // namespace snnseg
