#pragma once

#include <atomic>
#include <functional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include "troupe/spi/clock.hpp"

namespace troupe::spi {

/// Something an executor runs once per submission. Submitted again only after it has begun to run.
class runnable {
 public:
  virtual void run() noexcept = 0;

  runnable* next_runnable = nullptr;  ///< for the executor's queue while submitted

 protected:
  ~runnable() = default;
};

/// Where turns run: worker threads, an application's executor, or one seeded thread in a test.
/// Thread-safety: any thread, unless said otherwise.
class executor {
 public:
  virtual ~executor() = default;

  /// Runs `what` once, not inside this call. Never fails; after `stop` it is dropped.
  virtual void submit(runnable& what) noexcept = 0;

  /// The context whose services (timers, sockets, resolvers) actors' Asio objects use.
  [[nodiscard]] virtual boost::asio::execution_context& context() noexcept = 0;

  /// Where completion handlers of the application run that have no executor of their own.
  [[nodiscard]] virtual boost::asio::any_io_executor io_executor() = 0;

  /// Calls `wake` at or soon after `when`, on a thread of this executor. While a call is pending, an earlier `when`
  /// brings it forward and a later one is ignored; `wake` is always the same function.
  virtual void wake_at(steady_time when, std::function<void()> wake) = 0;

  /// Whether the calling thread is one of this executor's, as far as that can be told.
  [[nodiscard]] virtual bool on_own_thread() const noexcept = 0;

  /// Returns when `done` is true. Called outside this executor's threads.
  virtual void wait(const std::atomic<bool>& done) = 0;

  /// Runs what is ready on the calling thread, if this executor's threads have ended for good; otherwise nothing.
  virtual void run_in_its_place() {}

  /// Waits until what runs now has returned, and runs nothing after. Idempotent. Not from its own threads.
  virtual void stop() = 0;

  /// Runs what is ready in its contexts, on the calling thread: the end of the actors may have answered somebody.
  /// Destroys what still waits there, without running it. The executor itself may be referred to for longer. After
  /// `stop`, when no actor is left in memory. Idempotent.
  virtual void close() = 0;
};

}  // namespace troupe::spi
