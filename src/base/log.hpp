#pragma once

#include "troupe/base/log_sink.hpp"

namespace troupe::internal {

/// A sink that writes to standard error through spdlog, one line per event, with time and level. Each call makes a
/// logger of its own: nothing is registered globally.
[[nodiscard]] log_sink standard_error_log();

}  // namespace troupe::internal
