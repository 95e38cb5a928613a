#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/durable_messages.hpp"

namespace troupe::spi {

/// Identifies one committed state of an actor: how many turns made it, and which activation wrote it last.
///
/// Two states of an actor never carry the same stamp, not even when the actor was erased and made anew in between
/// (the writer differs), so an equal stamp proves that nothing was written since.
struct commit_stamp {
  std::uint64_t version = 0;  ///< turns committed since the actor exists; 0: the actor has no state
  std::uint64_t writer = 0;   ///< random number of the activation that wrote it; 0 with version 0

  friend bool operator==(const commit_stamp&, const commit_stamp&) = default;
};

/// One named cell of an actor's state.
struct cell_image {
  std::string name;          ///< 1 to 64 bytes, `[A-Za-z0-9_.-]`
  std::uint32_t schema = 1;  ///< schema version of `json`, from 1
  std::string json;          ///< one JSON value, UTF-8, valid

  friend bool operator==(const cell_image&, const cell_image&) = default;
};

/// One durable reminder of an actor.
struct reminder_image {
  std::string name;                     ///< unique within the actor, 1 to 128 bytes
  wall_time due;                        ///< when it fires next
  std::chrono::milliseconds period{0};  ///< 0: fires once
  std::string data;                     ///< one JSON value handed to the handler; "null" when there is none

  friend bool operator==(const reminder_image&, const reminder_image&) = default;
};

/// The stored reply of one call that carried an idempotency key.
struct request_image {
  std::string key;    ///< the caller's idempotency key, 1 to 128 bytes, any bytes
  std::string reply;  ///< one JSON value; "null" for a method without result
  wall_time at;       ///< when it was handled

  friend bool operator==(const request_image&, const request_image&) = default;
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

  /// Every reminder the actor has after the turn, sorted by name; nullopt: unchanged.
  std::optional<std::vector<reminder_image>> reminders;

  std::vector<std::string> requests_dropped;  ///< keys that leave the window; unknown ones are ignored
  std::vector<request_image> requests_added;  ///< after the drops; their keys are then new to the actor

  std::optional<message_changes> messages{};  ///< nullopt: unchanged
};

/// Returns the bytes a record counts for against `store_limits::record_bytes_max`: names, keys and JSON of cells,
/// reminders, added replies and messages.
[[nodiscard]] inline std::size_t bytes_of(const turn_record& record) noexcept {
  std::size_t bytes = 0;
  for (const auto& cell : record.cells) bytes += cell.name.size() + cell.json.size();
  if (record.reminders) {
    for (const auto& reminder : *record.reminders) bytes += reminder.name.size() + reminder.data.size();
  }
  for (const auto& request : record.requests_added) bytes += request.key.size() + request.reply.size();
  return record.messages ? bytes + bytes_of(*record.messages) : bytes;
}

enum class commit_status {
  committed,    ///< applied and durable, now or by an earlier attempt with the same record
  conflict,     ///< not applied: the stamp differs from `expected`, or a higher epoch was seen
  rejected,     ///< not applied, and never will be: too large, not storable
  unavailable,  ///< certainly not applied; trying again may help
  unknown,      ///< may or may not be applied; committing the same record again tells
};

struct commit_result {
  commit_status status = commit_status::unknown;
  std::string message;  ///< for people; empty when committed
};

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
};

enum class read_status {
  ok,           ///< the image is what the store holds (perhaps nothing)
  damaged,      ///< what is stored cannot be read; `message` says where
  unavailable,  ///< the store did not answer; trying again may help
};

struct load_result {
  read_status status = read_status::unavailable;
  std::string message;  ///< for people; empty when ok
  actor_image image;
};

/// One page of stored actors.
struct list_query {
  std::string type;               ///< only this type; empty: every type
  std::string key_prefix;         ///< only keys that begin so
  std::optional<actor_id> after;  ///< continue behind this one
  std::size_t limit = 1000;       ///< 1 to 10,000
};

struct list_result {
  read_status status = read_status::unavailable;
  std::string message;
  std::vector<actor_image> actors;  ///< by type, then key, bytewise; fewer than `limit`: the last page
};

/// An actor that is to be woken, and when: for its earliest reminder, or as `message_changes::due` says.
struct due_actor {
  actor_id actor;
  wall_time due;

  friend bool operator==(const due_actor&, const due_actor&) = default;
};

struct due_query {
  wall_time until;                 ///< only actors that are due at or before this
  std::optional<due_actor> after;  ///< continue behind this one
  std::size_t limit = 1000;        ///< 1 to 10,000
};

struct due_result {
  read_status status = read_status::unavailable;
  std::string message;
  std::vector<due_actor> actors;  ///< by due time, then type, then key; fewer than `limit`: the last page
};

/// Sizes past which a store rejects a record (`commit_status::rejected`, the message names actor, size and limit).
struct store_limits {
  std::size_t record_bytes_max = 16U << 20U;  ///< all cells, reminders, added replies and messages of one record
  std::size_t batch_records_max = 512;        ///< records per `async_commit`, keys per `async_load`
};

/// Keeps actors: the one interface every store driver implements, and the contract suite pins.
///
/// Every operation is asynchronous and completes exactly once by calling `done`, from any thread and possibly before
/// the call returns; `done` must not throw. No two records of one batch name the same actor; actors of two batches
/// under way at once may overlap, and each record then meets the stamp the other left.
///
/// A commit is *idempotent*: a record whose `next` stamp is what the store already holds is reported as committed
/// without being applied again, whatever its epoch, so a lost answer is settled by committing the same record once
/// more. An erasure leaves no stamp behind, so a store remembers those of its latest erasures (65,536 in the drivers
/// here): the same one repeated is committed, another one of an absent actor is a conflict.
///
/// A record that breaks a rule stated here (text that is not JSON, unsorted or repeated names, a length) is rejected.
///
/// A batch is not a transaction: each record is applied or refused by itself.
///
/// Thread-safety: any thread. Lifetime: `close` before destruction; arguments passed by span stay valid until `done`.
class state_store {
 public:
  virtual ~state_store() = default;

  /// The driver's name for people and metrics, e.g. "sqlite".
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  [[nodiscard]] virtual store_limits limits() const noexcept = 0;

  /// Reads actors; results come in the order of `actors`.
  virtual void async_load(std::span<const actor_id> actors, std::function<void(std::vector<load_result>)> done) = 0;

  /// Applies records, each atomically and only if its `expected` stamp matches; results come in the order of `records`.
  virtual void async_commit(std::span<const turn_record> records,
                            std::function<void(std::vector<commit_result>)> done) = 0;

  /// Lists stored actors with stamp, epoch, cells and reminders. With a damaged row among them the status is `damaged`,
  /// the message names it, and the page is complete all the same: a damaged actor is in it with stamp version 0.
  virtual void async_list(list_query query, std::function<void(list_result)> done) = 0;

  /// Lists actors that are to be woken.
  virtual void async_scan_due(due_query query, std::function<void(due_result)> done) = 0;

  /// Finishes what was begun, then releases files and connections. Later operations complete as unavailable.
  /// Idempotent.
  virtual void close() = 0;
};

}  // namespace troupe::spi
