#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/core/actor_ref.hpp"
#include "troupe/core/call_filter.hpp"
#include "troupe/core/counters.hpp"
#include "troupe/core/host.hpp"
#include "troupe/core/overload_limits.hpp"
#include "troupe/core/reminder_limits.hpp"
#include "troupe/core/storage.hpp"
#include "troupe/runtime/migration.hpp"
#include "troupe/runtime/reminder_admin.hpp"
#include "troupe/stores/memory.hpp"
#include "troupe/testing/faulty_store.hpp"
#include "troupe/testing/manual_clock.hpp"

namespace troupe::testing {

/// Rules of the runtime that a test may switch off, to prove that the test would notice if they were broken.
struct broken_rules {
  bool rollback = false;  ///< a turn that throws keeps its edits in memory
  bool gate = false;      ///< replies and messages do not wait for the commit
  bool fencing = false;   ///< the store does not compare stamps
  bool receipts = false;  ///< an actor takes a durable message as often as it comes
};

struct test_options {
  std::uint64_t seed = 1;  ///< draws the order in which actors run
  /// What survives a crash; default: a new one. Runtimes that share one at a time need seeds of their own: with equal
  /// seeds they write equal stamps, and the store takes one for the other.
  std::shared_ptr<stores::memory_disk> disk{};
  fault_plan faults{};                                  ///< what befalls store operations; default: nothing
  std::size_t resident_actors_max = 0;                  ///< as `runtime_options`
  overload_limits overload{};                           ///< as `runtime_options`
  reminder_limits reminders{};                          ///< as `runtime_options`
  std::vector<std::shared_ptr<call_filter>> filters{};  ///< as `runtime_options`
  std::chrono::milliseconds store_timeout{10'000};      ///< as `runtime_options`
  wall_time start = manual_clock::default_start;        ///< what the wall clock shows first
  std::size_t large_cell_bytes = 4096;                  ///< `spi::store_limits::large_cell_bytes` of the store
  broken_rules broken{};
};

/// A message that an actor sent to another.
struct sent_message {
  actor_id from;
  actor_id to;
  std::string method;                  ///< wire name
  std::string arguments_json;          ///< a JSON array; "null" when the arguments have no encoding
  std::chrono::milliseconds delay{0};  ///< of a tell that was given one
};

/// The whole runtime in one thread: the order of everything is drawn from one seed, time moves when it is told to, and
/// the store fails, loses answers and forgets as planned. The same seed and calls give the same run.
///
/// A blocking `get()` runs actors until the call is answered, moving time on, by up to an hour, when nothing else can
/// run; it throws `std::logic_error` when the answer cannot come any more.
/// Requires: used from one thread. In handlers, wait by `troupe::sleep_for`: Asio timers follow the real clock.
class test_runtime {
 public:
  explicit test_runtime(test_options options = {});
  test_runtime(const test_runtime&) = delete;
  test_runtime& operator=(const test_runtime&) = delete;
  ~test_runtime();

  /// Hosts a class, as `runtime::host`; `restart` and `crash` host it again.
  template <class Actor>
  void host(actor_type_options options = options_of<Actor>()) {
    host<Actor>(options, &detail::make_by_default<Actor>);
  }
  template <class Actor, class Factory>
  void host(actor_type_options options, Factory factory) {
    add_type(detail::describe_actor<Actor>(options, std::function<std::unique_ptr<Actor>()>(std::move(factory))));
  }

  /// A reference to an actor. After `restart` or `crash` references taken before answer `errc::shutting_down`.
  template <class Actor>
  [[nodiscard]] actor_ref<Actor> ref(std::string_view key) {
    static_assert(detail::check_actor_class<Actor>());
    return actor_ref<Actor>(find(Actor::actor_type, typeid(Actor), key));
  }

  /// Runs one thing that is ready, drawn by the seed. Returns false when nothing can run without time moving on.
  bool step();

  /// Runs until nothing can run without time moving on.
  void settle();

  /// Moves time on by `span`; timers, reminders and everything else that falls due on the way runs at its time.
  void advance(std::chrono::nanoseconds span);

  /// Sets the wall clock alone.
  void set_wall(wall_time wall);
  [[nodiscard]] wall_time wall_now() const;

  /// Asks an actor that is in memory to leave it; runs nothing.
  template <class Actor>
  void deactivate(const actor_ref<Actor>& target) {
    deactivate_now(Actor::actor_type, target.key());
  }

  /// Shuts down in good order and starts afresh on the same disk.
  void restart();

  /// Ends everything at once, as SIGKILL does, and starts afresh on the same disk: turns under way are gone, held
  /// store operations never complete.
  void crash();

  /// The store the actors use. `restart` and `crash` replace it, with the plan of `test_options::faults`; a plan set
  /// by hand ends with them.
  [[nodiscard]] faulty_store& store();

  /// What the disk holds of an actor.
  [[nodiscard]] spi::actor_image stored(const actor_id& actor) const;

  /// Puts state on the disk, as if turns had committed it. Requires: the actor is not in memory.
  void put(const actor_id& actor, std::vector<spi::cell_image> cells, std::vector<spi::reminder_image> reminders = {});

  /// The names of the cells that the class hosted as `type` has, in the order of its members; nullopt when there is no
  /// such class or its factory throws. Makes an object of the class, once, and destroys it.
  [[nodiscard]] std::optional<std::vector<std::string>> cells_of(std::string_view type) const;

  /// The reminders of many actors: as those of `runtime`.
  [[nodiscard]] reminder_page list_reminders(const reminder_filter& filter = {}, std::optional<actor_id> after = {},
                                             std::size_t limit = 1000);
  [[nodiscard]] std::uint64_t count_reminders(const reminder_filter& filter = {});
  reminder_report cancel_reminders(const reminder_filter& filter, const reminder_change_options& options = {});
  reminder_report pause_reminders(const reminder_filter& filter, const reminder_change_options& options = {});
  reminder_report resume_reminders(const reminder_filter& filter, const reminder_change_options& options = {});

  /// As the functions of `runtime` of the same names.
  [[nodiscard]] std::vector<dead_letter> dead_letters(const actor_id& keeper, std::uint64_t after = 0,
                                                      std::size_t limit = 100);
  void redrive_dead_letter(const actor_id& keeper, std::uint64_t id);
  void drop_dead_letter(const actor_id& keeper, std::uint64_t id);
  [[nodiscard]] std::optional<stored_item<nlohmann::json>> item(const actor_id& actor, const std::string& key);
  [[nodiscard]] item_page<nlohmann::json> items(const actor_id& actor, const item_range& range = {});
  bool change_items(const actor_id& actor, const std::vector<item_change>& changes);
  migration_report migrate(std::string_view type, const migration_options& options = {});

  /// As `runtime`.
  [[nodiscard]] std::vector<quarantined_actor> quarantined() const;
  bool release(const actor_id& actor);

  [[nodiscard]] runtime_counters counters() const;
  [[nodiscard]] const std::vector<std::string>& log_lines() const;
  [[nodiscard]] const std::vector<sent_message>& sent() const;  ///< by actors, in order, since the start

 private:
  class impl;

  void add_type(detail::actor_type_info info);
  void deactivate_now(std::string_view type, std::string_view key);
  [[nodiscard]] detail::activation_ptr find(std::string_view type, const std::type_info& cpp_type,
                                            std::string_view key);

  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::testing
