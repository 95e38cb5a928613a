#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "core/mail.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::internal {

struct hosted_type;

/// One delivery of a durable message: to its receiver it is a request, and on its way back to the sender the receipt.
class delivery_request final : public detail::request {
 public:
  /// `call` is the method with its arguments. Null: the message is given up, and `letter` is what its receiver keeps.
  delivery_request(detail::activation_ptr sender, delivery_name name, actor_id to, detail::request* call,
                   spi::letter_image letter);

  [[nodiscard]] const delivery_name& name_of_delivery() const noexcept { return name_; }
  [[nodiscard]] const actor_id& to() const noexcept { return to_; }
  [[nodiscard]] delivery_end end() const noexcept { return end_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

  /// Said by the receiver before it completes the request: another one must come first.
  void come_later() noexcept { end_ = delivery_end::early; }

  std::coroutine_handle<detail::task_promise_base> start(actor& self) override;
  void take_result(std::coroutine_handle<detail::task_promise_base> root) override { call_->take_result(root); }
  void encode_reply(std::string& json) const override { json += "null"; }
  void decode_reply(std::string_view /*json*/) override {}
  void encode_arguments(std::string& json) const override;
  void complete(std::exception_ptr failure) noexcept override;
  void run() noexcept override;
  void abandon() noexcept override;
  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::optional<reentrancy> mode() const noexcept override;

 private:
  void drop_call() noexcept;

  detail::activation_ptr sender_;
  delivery_name name_;
  actor_id to_;
  detail::request* call_;
  spi::letter_image letter_;
  bool ran_ = false;  // it got as far as the handler
  delivery_end end_ = delivery_end::arrived;
  std::string why_;
};

/// What a failure of a delivery says about its message. `ran`: it got as far as the handler.
[[nodiscard]] delivery_end end_of(const std::exception_ptr& failure, bool ran) noexcept;

/// What `failure` says, cut to the length that a dead letter may have.
[[nodiscard]] std::string reason_of(const std::exception_ptr& failure);

/// Makes the call that a stored message is; nobody waits for it. Throws when this program's method is not what it was
/// sent to.
[[nodiscard]] detail::request* make_call(const hosted_type& type, std::string_view method, std::string_view arguments);

}  // namespace troupe::internal
