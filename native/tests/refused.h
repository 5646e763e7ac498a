// Whether a call of the kernels' interface throws, with words.
#pragma once

#include <stdexcept>

template <typename Call>
bool refused(Call&& call) {
  try {
    call();
    return false;
  } catch (const std::runtime_error& error) {
    return error.what()[0] != '\0';
  }
}
