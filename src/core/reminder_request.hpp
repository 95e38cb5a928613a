#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "core/reminder_rules.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// A tick whose handler failed.
struct failed_tick {
  std::string name;  ///< of the reminder
  wall_time due;     ///< when its earliest tick was due, by which the reminder is known again
  tick_run run;
  std::string why;
};

/// Wakes an actor, and asks it to handle its earliest reminder that is due. Acknowledged by the turn's own commit; when
/// the handler fails, a second turn notes it with the reminder.
class reminder_request final : public detail::request {
 public:
  /// What came of waking the actor.
  enum class found : std::uint8_t {
    nothing_yet,  ///< it did not get as far as looking, or no reminder was due: then its outbox may have been
    reminder,     ///< the tick was handled, or could not be and nobody knows when it is to be tried again
    failure,      ///< the tick failed, and the actor has said when it is to be woken again
  };
  using listener = std::function<void(std::exception_ptr, found)>;

  /// `done` learns how it ended, after its commit; on the actor's strand.
  explicit reminder_request(listener done) : done_(std::move(done)) { needs_store = true; }

  /// Says that a reminder was due, whether or not a tick of it is handled.
  void note_found() noexcept { found_ = found::reminder; }
  /// The call of a typed handler; owned from here on.
  void take_call(detail::request* call) noexcept { call_ = call; }
  /// Says which tick its handler is started for.
  void note_handled(failed_tick if_it_fails) noexcept {
    tick_ = std::move(if_it_fails);
    handles_ = true;
  }

  std::coroutine_handle<detail::task_promise_base> start(actor& self) override;
  void take_result(std::coroutine_handle<detail::task_promise_base> root) override {
    if (call_ != nullptr) call_->take_result(root);
  }
  void encode_reply(std::string& json) const override { json += "null"; }
  void decode_reply(std::string_view) override {}
  void complete(std::exception_ptr failure) noexcept override;
  void abandon() noexcept override;
  [[nodiscard]] std::string_view name() const noexcept override {
    return call_ != nullptr ? call_->name() : std::string_view("on_reminder");
  }

 private:
  void drop_call() noexcept;

  listener done_;
  found found_ = found::nothing_yet;
  bool handles_ = false;
  detail::request* call_ = nullptr;  // of a typed handler
  failed_tick tick_;                 // what is said of it if it fails
  activation* place_ = nullptr;
};

}  // namespace troupe::internal
