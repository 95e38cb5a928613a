#include "runtime/application_executor.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/defer.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/current_strand.hpp"
#include "core/reference_credits.hpp"

namespace troupe::internal {
namespace {

constexpr int runs_per_pump = 64;

/// How many pumps' work is done in the context's place at a time: whoever lends the thread has a limit to keep.
constexpr int pumps_in_its_place = 100;

thread_local const void* pumping_for = nullptr;

using io_executor = boost::asio::io_context::executor_type;
using pool_executor = boost::asio::thread_pool::executor_type;

/// The executor beneath a strand, if `on` is one over a kind that can be looked into.
template <class Inner>
std::optional<boost::asio::any_io_executor> beneath(const boost::asio::any_io_executor& on) {
  const auto* strand = on.target<boost::asio::strand<Inner>>();
  if (strand == nullptr) return std::nullopt;
  return strand->get_inner_executor();
}

boost::asio::any_io_executor without_strand(boost::asio::any_io_executor on) {
  for (;;) {
    auto inner = beneath<io_executor>(on);
    if (!inner) inner = beneath<pool_executor>(on);
    if (!inner) inner = beneath<boost::asio::any_io_executor>(on);
    if (!inner) return on;
    on = std::move(*inner);
  }
}

/// What functions on the application's executor share with us: they may run after we are gone.
struct shared_state : std::enable_shared_from_this<shared_state> {
  shared_state(boost::asio::any_io_executor on, application_executor_options how)
      : executor(std::move(on)), beneath_strands(without_strand(executor)), options(std::move(how)) {}

  const boost::asio::any_io_executor executor;
  const boost::asio::any_io_executor beneath_strands;
  const application_executor_options options;
  std::mutex mutex;
  std::condition_variable idle;
  spi::runnable* first = nullptr;                  // guarded by mutex
  spi::runnable* last = nullptr;                   // guarded by mutex
  std::size_t pumps = 0;                           // guarded by mutex: deferred or running
  std::size_t running = 0;                         // guarded by mutex: inside a runnable or an alarm
  bool stopped = false;                            // guarded by mutex
  std::optional<steady_time> alarm_at;             // guarded by mutex
  std::optional<boost::asio::steady_timer> alarm;  // guarded by mutex
  std::function<void()> wake;                      // guarded by mutex

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

  /// Whether the calling thread runs a function of the application's context, ours or not.
  [[nodiscard]] bool on_this_thread() const noexcept {
    if (pumping_for == this) return true;
    if (const auto* io = beneath_strands.target<io_executor>()) return io->running_in_this_thread();
    if (const auto* pool = beneath_strands.target<pool_executor>()) return pool->running_in_this_thread();
    return false;
  }

  /// Whether the context was stopped, so that nothing that is deferred to it will run.
  [[nodiscard]] bool context_stopped() const noexcept {
    const auto* io = beneath_strands.target<io_executor>();
    return io != nullptr && io->context().stopped();
  }

  void run_some(std::unique_lock<std::mutex>& lock) {
    const void* before = std::exchange(pumping_for, this);
    const calls_at_once_scope calls(calls_at_once_usual);
    for (int runs = 0; runs < runs_per_pump && !stopped; ++runs) {
      spi::runnable* next = pop();
      if (next == nullptr) break;
      ++running;
      lock.unlock();
      {
        const reference_credits::scope credits;
        next->run();
      }
      lock.lock();
      --running;
    }
    pumping_for = before;
    if (stopped) idle.notify_all();
  }

  void pump() {
    std::unique_lock lock(mutex);
    run_some(lock);
    const bool more = first != nullptr && !stopped;
    if (!more) --pumps;
    lock.unlock();
    if (more) defer_pump();
  }

  /// Sleeps until the alarm, or for a nap; requires mutex.
  void arm() {
    const std::chrono::nanoseconds left = *alarm_at - options.clock->steady_now();
    alarm->expires_after(std::clamp(left, std::chrono::nanoseconds::zero(), options.nap_max));
    alarm->async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled) self->look_at_alarm();
    });
  }

  void look_at_alarm() {
    std::unique_lock lock(mutex);
    if (alarm_due()) {
      ring(lock);
    } else if (alarm_at && !stopped) {
      arm();
    }
  }

  /// Requires mutex.
  [[nodiscard]] bool alarm_due() const {
    return !stopped && alarm_at.has_value() && *alarm_at <= options.clock->steady_now();
  }

  void ring(std::unique_lock<std::mutex>& lock) {
    alarm_at.reset();
    ++running;
    const std::function<void()> what = wake;
    lock.unlock();
    const void* before = std::exchange(pumping_for, this);
    what();
    pumping_for = before;
    lock.lock();
    --running;
    if (stopped) idle.notify_all();
  }

  void run_in_its_place() {
    if (!context_stopped()) return;
    std::unique_lock lock(mutex);
    if (alarm_due()) ring(lock);
    for (int pumps_left = pumps_in_its_place; pumps_left > 0 && first != nullptr && !stopped; --pumps_left) {
      run_some(lock);
    }
  }
};

class application_executor final : public spi::executor {
 public:
  application_executor(boost::asio::any_io_executor on, application_executor_options options)
      : state_(std::make_shared<shared_state>(std::move(on), std::move(options))) {
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
      if (state_->pumps == state_->options.pumps_max) return;
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
    state_->wake = std::move(wake);
    state_->arm();
  }

  [[nodiscard]] bool on_own_thread() const noexcept override { return state_->on_this_thread(); }

  void wait(const std::atomic<bool>& done) override { done.wait(false, std::memory_order_acquire); }

  void run_in_its_place() override { state_->run_in_its_place(); }

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

std::shared_ptr<spi::executor> make_application_executor(boost::asio::any_io_executor executor,
                                                         application_executor_options options) {
  return std::make_shared<application_executor>(std::move(executor), std::move(options));
}

}  // namespace troupe::internal
