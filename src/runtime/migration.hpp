#pragma once

#include <string_view>

#include "runtime/parts.hpp"
#include "troupe/runtime/migration.hpp"

namespace troupe::internal {

/// As `runtime::migrate`.
[[nodiscard]] migration_report migrate(parts& of, std::string_view type, const migration_options& options);

}  // namespace troupe::internal
