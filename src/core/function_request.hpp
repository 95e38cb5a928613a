#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "troupe/core/task.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// Runs a function of the library's own as a turn of an actor of which the stored state is loaded. It does not count as
/// use of the actor.
class function_request final : public detail::request {
 public:
  /// `name` is for people; `done` learns how the turn ended, after its commit, on the actor's strand.
  function_request(std::string name, std::function<task<void>(actor&)> run,
                   std::function<void(std::exception_ptr)> done)
      : name_(std::move(name)), run_(std::move(run)), done_(std::move(done)) {
    needs_store = true;
  }

  std::coroutine_handle<detail::task_promise_base> start(actor& self) override {
    return detail::as_base(run_(self).release());
  }
  void take_result(std::coroutine_handle<detail::task_promise_base> /*root*/) override {}
  void encode_reply(std::string& json) const override { json += "null"; }
  void decode_reply(std::string_view /*json*/) override {}
  void complete(std::exception_ptr failure) noexcept override { end(std::move(failure)); }
  void abandon() noexcept override { end(detail::stopped_error(detail::turn_stage::waiting)); }
  void abandon_in_doubt(detail::turn_stage at) noexcept override { end(detail::stopped_error(at)); }
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

 private:
  void end(std::exception_ptr failure) noexcept {
    const auto done = std::move(done_);
    delete this;
    done(std::move(failure));
  }

  std::string name_;
  std::function<task<void>(actor&)> run_;
  std::function<void(std::exception_ptr)> done_;
};

}  // namespace troupe::internal
