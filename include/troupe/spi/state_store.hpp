#pragma once

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
#include "troupe/spi/turn_record.hpp"

namespace troupe::spi {

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

/// An actor that is to be woken, and when: for its earliest reminder, or as `turn_record::wake` says.
struct due_actor {
  actor_id actor;
  wall_time due;

  friend bool operator==(const due_actor&, const due_actor&) = default;
};

struct due_query {
  wall_time until;  ///< only actors that are due at or before this
  std::optional<due_actor>
      after;                 ///< continue behind this one, which need not exist; with an empty actor: from `due` on
  std::size_t limit = 1000;  ///< 1 to 10,000
};

struct due_result {
  read_status status = read_status::unavailable;
  std::string message;
  std::vector<due_actor> actors;  ///< by due time, then type, then key; fewer than `limit`: the last page
};

struct log_result {
  read_status status = read_status::unavailable;
  std::string message;
  std::vector<log_entry_image> entries;  ///< those of the range that the log has, without a gap, in the order asked for
};

struct item_result {
  read_status status = read_status::unavailable;
  std::string message;
  std::vector<item_image> items;  ///< by key, bytewise
  bool more = false;              ///< there are others behind the last one
};

struct lease_result {
  read_status status = read_status::unavailable;
  std::string message;
  std::uint64_t epoch = 0;  ///< of the lease taken: one more than the one before it
};

/// What a store can do beyond what every store must.
struct store_capabilities {
  /// `async_take_lease` works. Else it completes as unavailable and says so.
  bool host_leases = false;

  /// A list and a scan show every commit that was reported before they began. Else they may lag behind for a while.
  bool consistent_scans = false;

  /// What was committed survives the process.
  bool durable = false;
};

/// Sizes past which a store rejects a record (`commit_status::rejected`, the message names actor, size and limit).
struct store_limits {
  std::size_t record_bytes_max = 16U << 20U;  ///< of one record, as `bytes_of` counts
  std::size_t batch_records_max = 512;        ///< records per `async_commit`, keys per `async_load`

  /// Cells whose JSON has at least this many bytes are *large*: a record that writes one makes it stand apart, so that
  /// a turn which does not change it does not write it (`cell_image::kept`). 0: every cell is. The stores of one place
  /// may differ here: a cell stays where it is until a record writes it anew.
  std::size_t large_cell_bytes = 4096;
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

  [[nodiscard]] virtual store_capabilities capabilities() const noexcept = 0;

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

  /// Reads a part of a log. An actor or a log that is not there has no entries. The page ends at `limit`, at the end of
  /// the range, or before the entry with which it would pass `bytes_max`; one entry is in it all the same.
  virtual void async_read_log(log_query query, std::function<void(log_result)> done) = 0;

  /// Reads items of an actor, those that have expired too. What is not there is left out.
  virtual void async_read_items(item_query query, std::function<void(item_result)> done) = 0;

  /// Takes the lease named `host` (1 to 128 bytes): raises its epoch and lets this object hold it. From then on each
  /// batch that this object commits is checked against the lease in the atomic step that writes: once somebody else has
  /// taken it, every record is a conflict, and the message names the lease. So the host of a process that is thought to
  /// be dead is shut out with one write.
  virtual void async_take_lease(std::string host, std::function<void(lease_result)> done) = 0;

  /// Finishes what was begun, then releases files and connections. Later operations complete as unavailable.
  /// Idempotent.
  virtual void close() = 0;
};

}  // namespace troupe::spi
