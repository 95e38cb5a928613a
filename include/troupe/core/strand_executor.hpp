#pragma once

#include <type_traits>
#include <utility>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>

#include "troupe/detail/message.hpp"

namespace troupe::detail {

/// A function waiting in a mailbox.
template <class Function>
class function_work final : public message {
 public:
  explicit function_work(Function function) : message(role::work), function_(std::move(function)) {}

  void run() noexcept override {
    Function function(std::move(function_));
    delete this;
    std::move(function)();
  }
  void abandon() noexcept override { delete this; }

 private:
  Function function_;
};

/// The I/O context behind an actor's strand.
[[nodiscard]] boost::asio::execution_context& context_of(internal::activation& target) noexcept;

}  // namespace troupe::detail

namespace troupe {

/// The strand of one actor as an Asio executor: what it runs never overlaps a turn's code of the same actor.
///
/// Functions run as soon as the strand gets to them, also while a turn of the actor is suspended: they are
/// continuations, not messages. `blocking.never` always holds. An I/O object made with it completes on the strand.
///
/// Thread-safety: any thread. Lifetime: keeps the actor's place in the directory, not the actor activated; a function
/// that throws ends the process, as a handler run by an `io_context` without anyone to catch would.
class strand_executor {
 public:
  explicit strand_executor(detail::activation_ptr target) noexcept : target_(std::move(target)) {}

  template <class Function>
  void execute(Function&& function) const {
    detail::push(*target_, *new detail::function_work<std::decay_t<Function>>(std::forward<Function>(function)));
  }

  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return detail::context_of(*target_);
  }
  [[nodiscard]] static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }

  friend bool operator==(const strand_executor&, const strand_executor&) noexcept = default;

 private:
  detail::activation_ptr target_;
};

namespace detail {

/// The strand the calling thread is on. Throws `std::logic_error` outside.
[[nodiscard]] strand_executor current_strand();

}  // namespace detail
}  // namespace troupe
