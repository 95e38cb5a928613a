#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "troupe/detail/message.hpp"
#include "troupe/spi/durable_messages.hpp"

namespace troupe::internal {

/// Asks an actor to do something about one of its dead letters; what it does is one commit with the letter's end.
class letter_request final : public detail::request {
 public:
  enum class action : std::uint8_t { redrive, drop };

  /// `done` learns how the turn ended, after its commit; on the actor's strand.
  letter_request(action what, spi::letter_image letter, std::function<void(std::exception_ptr)> done);

  [[nodiscard]] action what() const noexcept { return what_; }
  [[nodiscard]] const spi::letter_image& letter() const noexcept { return letter_; }
  void handle_by(detail::request* call) noexcept { call_ = call; }

  std::coroutine_handle<detail::task_promise_base> start(actor& self) override;
  void take_result(std::coroutine_handle<detail::task_promise_base> root) override { call_->take_result(root); }
  void encode_reply(std::string& json) const override { json += "null"; }
  void decode_reply(std::string_view /*json*/) override {}
  void complete(std::exception_ptr failure) noexcept override { end(std::move(failure)); }
  void abandon() noexcept override { end(detail::stopped_error(detail::turn_stage::waiting)); }
  void abandon_in_doubt(detail::turn_stage at) noexcept override { end(detail::stopped_error(at)); }
  [[nodiscard]] std::string_view name() const noexcept override { return letter_.method; }

 private:
  void end(std::exception_ptr failure) noexcept;

  action what_;
  spi::letter_image letter_;
  detail::request* call_ = nullptr;
  std::function<void(std::exception_ptr)> done_;
};

}  // namespace troupe::internal
