#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include "core/timer_service.hpp"

namespace bench {

/// When each of the alarms is due, and the order in which they are cancelled. The same for all contestants.
struct plan {
  std::vector<std::chrono::nanoseconds> due;
  std::vector<std::uint32_t> cancelled;
  std::chrono::nanoseconds end{};  ///< the last is due before
};

inline constexpr std::chrono::milliseconds step{1};  ///< between two looks for what is due

/// The service that runs alarms in troupe.
class wheel_alarms {
 public:
  explicit wheel_alarms(std::size_t most) { started_.reserve(most); }
  void start(std::chrono::nanoseconds due) {
    started_.push_back(troupe::internal::make_alarm([this] { ++rung; }));
    service_.start(troupe::steady_time(due), started_.back());
  }
  void cancel(std::size_t which) { service_.cancel(started_[which]); }
  void advance(std::chrono::nanoseconds to) { service_.ring_due(troupe::steady_time(to)); }

  std::size_t rung = 0;

 private:
  troupe::internal::timer_service service_{[](troupe::steady_time) {}};
  std::vector<troupe::internal::alarm_ptr> started_;
};

/// What it was before: an ordered map under a lock.
class map_alarms {
 public:
  explicit map_alarms(std::size_t most) { started_.reserve(most); }
  void start(std::chrono::nanoseconds due) {
    auto what = std::make_shared<function_alarm>([this] { ++rung; });
    const std::scoped_lock lock(mutex_);
    started_.emplace_back(due, started_.size());
    pending_.emplace(started_.back(), std::move(what));
  }
  void cancel(std::size_t which) {
    const std::scoped_lock lock(mutex_);
    pending_.erase(started_[which]);
  }
  void advance(std::chrono::nanoseconds to) {
    for (;;) {
      std::shared_ptr<base_alarm> due;
      {
        const std::scoped_lock lock(mutex_);
        if (pending_.empty() || pending_.begin()->first.first > to) return;
        due = std::move(pending_.begin()->second);
        pending_.erase(pending_.begin());
      }
      due->ring();
    }
  }

  std::size_t rung = 0;

 private:
  struct base_alarm {
    virtual ~base_alarm() = default;
    virtual void ring() = 0;
  };
  struct function_alarm final : base_alarm {
    explicit function_alarm(std::function<void()> f) : what(std::move(f)) {}
    void ring() override { what(); }
    std::function<void()> what;
  };
  using id = std::pair<std::chrono::nanoseconds, std::uint64_t>;

  std::mutex mutex_;
  std::map<id, std::shared_ptr<base_alarm>> pending_;
  std::vector<id> started_;
};

/// `boost::asio::steady_timer` by a clock that the benchmark moves.
class asio_alarms {
 public:
  explicit asio_alarms(std::size_t /*most*/) { clock::at = {}; }
  void start(std::chrono::nanoseconds due) {
    timers_.emplace_back(io_, clock::time_point(due)).async_wait([this](const boost::system::error_code& failure) {
      if (!failure) ++rung;
    });
  }
  void cancel(std::size_t which) {
    timers_[which].cancel();
    if (which % 256 == 0) static_cast<void>(io_.poll());  // the handlers that are told of it
  }
  void advance(std::chrono::nanoseconds to) {
    clock::at = clock::time_point(to);
    io_.restart();
    static_cast<void>(io_.poll());
  }
  ~asio_alarms() { static_cast<void>(io_.poll()); }

  std::size_t rung = 0;

 private:
  struct clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<clock>;
    static constexpr bool is_steady = true;
    static time_point now() noexcept { return at; }
    static inline time_point at{};
  };

  /// Has it look at the clock whenever it is polled.
  struct always_look {
    static clock::duration to_wait_duration(clock::duration /*left*/) noexcept { return {}; }
    static clock::duration to_wait_duration(clock::time_point /*at*/) noexcept { return {}; }
  };

  boost::asio::io_context io_{1};
  std::deque<boost::asio::basic_waitable_timer<clock, always_look>> timers_;
};

}  // namespace bench
