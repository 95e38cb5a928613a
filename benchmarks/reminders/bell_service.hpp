#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "counting_store.hpp"
#include "histogram.hpp"
#include "raw_calendar.hpp"
#include "troupe/troupe.hpp"

namespace bench {

struct page {
  std::int64_t ticks = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(page, ticks)

/// How late the ticks of the measured time were.
struct lateness {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
  std::atomic<std::int64_t> most{0};
  std::atomic<std::int64_t> left{0};
  std::binary_semaphore all_heard{0};
  histogram microseconds;
};

/// Counts its ticks in its state.
class bell : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "bell";

  explicit bell(lateness& late) : late_(&late) {}

  troupe::task<void> on_reminder(troupe::reminder_tick tick) override {
    ++page_.edit().ticks;
    const std::int64_t due = tick.due.time_since_epoch().count();
    if (due >= late_->from_ms && due < late_->to_ms) {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      const std::int64_t late = std::chrono::duration_cast<std::chrono::microseconds>(now).count() - due * 1000;
      late_->microseconds.add(late);
      for (std::int64_t most = late_->most; late > most && !late_->most.compare_exchange_weak(most, late);) {
      }
      if (late_->left.fetch_sub(1) == 1) late_->all_heard.release();
    }
    co_return;
  }
  using methods = troupe::methods<>;

 private:
  lateness* late_;
  troupe::state<page> page_{*this, "page"};
};

/// A runtime of its own for one measurement, on a store that stays open.
class bell_service {
 public:
  bell_service(counting_store& store, lateness& late) {
    troupe::runtime_options made;
    made.store_instance = std::shared_ptr<troupe::spi::state_store>(&store, [](auto*) {});
    made.reminders.overdue_per_second = 0;
    rt_ = std::make_unique<troupe::runtime>(made);
    rt_->host<bell>(troupe::options_of<bell>(), [&late] { return std::make_unique<bell>(late); });
  }
  [[nodiscard]] troupe::runtime& rt() { return *rt_; }

  /// Sets a reminder of each actor, `in_flight` at a time, and waits until all are durable.
  void set_reminders(const std::vector<std::size_t>& numbers, std::size_t in_flight) {
    left_ = numbers.size();
    next_ = 0;
    for (std::size_t n = 0; n < std::min(in_flight, numbers.size()); ++n) set_next(numbers);
    for (auto left = left_.load(); left != 0; left = left_.load()) left_.wait(left);
    if (failed_) throw std::runtime_error("a reminder could not be set");
  }

 private:
  void set_next(const std::vector<std::size_t>& numbers) {
    const std::size_t n = next_.fetch_add(1, std::memory_order_relaxed);
    if (n >= numbers.size()) return;
    rt_->ref<bell>(raw_calendar::key_of(numbers[n]))
        .schedule_reminder("tick", {.due_in = std::chrono::hours(24), .period = std::chrono::hours(24)})(
            [this, &numbers](const std::exception_ptr& failure) {
              if (failure) failed_ = true;
              set_next(numbers);
              if (left_.fetch_sub(1) == 1) left_.notify_all();
            });
  }

  std::unique_ptr<troupe::runtime> rt_;
  std::atomic<std::size_t> left_{0};
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace bench
