#pragma once

#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Whether a record that waits for the store, and the next one of its actor, are within the limits as one record.
[[nodiscard]] bool may_merge(const spi::turn_record& queued, const spi::turn_record& more,
                             const spi::store_limits& limits);

/// Makes one record of both.
void merge_records(spi::turn_record& queued, spi::turn_record&& more);

}  // namespace troupe::internal
