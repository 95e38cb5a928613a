#pragma once

#include <functional>
#include <optional>
#include <random>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "troupe/spi/executor.hpp"
#include "troupe/testing/manual_clock.hpp"

namespace troupe::testing {

/// Runs everything on the thread that drives it, in an order drawn from a seed, by a manual clock. For one thread.
class seeded_executor final : public spi::executor {
 public:
  seeded_executor(std::uint64_t seed, manual_clock& clock) : random_(seed), calls_(~seed), clock_(clock) {}

  void submit(spi::runnable& what) noexcept override {
    if (!stopped_) ready_.push_back(&what);
  }
  [[nodiscard]] boost::asio::execution_context& context() noexcept override { return io_; }
  [[nodiscard]] boost::asio::any_io_executor io_executor() override { return io_.get_executor(); }
  void wake_at(steady_time when, std::function<void()> wake) override;
  [[nodiscard]] bool on_own_thread() const noexcept override { return running_; }
  void wait(const std::atomic<bool>& done) override;
  void stop() override;
  void close() override;

  /// Runs one ready actor, drawn by the seed, or one Asio handler. Returns false when nothing can run.
  bool step();

  /// Runs until nothing can run without time moving on.
  void settle();

  /// Moves the clock by `span`, stopping at each alarm on the way and letting everything run there.
  void advance(std::chrono::nanoseconds span);

 private:
  class context_type : public boost::asio::io_context {
   public:
    context_type() : io_context(1) {}
    void drop_pending() { shutdown(); }
  };

  void ring();

  std::mt19937_64 random_;
  std::mt19937_64 calls_;  // how many calls are begun at once, apart from the order
  manual_clock& clock_;
  context_type io_;
  std::vector<spi::runnable*> ready_;
  std::optional<steady_time> alarm_at_;
  std::function<void()> wake_;
  bool running_ = false;
  bool stopped_ = false;
};

}  // namespace troupe::testing
