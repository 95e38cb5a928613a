#pragma once

#include <cstddef>
#include <memory>

#include "troupe/stores/postgres.hpp"

namespace troupe::internal {

/// Opens a store as `stores::postgres_store` does, with `pg_layout::part_rows` as given, at least 1.
[[nodiscard]] std::shared_ptr<spi::state_store> postgres_store_of_parts(const stores::postgres_options& options,
                                                                        std::size_t part_rows);

}  // namespace troupe::internal
