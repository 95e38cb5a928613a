#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/core/actor_ref.hpp"
#include "troupe/core/counters.hpp"
#include "troupe/core/host.hpp"
#include "troupe/core/quarantine.hpp"
#include "troupe/core/storage.hpp"
#include "troupe/runtime/migration.hpp"
#include "troupe/runtime/reminder_admin.hpp"
#include "troupe/runtime/runtime_options.hpp"

namespace troupe {

/// Hosts actors: owns their threads (or uses the application's executor), opens the store, and takes everything down in
/// good order. Any number may live in one process without noticing each other.
///
/// Thread-safety: any thread for everything but construction and destruction.
class runtime {
 public:
  /// Opens the store and starts. Throws `error` for a bad option or a store that cannot be opened.
  explicit runtime(runtime_options options = {});
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Shuts down first, if that was not done. Where `shutdown` would throw, everything is dropped at once instead, also
  /// what was acknowledged and not yet saved.
  ~runtime();

  /// Hosts an actor class; before the first reference to it. Options default to the class's own.
  /// Throws `error{errc::invalid_argument}` for a type name that is malformed or taken, or an option out of range.
  template <class Actor>
  void host(actor_type_options options = options_of<Actor>()) {
    host<Actor>(options, &detail::make_by_default<Actor>);
  }

  /// Hosts a class whose objects `factory` makes, e.g. with what they depend on. It is called on the runtime's threads,
  /// also at the same time; one that throws fails the activation.
  template <class Actor, class Factory>
  void host(actor_type_options options, Factory factory) {
    add_type(detail::describe_actor<Actor>(options, std::function<std::unique_ptr<Actor>()>(std::move(factory))));
  }

  /// Starts firing reminders. Called by the first `ref` otherwise; call it when nothing but reminders may wake actors.
  /// Every type must be hosted by then.
  void start();

  /// A reference to the actor of that key, which always exists.
  /// Throws `error{errc::unknown_type}` for a class that is not hosted, `errc::invalid_argument` or `errc::too_large`
  /// for a bad key.
  template <class Actor>
  [[nodiscard]] actor_ref<Actor> ref(std::string_view key) {
    static_assert(detail::check_actor_class<Actor>());
    return actor_ref<Actor>(find(Actor::actor_type, typeid(Actor), key));
  }

  /// Calls a method by wire name: `arguments_json` is a JSON array. Blocks, as `call_operation::get` does, and returns
  /// the reply as JSON. Throws `error{errc::unknown_type}`, `errc::unknown_method` (both name what there is),
  /// `errc::invalid_argument` for arguments that do not fit, and whatever the handler throws.
  std::string call_by_name(std::string_view type, std::string_view key, std::string_view method,
                           std::string_view arguments_json, call_options options = {});

  /// Deactivates an actor that is in memory when its running turn has ended. Completes nothing; for an actor that is
  /// not in memory it does nothing.
  template <class Actor>
  void deactivate(const actor_ref<Actor>& target) {
    deactivate_now(Actor::actor_type, target.key());
  }

  /// Returns the dead letters that an actor keeps, oldest first: up to `limit` behind the one with the id `after`. They
  /// are read from the store, so the actor is neither activated nor waited for. Blocks; throws
  /// `error{errc::unavailable}` or `errc::bad_state` when they cannot be read, and `errc::would_block` on a thread of
  /// the runtime.
  [[nodiscard]] std::vector<dead_letter> dead_letters(const actor_id& keeper, std::uint64_t after = 0,
                                                      std::size_t limit = 100);

  /// Has a dead letter handled after all. One that the keeper got is handled in a turn of the keeper, and leaves with
  /// that turn's commit; one that the keeper sent is sent once more, behind its other messages. Either happens at most
  /// once, whoever else asks for the same. Blocks until it is committed. Throws what the handler throws, in which case
  /// the letter stays; `error{errc::invalid_argument}` when there is no such letter (any more), and as `dead_letters`.
  void redrive_dead_letter(const actor_id& keeper, std::uint64_t id);

  /// Removes a dead letter for good. Blocks and throws as `redrive_dead_letter`.
  void drop_dead_letter(const actor_id& keeper, std::uint64_t id);

  /// Reads an item of an actor's storage, from outside; nullopt: there is none. It is read in a turn of the actor, so
  /// what the actor's turns have changed is seen, committed or not. Blocks; throws what a call of the actor throws, and
  /// `error{errc::would_block}` on a thread of the runtime. The class need not have a `storage` itself.
  [[nodiscard]] std::optional<stored_item<nlohmann::json>> item(const actor_id& actor, const std::string& key);

  /// Lists items of an actor's storage. As `item`.
  [[nodiscard]] item_page<nlohmann::json> items(const actor_id& actor, const item_range& range = {});

  /// Changes items of an actor's storage in one turn of the actor: all of them, or none when one has another version
  /// than was expected, and then it returns false. Blocks until it is committed; throws as `item`.
  bool change_items(const actor_id& actor, const std::vector<item_change>& changes);

  /// Lists reminders that the store holds, of all actors that the filter means: at least `limit` (1 to 10,000) where
  /// there are as many, so that no actor's are divided. Reads what is committed; no actor is activated. Blocks; throws
  /// `error{errc::unavailable}` when the store cannot be listed, and `errc::would_block` on a thread of the runtime.
  [[nodiscard]] reminder_page list_reminders(const reminder_filter& filter = {}, std::optional<actor_id> after = {},
                                             std::size_t limit = 1000);

  /// Counts them. As `list_reminders`.
  [[nodiscard]] std::uint64_t count_reminders(const reminder_filter& filter = {});

  /// Cancels, pauses or resumes all reminders that the filter means, each actor's in one turn of the actor. One that is
  /// set meanwhile may be left out; an actor that fails is counted and named, and the others go on. Blocks; throws as
  /// `list_reminders`, and `error{errc::invalid_argument}` for an option out of range.
  reminder_report cancel_reminders(const reminder_filter& filter, const reminder_change_options& options = {});
  reminder_report pause_reminders(const reminder_filter& filter, const reminder_change_options& options = {});
  reminder_report resume_reminders(const reminder_filter& filter, const reminder_change_options& options = {});

  /// Brings the stored state of all actors of a type up to the schemas that its hosted class declares: each that has a
  /// cell of an older schema is activated, writes its cells in a turn of its own, and leaves memory. For state that is
  /// to be new before a release that no longer knows the old schemas; otherwise actors bring themselves up when they
  /// are next used. May run beside other work, and beside other runtimes; one that ended early is begun again.
  /// Blocks. Throws `error{errc::unknown_type}` for a type that is not hosted, `errc::invalid_argument` for an option
  /// out of range, `errc::unavailable` when the store cannot be listed, and `errc::would_block` on a thread of the
  /// runtime. An actor that fails is counted and named, and the others go on.
  migration_report migrate(std::string_view type, const migration_options& options = {});

  /// The actors whose messages are refused because they cannot be activated, by type, then key.
  [[nodiscard]] std::vector<quarantined_actor> quarantined() const;

  /// Lets a quarantined actor be activated by its next message, with nothing held against it. Returns whether it was
  /// quarantined.
  bool release(const actor_id& actor);

  /// What was done so far.
  [[nodiscard]] runtime_counters counters() const;

  /// The store, e.g. to list what it holds. Closed by `shutdown`.
  [[nodiscard]] spi::state_store& store() const;

  /// Takes no more calls from outside, lets what was accepted finish, deactivates every actor, commits what is to be
  /// committed, closes the store and ends the threads. After `shutdown_grace` what still runs is dropped; nothing that
  /// was acknowledged is lost either way. Idempotent.
  /// Throws `error{errc::would_block}` on a thread of the runtime. With an executor of the application's that is any
  /// thread on which its context runs: shut down from another one, or after an `io_context` was stopped, when `run` has
  /// returned; the calling thread then runs what the actors have left to do.
  void shutdown();

 private:
  class impl;

  void add_type(detail::actor_type_info info);
  void deactivate_now(std::string_view type, std::string_view key);
  [[nodiscard]] detail::activation_ptr find(std::string_view type, const std::type_info& cpp_type,
                                            std::string_view key);

  std::unique_ptr<impl> impl_;
};

}  // namespace troupe
