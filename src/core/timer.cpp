#include "troupe/core/timer.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/alarm.hpp"
#include "core/current_strand.hpp"
#include "core/later.hpp"
#include "core/tick_pool.hpp"
#include "core/timer_service.hpp"
#include "troupe/base/error.hpp"
#include "troupe/core/actor.hpp"

namespace troupe::detail {
namespace {

/// After so long a tick for which there was no memory is tried again.
constexpr std::chrono::milliseconds memory_pause{10};

}  // namespace

/// One start of a timer, which is its alarm as well. A resting timer is this and no more: what a tick is in the mailbox
/// is made when it rings. The tick follows it in memory.
class timer_state final : public internal::alarm {
 public:
  struct setup {
    internal::activation& target;
    std::chrono::nanoseconds period;
    timer_keeps_alive keeps;
    const std::string* name;
  };

  [[nodiscard]] static timer_state* make(const setup& how, const tick_kind& kind, void* tick) {
    return new (tail{kind.size}) timer_state(how, kind, tick);
  }
  ~timer_state() override {
    kind_->destroy(tick());
    target_->release();
  }

  void arm(std::chrono::nanoseconds delay) {
    system().timers().start(internal::later(system().now(), delay), internal::alarm_ptr(this));
  }
  void stop() noexcept {
    stopped_.store(true, std::memory_order_relaxed);
    internal::alarm_ptr mine(this);
    system().timers().cancel(mine);
  }
  [[nodiscard]] bool running() const noexcept { return wanted() && !over_; }

  void ring() noexcept override;
  [[nodiscard]] task<void> call() { return kind_->call(tick()); }
  void ended(const std::exception_ptr& failure) noexcept;

  [[nodiscard]] internal::actor_system& system() const noexcept { return target_->system(); }
  [[nodiscard]] std::string_view name() const noexcept { return name_ ? std::string_view(*name_) : "timer"; }
  [[nodiscard]] bool wanted() const noexcept { return !stopped_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }

  void operator delete(void* memory) { ::operator delete(memory); }

 private:
  struct tail {
    std::size_t size;
  };
  static constexpr std::size_t tick_align = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  void* operator new(std::size_t own, tail room) {
    return ::operator new((own + tick_align - 1) / tick_align * tick_align + room.size);
  }
  void operator delete(void* memory, tail /*room*/) { ::operator delete(memory); }

  timer_state(const setup& how, const tick_kind& kind, void* from)
      : keeps_alive_(how.keeps == timer_keeps_alive::yes), target_(&how.target), period_(how.period), kind_(&kind) {
    if (how.name != nullptr) name_ = std::make_unique<const std::string>(*how.name);
    kind.move_to(from, tick());
    target_->retain();
  }

  [[nodiscard]] void* tick() noexcept {
    return reinterpret_cast<std::byte*>(this) + (sizeof(timer_state) + tick_align - 1) / tick_align * tick_align;
  }

  // The first three lie in the last bytes of the alarm.
  std::atomic<bool> stopped_ = false;
  bool over_ = false;  // strand: it fired for the only time
  const bool keeps_alive_;
  internal::activation* const target_;
  const std::chrono::nanoseconds period_;
  const tick_kind* const kind_;
  std::unique_ptr<const std::string> name_;  // constant after construction; null: the usual one
};

namespace {

/// A tick from the alarm to its end.
class tick_request final : public request {
 public:
  explicit tick_request(timer_state& of) noexcept : of_(&of) {}

  std::coroutine_handle<task_promise_base> start(actor& /*self*/) override { return as_base(of_->call().release()); }
  void take_result(std::coroutine_handle<task_promise_base> /*root*/) override {}
  void encode_reply(std::string& /*json*/) const override {}
  void decode_reply(std::string_view /*json*/) override {}
  void complete(std::exception_ptr failure) noexcept override { leave()->ended(failure); }
  void abandon() noexcept override { leave(); }
  [[nodiscard]] std::string_view name() const noexcept override { return of_->name(); }
  [[nodiscard]] bool wanted() const noexcept override { return of_->wanted(); }
  [[nodiscard]] bool keeps_alive() const noexcept override { return of_->keeps_alive(); }

 private:
  boost::intrusive_ptr<timer_state> leave() noexcept {
    boost::intrusive_ptr<timer_state> of = std::move(of_);
    this->~tick_request();
    of->system().ticks().give(this);
    return of;
  }

  boost::intrusive_ptr<timer_state> of_;
};
static_assert(sizeof(tick_request) <= internal::tick_pool::block_size);

}  // namespace

void timer_state::ring() noexcept {
  void* const memory = system().ticks().take();
  if (memory == nullptr) {
    arm(memory_pause);
    return;
  }
  target_->push(*new (memory) tick_request(*this));
}

void timer_state::ended(const std::exception_ptr& failure) noexcept {
  if (failure) {
    try {
      system().log_failure("a timer of " + target_->display(), failure);
    } catch (...) {  // no memory for the line: the timer goes on all the same
    }
  }
  if (!wanted()) return;
  if (period_.count() > 0) {
    arm(period_);
  } else {
    over_ = true;
  }
}

void sleep_awaiter::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  join();
  place_ = internal::this_strand;
  place_->retain();
  const internal::alarm_ptr made = internal::make_alarm(
      [place = activation_ptr(place_), self = static_cast<message*>(this)] { place.get()->push(*self); });
  alarm_ = internal::alarm_ptr(made).detach();
  internal::actor_system& system = place_->system();
  system.timers().start(internal::later(system.now(), span_), made);
}

sleep_awaiter::~sleep_awaiter() { const internal::alarm_ptr gone(alarm_, false); }

void sleep_awaiter::call_off() noexcept {
  internal::alarm_ptr mine(std::exchange(alarm_, nullptr), false);
  if (called_off_ || !place_->system().timers().cancel(mine)) return;  // else it rings already
  called_off_ = true;
  place_->push(*this);
}

}  // namespace troupe::detail

namespace troupe {

static_assert(alignof(actor) > 1, "a timer keeps a bit beside the address of its actor");

timer::timer(actor& owner, timer_keeps_alive keeps)
    : owner_(reinterpret_cast<std::uintptr_t>(&owner) | (keeps == timer_keeps_alive::yes ? 1U : 0U)) {}

timer::~timer() { stop(); }

void timer::begin(std::chrono::nanoseconds delay, std::chrono::nanoseconds period, const detail::tick_kind& kind,
                  void* tick) {
  if (delay.count() < 0 || period.count() < 0) {
    throw error(errc::invalid_argument, "troupe::timer: delay and period are 0 or more");
  }
  const actor& owner = *reinterpret_cast<const actor*>(owner_ & ~std::uintptr_t{1});
  if (owner.activation_ == nullptr) {
    throw std::logic_error("troupe::timer: started in the actor's constructor; start it in on_activate");
  }
  const auto keeps = (owner_ & 1U) != 0 ? timer_keeps_alive::yes : timer_keeps_alive::no;
  boost::intrusive_ptr<detail::timer_state> made(
      detail::timer_state::make({*owner.activation_, period, keeps, name_.get()}, kind, tick));
  stop();
  made->arm(delay);
  state_ = made.detach();
}

void timer::stop() noexcept {
  const boost::intrusive_ptr<detail::timer_state> gone(std::exchange(state_, nullptr), false);
  if (gone) gone->stop();
}

bool timer::running() const noexcept { return state_ != nullptr && state_->running(); }

}  // namespace troupe
