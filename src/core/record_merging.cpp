#include "core/record_merging.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/append.hpp"
#include "core/mail.hpp"

namespace troupe::internal {
namespace {

auto* find_cell(auto& cells, std::string_view name) {
  const auto found = std::find_if(cells.begin(), cells.end(), [&](const auto& cell) { return cell.name == name; });
  return found == cells.end() ? nullptr : &*found;
}

/// Bytes of the cells of `queued` that stay in the merged record.
std::size_t bytes_of_cells_that_stay(const spi::turn_record& queued, const spi::turn_record& more) {
  std::size_t bytes = 0;
  if (more.keeps_cells) {
    for (const auto& cell : queued.cells) bytes += cell.name.size() + cell.json.size();
    return bytes;
  }
  for (const auto& cell : more.cells) {
    if (const auto* before = cell.kept ? find_cell(queued.cells, cell.name) : nullptr) bytes += before->json.size();
  }
  return bytes;
}

void merge_cells(spi::turn_record& queued, spi::turn_record& more) {
  append(queued.cells_dropped, std::move(more.cells_dropped));
  if (more.keeps_cells) return;
  for (auto& cell : more.cells) {
    // The store does not have yet what is to be kept: it is in the record that waits.
    if (auto* before = cell.kept ? find_cell(queued.cells, cell.name) : nullptr) cell = std::move(*before);
  }
  queued.cells = std::move(more.cells);
  queued.keeps_cells = false;
}

void merge_log(spi::log_changes& queued, spi::log_changes&& more) {
  queued.head = std::move(more.head);
  append(queued.added, std::move(more.added));
  std::erase_if(queued.added, [&](const auto& entry) { return entry.sequence < queued.head.first; });
}

/// Every list has every log of its actor, and a log never goes away but with its actor.
void merge_logs(std::vector<spi::log_changes>& queued, std::vector<spi::log_changes>&& more) {
  for (spi::log_changes& log : more) {
    const auto same = std::find_if(queued.begin(), queued.end(),
                                   [&](const auto& before) { return before.head.name == log.head.name; });
    if (same == queued.end()) continue;
    merge_log(*same, std::move(log));
    log = std::move(*same);
  }
  queued = std::move(more);
}

void merge_items(spi::item_changes& queued, spi::item_changes&& more) {
  if (more.erase_all) {
    queued = std::move(more);
    return;
  }
  std::unordered_set<std::string_view> replaced(more.erased.begin(), more.erased.end());
  for (const spi::item_image& item : more.set) replaced.insert(item.key);
  if (!replaced.empty()) std::erase_if(queued.set, [&](const auto& item) { return replaced.contains(item.key); });
  if (!queued.erase_all) append(queued.erased, std::move(more.erased));
  append(queued.set, std::move(more.set));
  queued.expire_next = more.expire_next;
}

/// When the actor is to be woken after both; nullopt: the records leave it to the reminders, or do not change it.
std::optional<spi::wake_change> merged_wake(const spi::turn_record& queued, const spi::turn_record& more) {
  if (more.wake || !more.reminders || !queued.wake) return more.wake || more.reminders ? more.wake : queued.wake;
  spi::wake_change wake;
  for (const auto& reminder : *more.reminders) wake.at = std::min(wake.at.value_or(reminder.due), reminder.due);
  return wake;
}

template <class T, class Merge>
void merge_optional(std::optional<T>& queued, std::optional<T>&& more, Merge merge) {
  if (queued && more) {
    merge(*queued, *std::move(more));
  } else if (more) {
    queued = std::move(more);
  }
}

}  // namespace

std::size_t entries_of(const spi::turn_record& record) noexcept {
  std::size_t count = record.requests_added.size() + record.requests_dropped.size();
  if (record.reminders) count += record.reminders->size();
  if (const auto& messages = record.messages) {
    count += messages->sent_added.size() + messages->sent_dropped.size() + messages->marks_set.size() +
             messages->marks_dropped.size() + messages->letters_added.size() + messages->letters_dropped.size();
  }
  if (record.logs) {
    for (const auto& log : *record.logs) count += log.added.size();
  }
  if (record.items) count += record.items->set.size() + record.items->erased.size();
  return count;
}

bool may_merge(const spi::turn_record& queued, const spi::turn_record& more, const spi::store_limits& limits) {
  std::size_t bytes = spi::bytes_of(more) + bytes_of_cells_that_stay(queued, more);
  for (const auto& request : queued.requests_added) bytes += request.key.size() + request.reply.size();
  if (queued.reminders && !more.reminders) {
    for (const auto& reminder : *queued.reminders) bytes += reminder.name.size() + reminder.data.size();
  }
  if (queued.messages) bytes += spi::bytes_of(*queued.messages);
  if (queued.logs) {
    for (const auto& log : *queued.logs) bytes += spi::bytes_of(log);
  }
  if (queued.items) bytes += spi::bytes_of(*queued.items);
  return bytes <= limits.record_bytes_max && entries_of(queued) + entries_of(more) <= record_entries_max;
}

void merge_records(spi::turn_record& queued, spi::turn_record&& more) {
  queued.next = more.next;
  if (more.erase) {
    more.expected = queued.expected;
    queued = std::move(more);
    return;
  }
  queued.wake = merged_wake(queued, more);
  merge_cells(queued, more);
  if (more.reminders) queued.reminders = std::move(more.reminders);
  merge_optional(queued.messages, std::move(more.messages), merge_changes);
  merge_optional(queued.logs, std::move(more.logs), merge_logs);
  merge_optional(queued.items, std::move(more.items), merge_items);
  // A key that came and went while the record waited never reaches the store; one that it replaces itself stays.
  std::erase_if(queued.requests_added, [&](const auto& added) {
    return std::find(more.requests_dropped.begin(), more.requests_dropped.end(), added.key) !=
           more.requests_dropped.end();
  });
  append(queued.requests_dropped, std::move(more.requests_dropped));
  append(queued.requests_added, std::move(more.requests_added));
}

}  // namespace troupe::internal
