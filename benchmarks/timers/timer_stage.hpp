#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "memory.hpp"
#include "troupe/troupe.hpp"

namespace bench {

inline std::atomic<std::int64_t> ticks_left{0};

/// Has many timers.
class holder : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "holder";
  static constexpr auto idle_timeout = std::chrono::milliseconds(0);

  void start(std::int64_t count, std::int64_t delay_ms) {
    for (std::int64_t i = 0; i < count; ++i) {
      timers_.emplace_back(*this).start(std::chrono::milliseconds(delay_ms), [this] { tick(); });
    }
  }
  void stop() { timers_.clear(); }
  using methods = troupe::methods<&holder::start, &holder::stop>;

 private:
  void tick() {
    ++ticks_;
    if (ticks_left.fetch_sub(1, std::memory_order_acq_rel) == 1) ticks_left.notify_one();
  }

  std::deque<troupe::timer> timers_;
  std::int64_t ticks_ = 0;
};

/// The actors that have timers.
class timer_stage {
 public:
  timer_stage(std::int64_t timers, std::int64_t actors) : each_(timers / actors) {
    runtime_.host<holder>();
    for (std::int64_t i = 0; i < actors; ++i) all_.push_back(runtime_.ref<holder>(std::to_string(i)));
    stop();
  }
  void start(std::chrono::milliseconds delay) {
    for (const auto& one : all_) one.call<&holder::start>(each_, delay.count()).get();
  }
  void stop() {
    for (const auto& one : all_) one.call<&holder::stop>().get();
  }
  void start_and_tick() {
    ticks_left = each_ * static_cast<std::int64_t>(all_.size());
    start(std::chrono::milliseconds(0));
    for (std::int64_t left = ticks_left; left != 0; left = ticks_left) ticks_left.wait(left);
    stop();
  }

  /// What a timer takes that is pending.
  [[nodiscard]] memory_taken memory_of_each() {
    const memory_meter meter;
    start(std::chrono::hours(1));
    const auto found = meter.taken(static_cast<double>(each_) * static_cast<double>(all_.size()));
    stop();
    return found;
  }

 private:
  troupe::runtime runtime_{{.store = "memory:", .threads = 1}};
  std::int64_t each_;
  std::vector<troupe::actor_ref<holder>> all_;
};

}  // namespace bench
