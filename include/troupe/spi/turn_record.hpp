#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/actor_items.hpp"
#include "troupe/spi/actor_log.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/durable_messages.hpp"

namespace troupe::spi {

/// Identifies one committed state of an actor: how far its turns have come, and which activation wrote it last.
///
/// Two states of an actor never carry the same stamp, not even when the actor was erased and made anew in between
/// (the writer differs), so an equal stamp proves that nothing was written since.
struct commit_stamp {
  std::uint64_t version = 0;  ///< rises with each commit; 0: the actor has no state
  std::uint64_t writer = 0;   ///< random number of the activation that wrote it; 0 with version 0

  friend bool operator==(const commit_stamp&, const commit_stamp&) = default;
};

/// One named cell of an actor's state.
struct cell_image {
  std::string name;          ///< 1 to 64 bytes, `[A-Za-z0-9_.-]`
  std::uint32_t schema = 1;  ///< schema version of `json`, from 1
  std::string json;          ///< one JSON value, UTF-8, valid; empty when a record says `kept`

  /// In a record: the store keeps the cell's JSON and schema as they are; `schema` does not count then. Only for cells
  /// that stand apart in the state before: a store may reject it of others, and what it holds of them may be lost.
  ///
  /// In what a load or a list shows: the cell stands apart. It was large when it was last written, by the limit of the
  /// store that wrote it (`store_limits::large_cell_bytes`), which need not be the limit of this one.
  bool kept = false;

  friend bool operator==(const cell_image&, const cell_image&) = default;
};

/// One durable reminder of an actor.
struct reminder_image {
  std::string name;                     ///< unique within the actor, 1 to 128 bytes
  wall_time due;                        ///< when it fires next
  std::chrono::milliseconds period{0};  ///< 0: fires once
  std::string data;                     ///< one JSON value handed to the handler; "null" when there is none

  /// What the runtime knows of it besides: one JSON value, "null" when there is nothing. A store keeps it as it is.
  std::string plan = "null";

  friend bool operator==(const reminder_image&, const reminder_image&) = default;
};

/// The stored reply of one call that carried an idempotency key.
struct request_image {
  std::string key;    ///< the caller's idempotency key, 1 to 128 bytes, any bytes
  std::string reply;  ///< one JSON value; "null" for a method without result
  wall_time at;       ///< when it was handled

  friend bool operator==(const request_image&, const request_image&) = default;
};

/// When an actor is to be woken next: for a reminder, a durable message or an item that expires; nullopt: for none.
struct wake_change {
  std::optional<wall_time> at{};

  friend bool operator==(const wake_change&, const wake_change&) = default;
};

/// All that one or several turns of one actor changed, to be applied atomically or not at all.
struct turn_record {
  actor_id actor;
  std::uint64_t epoch = 0;  ///< ownership epoch of the writing host; 0 where nobody hands out epochs
  commit_stamp expected;    ///< what the store must hold now; version 0: the actor must not exist
  commit_stamp next;        ///< what it will hold; `next.version > expected.version`
  bool erase = false;       ///< remove the actor with all it has; the fields below are empty

  /// Every cell the actor has after the turn, sorted by name: cells that are not listed are gone.
  std::vector<cell_image> cells;
  bool keeps_cells = false;  ///< the cells stay as they are, and `cells` is empty

  /// Names of cells that stand apart in the state before (`cell_image::kept`) and that are gone, or written as small,
  /// in this one. Drops come before writes; dropping what is not there is no fault.
  std::vector<std::string> cells_dropped{};

  /// Every reminder the actor has after the turn, sorted by name; nullopt: unchanged.
  std::optional<std::vector<reminder_image>> reminders;

  std::vector<std::string> requests_dropped;  ///< keys that leave the window; unknown ones are ignored
  std::vector<request_image> requests_added;  ///< after the drops; their keys are then new to the actor

  std::optional<message_changes> messages{};  ///< nullopt: unchanged

  /// Every log the actor has, sorted by name; nullopt: unchanged.
  std::optional<std::vector<log_changes>> logs{};

  std::optional<item_changes> items{};  ///< nullopt: unchanged

  /// When the actor is to be woken from now on, which is what a scan finds; nullopt: by the earliest of `reminders`
  /// where the record has them, and else as before.
  std::optional<wake_change> wake{};
};

/// Returns the bytes a record counts for against `store_limits::record_bytes_max`: names, keys and JSON of cells,
/// reminders, added replies, messages, log entries and items. Cells that are kept count with their names.
[[nodiscard]] inline std::size_t bytes_of(const turn_record& record) noexcept {
  std::size_t bytes = 0;
  for (const auto& cell : record.cells) bytes += cell.name.size() + cell.json.size();
  if (record.reminders) {
    for (const auto& reminder : *record.reminders) {
      bytes += reminder.name.size() + reminder.data.size() + reminder.plan.size();
    }
  }
  for (const auto& request : record.requests_added) bytes += request.key.size() + request.reply.size();
  if (record.messages) bytes += bytes_of(*record.messages);
  if (record.logs) {
    for (const auto& log : *record.logs) bytes += bytes_of(log);
  }
  return record.items ? bytes + bytes_of(*record.items) : bytes;
}

/// What a store holds of one actor.
struct actor_image {
  actor_id actor;
  std::uint64_t epoch = 0;
  commit_stamp stamp;                     ///< version 0: the store holds nothing of this actor, and the lists are empty
  std::vector<cell_image> cells;          ///< sorted by name
  std::vector<reminder_image> reminders;  ///< sorted by name
  std::vector<request_image> requests;    ///< oldest first
  std::uint64_t stream = 0;               ///< of the outbox; 0: the actor has sent no durable message
  std::vector<message_image> messages{};  ///< the outbox, by sequence
  std::vector<mark_image> marks{};        ///< by sender: type, then key, bytewise
  std::vector<letter_image> letters{};    ///< by id
  std::vector<log_head> logs{};           ///< sorted by name
  std::optional<wall_time> items_expire{};  ///< `item_changes::expire_next` of the latest record that changed items
};

}  // namespace troupe::spi
