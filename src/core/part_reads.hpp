#pragma once

#include <coroutine>
#include <string>
#include <utility>
#include <vector>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/ports.hpp"
#include "troupe/base/error.hpp"
#include "troupe/detail/wait.hpp"

namespace troupe::internal {

/// Awaits a read of the store in a handler. It cannot be called off: the store's time limit ends it.
/// Throws `error{errc::unavailable}` or `error{errc::bad_state}`.
template <class Ticket>
class part_read_awaiter final : public Ticket, public detail::turn_wait {
 public:
  part_read_awaiter(activation& of, decltype(Ticket::query) what) : Ticket(of) { this->query = std::move(what); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    join();
    this->owner->system().port().read(*this);
  }
  decltype(Ticket::result) await_resume() {
    auto& got = this->result;
    if (got.status == spi::read_status::ok) return std::move(got);
    const errc code = got.status == spi::read_status::damaged ? errc::bad_state : errc::unavailable;
    throw error(code, "actor " + this->owner->display() + ": what it keeps could not be read: " + got.message +
                          "; nothing of the turn was kept");
  }
  void run() noexcept override { leave_and_resume(waiter_); }
  void call_off() noexcept override {}

 private:
  std::coroutine_handle<> waiter_;
};

template <class Ticket>
class part_read final {
 public:
  using troupe_strand_awaitable = void;

  part_read(activation& of, decltype(Ticket::query) query) : of_(&of), query_(std::move(query)) {}
  part_read_awaiter<Ticket> into_awaiter() && { return {*of_, std::move(query_)}; }

 private:
  activation* of_;
  decltype(Ticket::query) query_;
};

using log_read = part_read<log_ticket>;
using item_read = part_read<item_ticket>;

}  // namespace troupe::internal
