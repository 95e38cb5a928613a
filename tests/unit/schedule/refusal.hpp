#pragma once

#include <string>

#include "troupe/base/error.hpp"

namespace troupe {

/// The message with which `call` refuses its argument; "nothing" when it does not.
template <class Call>
std::string refusal(Call call) {
  try {
    static_cast<void>(call());
  } catch (const error& refused) {
    return refused.kind() == errc::invalid_argument ? refused.what() : std::string("another code: ") + refused.what();
  }
  return "nothing";
}

}  // namespace troupe
