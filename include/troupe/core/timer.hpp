#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "troupe/core/task.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/fwd.hpp"

namespace troupe::internal {
class alarm;
}  // namespace troupe::internal

namespace troupe::detail {

class timer_state;

/// What a timer has to know of the type of its tick.
struct tick_kind {
  std::size_t size;
  void (*move_to)(void* tick, void* place);
  task<void> (*call)(void* tick);
  void (*destroy)(void* tick) noexcept;
};

template <class Tick>
inline constexpr tick_kind kind_of_tick = {
    .size = sizeof(Tick),
    .move_to = [](void* tick, void* place) { new (place) Tick(std::move(*static_cast<Tick*>(tick))); },
    .call = [](void* tick) -> task<void> {
      if constexpr (std::is_void_v<std::invoke_result_t<Tick&>>) {
        (*static_cast<Tick*>(tick))();
        return task<void>();
      } else {
        return (*static_cast<Tick*>(tick))();
      }
    },
    .destroy = [](void* tick) noexcept { static_cast<Tick*>(tick)->~Tick(); },
};

/// A pause inside a handler: comes back to the strand as work.
class sleep_awaiter final : public message, public turn_wait {
 public:
  explicit sleep_awaiter(std::chrono::nanoseconds span) noexcept : message(role::work), span_(span) {}
  sleep_awaiter(const sleep_awaiter&) = delete;
  sleep_awaiter& operator=(const sleep_awaiter&) = delete;
  ~sleep_awaiter() override;

  [[nodiscard]] bool await_ready() const noexcept { return span_ <= std::chrono::nanoseconds(0); }
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume() const {
    if (called_off_) throw_called_off("sleep_for");
  }
  void run() noexcept override { leave_and_resume(waiter_); }
  void call_off() noexcept override;

 private:
  std::chrono::nanoseconds span_;
  std::coroutine_handle<> waiter_;
  internal::activation* place_ = nullptr;
  internal::alarm* alarm_ = nullptr;  // a reference is counted
  bool called_off_ = false;
};

}  // namespace troupe::detail

namespace troupe {

/// Whether a timer's ticks count as use of the actor.
enum class timer_keeps_alive { no, yes };

/// A timer that lives with the activation. Each tick is a turn: it waits its place in the mailbox, never overlaps
/// another turn or its own next tick, and its edits commit or roll back like any other's. A tick that throws is logged
/// and does not stop the timer. For ticks that survive the activation use a reminder.
///
/// Requires: a member of the actor. Thread-safety: the owning strand. Lifetime: destroying it stops it.
/// Size: 24 bytes, and while it runs 96 on the heap with a tick that captures a pointer.
class timer {
 public:
  explicit timer(actor& owner, timer_keeps_alive keeps = timer_keeps_alive::no);
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  ~timer();

  /// Calls `tick` once after `delay`, then `period` after the end of each tick; period 0: once. Restarts a running
  /// timer. `tick` takes nothing and returns void or `task<void>`.
  /// Throws `error{errc::invalid_argument}` for a negative time, `std::logic_error` in the actor's constructor.
  /// Complexity: O(1), as that of `stop`; one allocation, and none by a tick that is a plain function.
  template <class Tick>
  void start(std::chrono::nanoseconds delay, std::chrono::nanoseconds period, Tick tick) {
    if constexpr (alignof(Tick) > __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
      start(delay, period, [kept = std::make_unique<Tick>(std::move(tick))] { return (*kept)(); });
    } else {
      begin(delay, period, detail::kind_of_tick<Tick>, &tick);
    }
  }

  /// Calls `tick` once after `delay`.
  template <class Tick>
  void start(std::chrono::nanoseconds delay, Tick tick) {
    start(delay, std::chrono::nanoseconds(0), std::move(tick));
  }

  /// What its ticks are called from the next `start` on: where a timeout says what a call waited behind, and as the
  /// method that filters see. "timer" unless it is set.
  void set_name(std::string name) { name_ = std::make_unique<const std::string>(std::move(name)); }

  /// No tick begins after this. Does nothing when the timer does not run.
  void stop() noexcept;

  [[nodiscard]] bool running() const noexcept;

 private:
  void begin(std::chrono::nanoseconds delay, std::chrono::nanoseconds period, const detail::tick_kind& kind,
             void* tick);

  std::uintptr_t owner_;                     // the actor, and in the lowest bit whether ticks are use of it
  detail::timer_state* state_ = nullptr;     // a reference is counted
  std::unique_ptr<const std::string> name_;  // null: the usual one
};

/// A pause inside a handler. When the turn is cancelled, it ends at once with `errc::cancelled`.
class [[nodiscard]] sleep_operation {
 public:
  using troupe_strand_awaitable = void;

  explicit sleep_operation(std::chrono::nanoseconds span) noexcept : span_(span) {}

  [[nodiscard]] detail::sleep_awaiter into_awaiter() const noexcept { return detail::sleep_awaiter(span_); }

 private:
  std::chrono::nanoseconds span_;
};

/// `co_await sleep_for(span)` pauses the handler by the runtime's clock, so that a test can advance it.
[[nodiscard]] inline sleep_operation sleep_for(std::chrono::nanoseconds span) noexcept { return sleep_operation(span); }

}  // namespace troupe
