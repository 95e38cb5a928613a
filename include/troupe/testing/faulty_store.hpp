#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "troupe/spi/state_store.hpp"

namespace troupe::testing {

enum class store_operation { load, commit, list, scan_due, read_log, read_items };

/// The operation a fault is to be chosen for. The spans are valid during the call only.
struct operation_info {
  store_operation kind{};
  std::uint64_t number = 0;                   ///< operations of every kind before this one
  std::uint64_t number_of_kind = 0;           ///< operations of its kind before this one
  std::span<const actor_id> actors;           ///< a load's
  std::span<const spi::turn_record> records;  ///< a commit's
};

/// What happens to one operation. The default is that nothing does.
struct fault {
  enum class outcome {
    none,         ///< what the store beneath says
    unavailable,  ///< not applied, reported as unavailable
    conflict,     ///< not applied, reported as conflict; a read: unavailable
    lost_answer,  ///< applied, reported as unknown; a read: unavailable
    lost_call,    ///< not applied, reported as unknown; a read: unavailable
  };
  enum class hold {
    no,
    before,  ///< the operation waits for its release before it reaches the store beneath
    after,   ///< the operation takes place, and its report waits for its release
  };

  outcome what = outcome::none;
  hold when = hold::no;

  /// Which actors of a batch `what` befalls; empty: all of them. The others fare as the store beneath says.
  std::function<bool(const actor_id&)> only{};
};

/// Chooses the fault of an operation. Called for one operation at a time, in the order in which they arrive.
using fault_plan = std::function<fault(const operation_info&)>;

/// How often out of 1,000 operations each fault befalls one; the rest is left alone.
struct fault_rates {
  unsigned unavailable = 0;
  unsigned conflict = 0;
  unsigned lost_answer = 0;
  unsigned lost_call = 0;
  unsigned held_before = 0;
  unsigned held_after = 0;
};

/// Returns a plan that draws faults from `seed`: the same seed and operations give the same faults.
[[nodiscard]] fault_plan seeded_faults(std::uint64_t seed, fault_rates rates);

/// An operation that waits for its release.
struct held_operation {
  std::uint64_t ticket = 0;  ///< ascending in the order in which operations came to wait
  store_operation kind{};
  fault::hold when = fault::hold::no;
  std::vector<actor_id> actors;  ///< of a load or commit
};

/// How many operations a store has taken.
struct operation_counts {
  std::uint64_t loads = 0;
  std::uint64_t actors_loaded = 0;  ///< asked for, in all loads
  std::uint64_t commits = 0;
  std::uint64_t records_committed = 0;  ///< handed over, in all commits
  std::uint64_t lists = 0;
  std::uint64_t due_scans = 0;
  std::uint64_t log_reads = 0;
  std::uint64_t item_reads = 0;
  std::uint64_t faults = 0;  ///< operations that did not fare as usual
};

/// Wraps a store and lets its operations fail, get lost and wait, as a plan says.
///
/// Over a store that completes inline, and used by one thread, everything is deterministic. `close` first releases
/// whatever is held, in the order of the tickets; `drop_all` before it stands for a crash.
/// Thread-safety: any thread.
class faulty_store final : public spi::state_store {
 public:
  /// Without a plan nothing ever fails. Lifetime: keeps `beneath`; closing this one closes it.
  explicit faulty_store(std::shared_ptr<spi::state_store> beneath, fault_plan plan = {});
  ~faulty_store() override;

  /// Replaces the plan, for the operations to come.
  void set_plan(fault_plan plan);

  /// Returns what is held, by ticket.
  [[nodiscard]] std::vector<held_operation> held() const;

  /// Lets a held operation go on, on the calling thread. Returns false when no such operation is held.
  bool release(std::uint64_t ticket);

  /// Releases what is held, and what comes to be held meanwhile. Returns how many.
  std::size_t release_all();

  /// Forgets a held operation: it never completes. Held before, it is never applied; held after, it was.
  /// Returns false when no such operation is held.
  bool drop(std::uint64_t ticket);

  /// Forgets everything held. Returns how many.
  std::size_t drop_all();

  [[nodiscard]] operation_counts counts() const;

  [[nodiscard]] std::string_view name() const noexcept override { return "faulty"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override;
  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override;
  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override;
  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override;
  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override;
  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override;
  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override;
  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override;
  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override;
  void close() override;

 private:
  class held_set;

  [[nodiscard]] fault choose(operation_info info);

  template <typename Query, typename Result>
  void read(store_operation kind, void (spi::state_store::*operation)(Query, std::function<void(Result)>),
            std::type_identity_t<Query> query, std::type_identity_t<std::function<void(Result)>> done);

  std::shared_ptr<spi::state_store> beneath_;
  std::shared_ptr<held_set> held_;
};

}  // namespace troupe::testing
