#pragma once

#include <string_view>

#include "troupe/runtime/runtime_options.hpp"

namespace troupe {

/// Returns the options of a runtime that logs nothing.
[[nodiscard]] inline runtime_options quiet(runtime_options options = {}) {
  options.log = [](log_level, std::string_view) {};
  return options;
}

}  // namespace troupe
