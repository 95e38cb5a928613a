#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <utility>

#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// Wakes an actor, and asks it to handle its earliest reminder that is due. Acknowledged by the turn's own commit.
class reminder_request final : public detail::request {
 public:
  /// What the actor was woken for.
  enum class found : std::uint8_t {
    nothing_yet,  ///< it did not get as far as looking, or no reminder was due: then its outbox may have been
    reminder,
  };
  using listener = std::function<void(std::exception_ptr, found)>;

  /// `done` learns how the turn ended, after its commit; on the actor's strand.
  explicit reminder_request(listener done) : done_(std::move(done)) { needs_store = true; }

  std::coroutine_handle<detail::task_promise_base> start(actor& self) override;
  void take_result(std::coroutine_handle<detail::task_promise_base>) override {}
  void encode_reply(std::string& json) const override { json += "null"; }
  void decode_reply(std::string_view) override {}
  void complete(std::exception_ptr failure) noexcept override;
  void abandon() noexcept override { delete this; }
  [[nodiscard]] std::string_view name() const noexcept override { return "on_reminder"; }

 private:
  listener done_;
  found found_ = found::nothing_yet;
};

}  // namespace troupe::internal
