#include "core/letter_request.hpp"

#include <utility>

#include "core/activation.hpp"
#include "core/current_strand.hpp"

namespace troupe::internal {

letter_request::letter_request(action what, spi::letter_image letter, std::function<void(std::exception_ptr)> done)
    : what_(what), letter_(std::move(letter)), done_(std::move(done)) {
  needs_store = true;
}

std::coroutine_handle<detail::task_promise_base> letter_request::start(actor& self) {
  this_strand->take_letter_with_turn(*this);
  return call_ != nullptr ? call_->start(self) : nullptr;
}

void letter_request::end(std::exception_ptr failure) noexcept {
  auto done = std::move(done_);
  if (call_ != nullptr) call_->abandon();
  delete this;
  done(std::move(failure));
}

}  // namespace troupe::internal
