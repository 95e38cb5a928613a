#include "troupe/core/timer.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/later.hpp"
#include "core/timer_service.hpp"
#include "troupe/base/error.hpp"

namespace troupe::detail {

/// What a timer shares with its pending alarm and its tick on the way through the mailbox.
class timer_state final : public request, public internal::alarm, public std::enable_shared_from_this<timer_state> {
 public:
  timer_state(internal::activation& target, std::chrono::nanoseconds period, timer_keeps_alive keeps, std::string name,
              std::function<task<void>()> tick)
      : target_(&target), period_(period), keeps_(keeps), name_(std::move(name)), tick_(std::move(tick)) {
    target.retain();
  }
  timer_state(const timer_state&) = delete;
  timer_state& operator=(const timer_state&) = delete;
  ~timer_state() override { target_->release(); }

  void arm(std::chrono::nanoseconds delay) {
    pending_ = target_->system().timers().start(internal::later(target_->system().now(), delay), shared_from_this());
  }
  void stop() noexcept {
    stopped_.store(true, std::memory_order_relaxed);
    target_->system().timers().cancel(pending_);
  }
  [[nodiscard]] bool running() const noexcept { return !stopped_.load(std::memory_order_relaxed) && !over_; }

  void ring() noexcept override {
    underway_ = shared_from_this();
    target_->push(*this);
  }

  std::coroutine_handle<task_promise_base> start(actor&) override { return as_base(tick_().release()); }
  void take_result(std::coroutine_handle<task_promise_base>) override {}
  void encode_reply(std::string&) const override {}
  void decode_reply(std::string_view) override {}
  void complete(std::exception_ptr failure) noexcept override {
    const auto self = std::move(underway_);
    if (failure) target_->system().log_failure("a timer of " + target_->display(), failure);
    if (stopped_.load(std::memory_order_relaxed)) return;
    if (period_.count() > 0) {
      arm(period_);
    } else {
      over_ = true;
    }
  }
  void abandon() noexcept override { underway_.reset(); }
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] bool wanted() const noexcept override { return !stopped_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool keeps_alive() const noexcept override { return keeps_ == timer_keeps_alive::yes; }

 private:
  internal::activation* const target_;
  const std::chrono::nanoseconds period_;
  const timer_keeps_alive keeps_;
  const std::string name_;
  const std::function<task<void>()> tick_;
  std::atomic<bool> stopped_ = false;
  bool over_ = false;                      // strand: it fired for the only time
  internal::timer_service::id pending_;    // strand
  std::shared_ptr<timer_state> underway_;  // keeps itself from alarm to the end of the tick
};

namespace {

class push_alarm final : public internal::alarm {
 public:
  push_alarm(internal::activation& target, message& m) : target_(&target), message_(&m) { target.retain(); }
  push_alarm(const push_alarm&) = delete;
  push_alarm& operator=(const push_alarm&) = delete;
  ~push_alarm() override { target_->release(); }
  void ring() noexcept override { target_->push(*message_); }

 private:
  internal::activation* target_;
  message* message_;
};

}  // namespace

void sleep_awaiter::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  join();
  place_ = internal::this_strand;
  internal::actor_system& system = place_->system();
  alarm_ = system.timers().start(internal::later(system.now(), span_), std::make_shared<push_alarm>(*place_, *this));
}

void sleep_awaiter::call_off() noexcept {
  if (called_off_ || !place_->system().timers().cancel(alarm_)) return;  // else it rings already
  called_off_ = true;
  place_->push(*this);
}

}  // namespace troupe::detail

namespace troupe {

timer::timer(actor& owner, timer_keeps_alive keeps) : owner_(&owner), keeps_(keeps) {}

timer::~timer() { stop(); }

void timer::begin(std::chrono::nanoseconds delay, std::chrono::nanoseconds period, std::function<task<void>()> tick) {
  if (delay.count() < 0 || period.count() < 0) {
    throw error(errc::invalid_argument, "troupe::timer: delay and period are 0 or more");
  }
  if (owner_->activation_ == nullptr) {
    throw std::logic_error("troupe::timer: started in the actor's constructor; start it in on_activate");
  }
  stop();
  state_ = std::make_shared<detail::timer_state>(*owner_->activation_, period, keeps_, name_, std::move(tick));
  state_->arm(delay);
}

void timer::stop() noexcept {
  if (state_) state_->stop();
  state_.reset();
}

bool timer::running() const noexcept { return state_ && state_->running(); }

}  // namespace troupe
