#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "runtime/worker_pool.hpp"
#include "troupe/spi/executor.hpp"

namespace troupe::testing {

/// A runtime's own threads, which count what is submitted to them. Thread-safety: any thread.
class counting_executor final : public spi::executor {
 public:
  counting_executor(std::size_t threads, std::shared_ptr<const spi::clock> clock) : pool_(threads, std::move(clock)) {}

  [[nodiscard]] std::uint64_t submissions() const noexcept { return submissions_.load(std::memory_order_relaxed); }

  void submit(spi::runnable& what) noexcept override {
    submissions_.fetch_add(1, std::memory_order_relaxed);
    pool_.submit(what);
  }
  [[nodiscard]] boost::asio::execution_context& context() noexcept override { return pool_.context(); }
  [[nodiscard]] boost::asio::any_io_executor io_executor() override { return pool_.io_executor(); }
  void wake_at(steady_time when, std::function<void()> wake) override { pool_.wake_at(when, std::move(wake)); }
  [[nodiscard]] bool on_own_thread() const noexcept override { return pool_.on_own_thread(); }
  void wait(const std::atomic<bool>& done) override { pool_.wait(done); }
  void run_in_its_place() override { pool_.run_in_its_place(); }
  void stop() override { pool_.stop(); }
  void close() override { pool_.close(); }

 private:
  internal::worker_pool pool_;
  std::atomic<std::uint64_t> submissions_{0};
};

}  // namespace troupe::testing
