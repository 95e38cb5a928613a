#pragma once

#include <cstddef>

#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// Most entries of a record, as `entries_of` counts: what every driver can send in one step.
inline constexpr std::size_t record_entries_max = 50'000;

/// Returns how many replies, reminders, messages, marks, dead letters, log entries and items a record adds or takes
/// away.
[[nodiscard]] std::size_t entries_of(const spi::turn_record& record) noexcept;

/// Whether a record that waits for the store, and the next one of its actor, are within the limits as one record.
[[nodiscard]] bool may_merge(const spi::turn_record& queued, const spi::turn_record& more,
                             const spi::store_limits& limits);

/// Makes one record of both.
void merge_records(spi::turn_record& queued, spi::turn_record&& more);

}  // namespace troupe::internal
