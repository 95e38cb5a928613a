#pragma once

#include <chrono>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace troupe::internal {

/// Rings once after a while, on an executor: for time limits towards other programs, which no clock of a test governs.
/// Thread-safety: that of the executor, which runs one thing at a time. Lifetime: what `ring` captures keeps the alarm.
class io_alarm {
 public:
  explicit io_alarm(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Calls `ring()` after `wait`, unless it is set anew or cancelled before.
  template <typename Ring>
  void set(std::chrono::milliseconds wait, Ring ring) {
    timer_.expires_after(wait);
    // A wait that is over cannot be cancelled any more: only the number tells that another one took its place.
    timer_.async_wait(
        [this, number = ++number_, ring = std::move(ring)](const boost::system::error_code& error) mutable {
          if (!error && number == number_) ring();
        });
  }

  void cancel() {
    ++number_;
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  unsigned long long number_ = 0;
};

}  // namespace troupe::internal
