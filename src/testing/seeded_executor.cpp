#include "testing/seeded_executor.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "core/current_strand.hpp"

namespace troupe::testing {
namespace {

/// How much virtual time a blocking call may take before it counts as stuck.
constexpr std::chrono::hours patience{1};

class flag_scope {
 public:
  explicit flag_scope(bool& flag) noexcept : flag_(flag), before_(std::exchange(flag, true)) {}
  flag_scope(const flag_scope&) = delete;
  flag_scope& operator=(const flag_scope&) = delete;
  ~flag_scope() { flag_ = before_; }

 private:
  bool& flag_;
  bool before_;
};

}  // namespace

bool seeded_executor::step() {
  const flag_scope scope(running_);
  if (io_.stopped()) io_.restart();
  if (ready_.empty()) return io_.poll_one() > 0;
  const std::size_t drawn = random_() % ready_.size();
  spi::runnable* next = ready_[drawn];
  ready_[drawn] = ready_.back();
  ready_.pop_back();
  // Both ways of a call are taken, often in one run of a strand.
  const internal::calls_at_once_scope calls(static_cast<int>(calls_() % 4));
  next->run();
  return true;
}

void seeded_executor::settle() {
  while (step()) {
  }
}

void seeded_executor::wake_at(steady_time when, std::function<void()> wake) {
  wake_ = std::move(wake);
  if (!alarm_at_ || when < *alarm_at_) alarm_at_ = when;
}

void seeded_executor::ring() {
  const flag_scope scope(running_);
  alarm_at_.reset();
  const auto wake = wake_;
  wake();
}

void seeded_executor::advance(std::chrono::nanoseconds span) {
  const steady_time until = clock_.steady_now() + std::chrono::duration_cast<steady_time::duration>(span);
  settle();
  while (alarm_at_ && *alarm_at_ <= until) {
    if (*alarm_at_ > clock_.steady_now()) clock_.advance(*alarm_at_ - clock_.steady_now());
    ring();
    settle();
  }
  if (until > clock_.steady_now()) clock_.advance(until - clock_.steady_now());
}

void seeded_executor::wait(const std::atomic<bool>& done) {
  const steady_time until = clock_.steady_now() + patience;
  while (!done.load(std::memory_order_acquire)) {
    if (step()) continue;
    if (!alarm_at_ || *alarm_at_ > until) {
      throw std::logic_error(
          "troupe::testing: the call is not answered and nothing can run any more: an actor waits for something that "
          "does not come, or a store operation is held");
    }
    if (*alarm_at_ > clock_.steady_now()) clock_.advance(*alarm_at_ - clock_.steady_now());
    ring();
  }
}

void seeded_executor::stop() {
  stopped_ = true;
  ready_.clear();
  alarm_at_.reset();
}

void seeded_executor::close() {
  const flag_scope scope(running_);
  if (io_.stopped()) io_.restart();
  io_.poll();
  io_.drop_pending();
}

}  // namespace troupe::testing
