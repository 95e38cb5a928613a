#include "runtime/application_executor.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/defer.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>

namespace troupe::internal {
namespace {

constexpr int runs_per_pump = 64;

thread_local const void* pumping_for = nullptr;

/// What functions on the application's executor share with us: they may run after we are gone.
struct shared_state : std::enable_shared_from_this<shared_state> {
  shared_state(boost::asio::any_io_executor on, std::size_t most) : executor(std::move(on)), pumps_max(most) {}

  const boost::asio::any_io_executor executor;
  const std::size_t pumps_max;
  std::mutex mutex;
  std::condition_variable idle;
  spi::runnable* first = nullptr;                  // guarded by mutex
  spi::runnable* last = nullptr;                   // guarded by mutex
  std::size_t pumps = 0;                           // guarded by mutex: deferred or running
  std::size_t running = 0;                         // guarded by mutex: inside a runnable or an alarm
  bool stopped = false;                            // guarded by mutex
  std::optional<steady_time> alarm_at;             // guarded by mutex
  std::optional<boost::asio::steady_timer> alarm;  // guarded by mutex

  void push(spi::runnable& what) {
    what.next_runnable = nullptr;
    if (last == nullptr) {
      first = &what;
    } else {
      last->next_runnable = &what;
    }
    last = &what;
  }

  spi::runnable* pop() {
    spi::runnable* taken = first;
    if (taken == nullptr) return nullptr;
    first = taken->next_runnable;
    if (first == nullptr) last = nullptr;
    return taken;
  }

  void defer_pump() {
    boost::asio::defer(executor, [self = shared_from_this()] { self->pump(); });
  }

  void pump() {
    const void* before = std::exchange(pumping_for, this);
    std::unique_lock lock(mutex);
    for (int runs = 0; runs < runs_per_pump && !stopped; ++runs) {
      spi::runnable* next = pop();
      if (next == nullptr) break;
      ++running;
      lock.unlock();
      next->run();
      lock.lock();
      --running;
    }
    const bool more = first != nullptr && !stopped;
    if (!more) --pumps;
    if (stopped) idle.notify_all();
    lock.unlock();
    pumping_for = before;
    if (more) defer_pump();
  }

  void ring(const std::function<void()>& wake) {
    {
      const std::scoped_lock lock(mutex);
      if (stopped) return;
      alarm_at.reset();
      ++running;
    }
    const void* before = std::exchange(pumping_for, this);
    wake();
    pumping_for = before;
    const std::scoped_lock lock(mutex);
    --running;
    if (stopped) idle.notify_all();
  }
};

class application_executor final : public spi::executor {
 public:
  application_executor(boost::asio::any_io_executor on, std::size_t pumps_max)
      : state_(std::make_shared<shared_state>(std::move(on), pumps_max)) {
    state_->alarm.emplace(state_->executor);
  }
  application_executor(const application_executor&) = delete;
  application_executor& operator=(const application_executor&) = delete;
  ~application_executor() override { stop(); }

  void submit(spi::runnable& what) noexcept override {
    {
      const std::scoped_lock lock(state_->mutex);
      if (state_->stopped) return;
      state_->push(what);
      if (state_->pumps == state_->pumps_max) return;
      ++state_->pumps;
    }
    state_->defer_pump();
  }

  [[nodiscard]] boost::asio::execution_context& context() noexcept override {
    return boost::asio::query(state_->executor, boost::asio::execution::context);
  }

  [[nodiscard]] boost::asio::any_io_executor io_executor() override { return state_->executor; }

  void wake_at(steady_time when, std::function<void()> wake) override {
    const std::scoped_lock lock(state_->mutex);
    if (state_->stopped || (state_->alarm_at && *state_->alarm_at <= when)) return;
    state_->alarm_at = when;
    state_->alarm->expires_at(when);
    state_->alarm->async_wait([state = state_, wake = std::move(wake)](const boost::system::error_code& cancelled) {
      if (!cancelled) state->ring(wake);
    });
  }

  [[nodiscard]] bool on_own_thread() const noexcept override { return pumping_for == state_.get(); }

  void wait(const std::atomic<bool>& done) override { done.wait(false, std::memory_order_acquire); }

  void stop() override {
    std::unique_lock lock(state_->mutex);
    state_->stopped = true;
    state_->alarm.reset();
    state_->idle.wait(lock, [this] { return state_->running == 0; });
  }

  void close() override {}

 private:
  const std::shared_ptr<shared_state> state_;
};

}  // namespace

std::shared_ptr<spi::executor> make_application_executor(boost::asio::any_io_executor executor, std::size_t pumps_max) {
  return std::make_shared<application_executor>(std::move(executor), pumps_max);
}

}  // namespace troupe::internal
