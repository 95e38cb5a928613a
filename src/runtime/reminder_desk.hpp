#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "runtime/parts.hpp"
#include "troupe/runtime/reminder_admin.hpp"

/// Reminders of many actors, from outside; see `runtime`. All of these block.
namespace troupe::internal {

[[nodiscard]] reminder_page list_reminders(parts& of, const reminder_filter& filter, std::optional<actor_id> after,
                                           std::size_t limit);
[[nodiscard]] std::uint64_t count_reminders(parts& of, const reminder_filter& filter);

enum class reminder_change : std::uint8_t { cancel, pause, resume };
[[nodiscard]] reminder_report change_reminders(parts& of, const reminder_filter& filter, reminder_change what,
                                               const reminder_change_options& options);

}  // namespace troupe::internal
