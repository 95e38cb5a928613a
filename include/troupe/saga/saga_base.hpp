#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "troupe/core/actor.hpp"
#include "troupe/core/reminder.hpp"
#include "troupe/core/task.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/saga/saga_attempt.hpp"
#include "troupe/saga/saga_status.hpp"

namespace troupe::detail {

/// What all sagas do, whatever their data and steps; see `troupe::saga`.
class saga_base {
 public:
  saga_base(const saga_base&) = delete;
  saga_base& operator=(const saga_base&) = delete;

  /// How it stands. Durable when the reply that carries it arrives.
  [[nodiscard]] saga_status status() const;

  /// Goes on with the saga, if the tick is its own and it is cut off. Returns whether the tick was its own.
  bool on_reminder(const reminder_tick& tick);

  /// Goes on with a saga that is cut off, without waiting for its reminder: called in `on_activate`, it goes on with
  /// the first message. Does nothing when it is under way, or there is nothing to do.
  void go_on();

  /// Undoes everything, also the step that may be under way, as part of the running turn. That may be the turn of a
  /// step: then this step is undone too, and when it fails, it takes the cancellation back with it. Returns false, and
  /// does nothing, when all steps were taken or it is being undone already.
  bool cancel(std::string_view why);

  /// A parked saga tries again what it was parked for. Returns false when it is not parked.
  bool resume();

  /// A parked saga takes what it was parked for as done: an operator has done it by hand. Returns false when it is not
  /// parked.
  bool skip();

 protected:
  saga_base(actor& owner, std::string_view name, const saga_policy& policy);
  ~saga_base() = default;

  void check_steps(std::span<const std::string_view> names) const;
  [[nodiscard]] bool may_begin(std::string_view id) const;
  void begin_as(std::string_view id, std::span<const std::string_view> steps);

 private:
  /// A place in a saga: what a try is for.
  struct place {
    std::uint32_t done = 0;
    bool undoing = false;
    std::uint32_t tries = 0;
    friend bool operator==(const place&, const place&) = default;
  };

  [[nodiscard]] virtual const saga_record& record() const noexcept = 0;
  virtual saga_record& edit_record() = 0;
  /// Starts a step; nothing when there is none of that name.
  virtual std::optional<task<void>> run(actor& owner, std::string_view step, bool undo, saga_attempt attempt) = 0;

  template <class Change>
  bool change(Change how);
  task<void> drive();
  void note(const std::exception_ptr& failure);
  void go_on_after(std::chrono::milliseconds pause);
  void keep_reminder();
  [[nodiscard]] place here() const noexcept;
  [[nodiscard]] std::string reminder_name() const;

  actor& owner_;
  const std::string_view name_;
  const saga_policy policy_;
  timer drive_;
  std::optional<place> tried_;  // what the last try was for: met again, its turn was not committed
  std::exception_ptr failure_;  // of the last try, whose turn was rolled back
};

}  // namespace troupe::detail
