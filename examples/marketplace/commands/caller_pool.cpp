#include "commands/caller_pool.hpp"

#include <chrono>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace marketplace {

void caller_pool::start(boost::asio::awaitable<void> work) {
  while (under_way_ >= at_once_max) step();
  ++under_way_;
  boost::asio::co_spawn(context_, std::move(work), [this](std::exception_ptr failure) {
    --under_way_;
    if (failure && !failure_) failure_ = std::move(failure);
  });
}

void caller_pool::step() {
  context_.run_one();
  if (!failure_) return;
  stop();
  std::rethrow_exception(failure_);
}

void caller_pool::finish() {
  while (under_way_ > 0) step();
}

void caller_pool::stop() noexcept {
  is_stopping_ = true;
  while (under_way_ > 0) context_.run_one();
}

bool caller_pool::may_succeed_later(const troupe::error& failure) noexcept {
  return failure.kind() != troupe::errc::shutting_down && troupe::may_succeed_later(failure.kind());
}

boost::asio::awaitable<void> caller_pool::pause(int tries) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(100) * tries);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

void caller_pool::check_goes_on() const {
  if (is_stopping_) throw std::runtime_error("no more calls are made once one has failed");
}

}  // namespace marketplace
