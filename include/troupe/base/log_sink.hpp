#pragma once

#include <functional>
#include <string_view>

namespace troupe {

enum class log_level { debug, info, warning, error };

/// Where the runtime's own log lines go: one call per line, without a line end. Called from any thread, also at the
/// same time; must not throw.
using log_sink = std::function<void(log_level, std::string_view)>;

}  // namespace troupe
