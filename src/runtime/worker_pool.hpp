#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "runtime/run_queue.hpp"
#include "troupe/spi/executor.hpp"

namespace troupe::internal {

/// The runtime's own threads. Each has a run queue and an `io_context` to park on and do I/O; work that a worker makes
/// stays with it, and a worker without any takes from the others.
/// Thread-safety: any thread.
class worker_pool final : public spi::executor {
 public:
  /// Starts `threads` workers; at least one. Alarms are set by `clock`; one that runs at another speed than the
  /// machine's is looked at again after each nap of a worker.
  worker_pool(std::size_t threads, std::shared_ptr<const spi::clock> clock);
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;
  ~worker_pool() override;

  void submit(spi::runnable& what) noexcept override;
  [[nodiscard]] boost::asio::execution_context& context() noexcept override;
  [[nodiscard]] boost::asio::any_io_executor io_executor() override;
  void wake_at(steady_time when, std::function<void()> wake) override;
  [[nodiscard]] bool on_own_thread() const noexcept override;
  void wait(const std::atomic<bool>& done) override;
  void stop() override;
  void close() override;

 private:
  class worker_context : public boost::asio::io_context {
   public:
    worker_context() : io_context(1) {}
    void drop_pending() { shutdown(); }
  };
  /// Runnables in order, linked.
  struct chain {
    spi::runnable* first = nullptr;
    spi::runnable* last = nullptr;
    std::size_t count = 0;

    void push(spi::runnable& what) noexcept {
      what.next_runnable = nullptr;
      (last == nullptr ? first : last->next_runnable) = &what;
      last = &what;
      ++count;
    }
  };
  struct worker {
    run_queue queue;
    chain spilled;  // the worker's own: of the strand that runs, what did not fit
    worker_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep{io.get_executor()};
    std::atomic<bool> parked{false};
    std::size_t index = 0;
    std::thread thread;
  };

  void work(worker& self);
  void run(worker& self, spi::runnable& next) noexcept;
  void park(worker& self);
  [[nodiscard]] spi::runnable* find_work(worker& self) noexcept;
  /// Takes up to `most` from the shared queue: returns the first, the others are in the worker's own then.
  [[nodiscard]] spi::runnable* take_shared(worker& self, std::size_t most) noexcept;
  void share(chain& all) noexcept;              ///< empties it
  void link_shared(const chain& all) noexcept;  // requires shared_mutex_
  void wake_one() noexcept;
  void ring_if_due();
  [[nodiscard]] std::chrono::nanoseconds until_alarm() const noexcept;
  [[nodiscard]] worker* own() const noexcept;
  [[nodiscard]] worker& any() noexcept;  ///< the calling thread's, else one after the other

  const std::shared_ptr<const spi::clock> clock_;
  std::vector<std::unique_ptr<worker>> workers_;  // constant after construction
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> parked_{0};
  std::atomic<std::size_t> shared_size_{0};
  std::mutex shared_mutex_;
  spi::runnable* shared_first_ = nullptr;  // guarded by shared_mutex_
  spi::runnable* shared_last_ = nullptr;   // guarded by shared_mutex_
  std::atomic<std::size_t> next_context_{0};
  std::atomic<worker*> alarm_keeper_{nullptr};  // the parked worker that sleeps no longer than until the alarm
  std::mutex alarm_mutex_;
  std::atomic<steady_time> alarm_at_{steady_time::max()};  // written under alarm_mutex_; max: none
  std::function<void()> wake_;                             // guarded by alarm_mutex_
};

}  // namespace troupe::internal
