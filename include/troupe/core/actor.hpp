#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/core/actor_ref.hpp"
#include "troupe/core/reminder.hpp"
#include "troupe/core/strand_executor.hpp"
#include "troupe/core/task.hpp"
#include "troupe/detail/cell.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe {

/// Why an actor leaves memory.
enum class deactivation_reason : std::uint8_t {
  idle,       ///< no message for the type's idle timeout
  evicted,    ///< the cap on resident actors made room for others
  requested,  ///< it asked for it, or someone did
  shutdown,   ///< the runtime shuts down
};

/// Base of every actor class.
///
/// A class names itself (`static constexpr std::string_view actor_type`), lists what can be called
/// (`using methods = troupe::methods<...>`) and keeps what must survive in `state<T>` members. It is constructed by the
/// runtime when a message for it arrives, runs one turn at a time, and is destroyed when it is deactivated. Plain
/// members are a cache: gone with the activation and untouched by rollback.
///
/// Static members that a class may have: `idle_timeout` and `call_timeout` (`std::chrono` durations), `persistence`
/// (`durability`), `requests` (`request_window`), `reentrant` (`reentrancy`), `mailbox_max`, `messages`
/// (`message_options`), `quarantine` (`quarantine_policy`), `state_max` (`state_limits`); see `actor_type_options`.
///
/// Thread-safety: everything here is for the owning strand. The members below need the activation: they may be used
/// from `on_activate` on, not in the constructor.
class actor {
 public:
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;
  virtual ~actor();

  /// Runs as a turn before the first message, when the state has been loaded. A throw fails the waiting messages with
  /// `errc::activation_failed`.
  virtual task<void> on_activate();

  /// Runs as a turn before the actor leaves memory in good order. Not after a crash, nor when the activation is
  /// discarded because a commit failed: nothing may depend on it.
  virtual task<void> on_deactivate(deactivation_reason reason);

  /// Runs as a turn when a reminder is due. The tick is acknowledged in the same commit as the state it changes; a
  /// throw leaves it due, and it is fired again after a pause.
  virtual task<void> on_reminder(reminder_tick tick);

 protected:
  actor() = default;

  [[nodiscard]] std::string_view key() const;
  [[nodiscard]] actor_id id() const;

  /// A reference to another actor (or to this one) of the same runtime.
  /// Throws `error{errc::unknown_type}` when `Actor` is not hosted, `errc::invalid_argument` for a bad key.
  template <class Actor>
  [[nodiscard]] actor_ref<Actor> ref(std::string_view other_key) const {
    static_assert(detail::check_actor_class<Actor>());
    return actor_ref<Actor>(find(Actor::actor_type, typeid(Actor), other_key));
  }

  /// The actor's strand, for Asio objects that work for it.
  [[nodiscard]] strand_executor executor() const;

  /// Wall time of the runtime's clock.
  [[nodiscard]] wall_time now() const;

  /// Whether the caller of the running turn has given up: its time is over, or it cancelled the call. What the turn
  /// does still counts; what it waited for was called off. The turn learns it where it awaits, not in between.
  [[nodiscard]] bool cancelled() const;

  /// How long the running turn's caller still waits; 0 when its time is over, `std::chrono::nanoseconds::max()` when it
  /// waits as long as it takes. The turn's own calls never get longer than this.
  [[nodiscard]] std::chrono::nanoseconds time_left() const;

  /// What travels with the message that the running turn handles, and with all it sends. In a turn only.
  [[nodiscard]] const request_context& context() const;

  /// Replaces it for what the turn sends from now on. In a turn only.
  void set_context(request_context context);

  /// Not in `on_activate`. Leaves memory when the running turn has ended; messages that wait activate the actor afresh.
  void deactivate();

  /// Does not count as idle for this long from now. A later call replaces an earlier one.
  void keep_alive(std::chrono::milliseconds span);

  /// Not in `on_activate`. Removes the actor for good when the turn commits: state, reminders and remembered requests.
  /// The actor then leaves memory; a later message finds an actor without state.
  void erase();

  /// Sets a durable reminder as part of the turn; one of the same name is replaced.
  /// Throws `error{errc::invalid_argument}` for a schedule that cannot be meant (a negative time, an end that has
  /// passed) or a bad name, `errc::not_encodable` for its data, `errc::too_large` past `reminders_per_actor_max`, and
  /// `std::logic_error` when the class keeps nothing in the store or does not override `on_reminder`.
  void schedule_reminder(std::string_view name, const reminder_schedule& schedule);

  /// The same with a handler of its own, one of the actor's methods:
  /// `schedule_reminder<&order::expire>("expire", {.due_in = 1h}, 7)` calls `expire(7)` at each tick, in a turn that
  /// acknowledges the tick. The arguments are stored; the method's result is dropped.
  template <auto Member, class... Args>
  void schedule_reminder(std::string_view name, const reminder_schedule& schedule, Args&&... args) {
    using owner = typename detail::member_traits<decltype(Member)>::actor_class;
    using arguments = typename detail::member_traits<decltype(Member)>::arguments;
    static_assert(owner::methods::template contains<Member>, "the handler is not in the actor's methods<...> list");
    static_assert(std::is_constructible_v<arguments, Args&&...> && detail::keep_values<arguments, Args...>,
                  "the arguments are not those of the handler");
    schedule_method(name, schedule, owner::methods::template name_of<Member>(),
                    detail::reminder_arguments<Member>(std::forward<Args>(args)...));
  }

  /// Removes a reminder as part of the turn. Returns whether there was one.
  bool cancel_reminder(std::string_view name);

  /// Removes the reminders whose names begin with `prefix` as part of the turn. Returns how many there were.
  std::size_t cancel_reminders(std::string_view prefix);

  /// Holds a reminder up: none of its ticks fires until it is resumed. Returns whether there is one.
  bool pause_reminder(std::string_view name);

  /// Lets a paused reminder go on with the first tick that is due from now on; those that came due meanwhile are left
  /// out. One that fires only once, and a tick that waits to be tried again, are handled at once if their time has
  /// passed. Returns whether there is one.
  bool resume_reminder(std::string_view name);

  /// The reminders the actor has, this turn's changes included, sorted by name.
  [[nodiscard]] std::vector<reminder_info> reminders() const;

 private:
  void schedule_method(std::string_view name, const reminder_schedule& schedule, std::string_view method,
                       std::string arguments);

  friend class internal::activation;
  friend class internal::turn;
  friend class detail::cell_base;
  friend class detail::log_base;
  friend class detail::saga_base;
  friend class storage;
  friend class timer;

  [[nodiscard]] detail::activation_ptr find(std::string_view type, const std::type_info& cpp_type,
                                            std::string_view other_key) const;

  internal::activation* activation_ = nullptr;  // constant after construction by the runtime
  detail::cell_base* cells_ = nullptr;          // constant after construction
  detail::log_base* logs_ = nullptr;            // constant after construction
  bool keeps_items_ = false;                    // constant after construction
};

}  // namespace troupe
