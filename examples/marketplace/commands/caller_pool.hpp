#pragma once

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <troupe/troupe.hpp>

namespace marketplace {

/// Calls actors from outside: coroutines side by side on one thread, so many at a time, which try again when that may
/// help.
///
/// An error of any work ends all of it: no more calls are made, and it is thrown when those under way are answered.
/// Thread-safety: one thread, which lends itself to the coroutines in `start`, `step`, `finish` and `stop`.
class caller_pool {
 public:
  /// Coroutines under way, at most.
  static constexpr std::size_t at_once_max = 256;

  /// How often a call is made before its error counts.
  static constexpr int tries_max = 3;

  caller_pool() = default;

  /// Lifetime: outlives the runtime, whose threads may touch it for a moment after the last answer.
  /// Requires: no work is under way.
  ~caller_pool() = default;

  caller_pool(const caller_pool&) = delete;
  caller_pool& operator=(const caller_pool&) = delete;

  /// Starts `work` as soon as there is room. Errors: the first of any work.
  void start(boost::asio::awaitable<void> work);

  /// Waits until something has gone on. Requires: work is under way. Errors: as `start`.
  void step();

  /// Waits until all work is done. Errors: as `start`.
  void finish();

  /// Makes no more calls, for good, and waits for the answers to those under way.
  void stop() noexcept;

  /// For work: makes the call that `make_call` describes, and again after a pause when its error says that this may
  /// help. Requires: the call may take effect twice, or carries an idempotency key. Errors: those of the last try.
  template <class MakeCall>
  auto call(MakeCall make_call) -> boost::asio::awaitable<typename std::invoke_result_t<MakeCall>::result> {
    for (int tries = 1;; ++tries) {
      check_goes_on();
      try {
        co_return co_await make_call()(boost::asio::use_awaitable);
      } catch (const troupe::error& failure) {
        if (tries == tries_max || !may_succeed_later(failure)) throw;
      }
      co_await pause(tries);
    }
  }

 private:
  [[nodiscard]] static bool may_succeed_later(const troupe::error& failure) noexcept;
  static boost::asio::awaitable<void> pause(int tries);
  void check_goes_on() const;

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_ready_{context_.get_executor()};
  std::size_t under_way_ = 0;
  bool is_stopping_ = false;
  std::exception_ptr failure_;
};

}  // namespace marketplace
