#include "core/delivery_request.hpp"

#include <algorithm>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/failure_text.hpp"

namespace troupe::internal {

delivery_end end_of(const std::exception_ptr& failure, bool ran) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const error& e) {
    switch (e.kind()) {
      case errc::unavailable:
      case errc::overloaded:
      case errc::conflict:
      case errc::commit_unknown:
      case errc::shutting_down:
        return delivery_end::hindered;
      default:
        break;
    }
  } catch (...) {
  }
  return ran ? delivery_end::failed : delivery_end::unreachable;
}

std::string reason_of(const std::exception_ptr& failure) {
  std::string text = describe(failure);
  if (text.empty()) text = "an exception without a text";
  if (text.size() > spi::letter_error_bytes_max) text.resize(spi::letter_error_bytes_max);
  return text;
}

detail::request* make_call(const hosted_type& type, std::string_view method, std::string_view arguments) {
  const auto& methods = type.info.methods;
  const auto known = std::find_if(methods.begin(), methods.end(), [&](const auto& m) { return m.name == method; });
  const std::string name = type.info.name + "." + std::string(method);
  if (known == methods.end()) throw error(errc::unknown_method, "there is no method " + name);
  if (known->make == nullptr) throw error(errc::not_encodable, "method " + name + " cannot be called by name");
  try {
    return known->make(arguments);
  } catch (const error& failure) {
    throw error(failure.kind(), "method " + name + ": " + failure.what());
  }
}

delivery_request::delivery_request(detail::activation_ptr sender, delivery_name name, actor_id to,
                                   detail::request* call, spi::letter_image letter)
    : sender_(std::move(sender)), name_(std::move(name)), to_(std::move(to)), call_(call), letter_(std::move(letter)) {
  durable = true;
}

std::coroutine_handle<detail::task_promise_base> delivery_request::start(actor& self) {
  if (call_ == nullptr) {
    this_strand->bury_with_turn(letter_);
    return nullptr;
  }
  ran_ = true;
  return call_->start(self);
}

void delivery_request::encode_arguments(std::string& json) const {
  if (call_ != nullptr) {
    call_->encode_arguments(json);
  } else {
    json += letter_.arguments;
  }
}

std::string_view delivery_request::name() const noexcept {
  return call_ != nullptr ? call_->name() : std::string_view(letter_.method);
}

std::optional<reentrancy> delivery_request::mode() const noexcept {
  return call_ != nullptr ? call_->mode() : detail::request::mode();
}

void delivery_request::drop_call() noexcept {
  if (call_ != nullptr) std::exchange(call_, nullptr)->abandon();
}

void delivery_request::complete(std::exception_ptr failure) noexcept {
  drop_call();
  if (failure) {
    end_ = end_of(failure, ran_);
    why_ = reason_of(failure);
  }
  as = detail::message::role::work;
  sender_.get()->push(*this);
}

void delivery_request::run() noexcept {
  this_strand->on_delivered(*this);
  delete this;
}

void delivery_request::abandon() noexcept {
  drop_call();
  delete this;
}

}  // namespace troupe::internal
