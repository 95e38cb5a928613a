#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/timer_service.hpp"
#include "integration/runtime/quiet.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using internal::alarm_ptr;

/// Counts how often it rang.
class counting_alarm final : public internal::alarm {
 public:
  void ring() noexcept override { rung.fetch_add(1, std::memory_order_release); }
  std::atomic<std::uint64_t> rung = 0;
};

/// Starts alarms again and again; each either is cancelled or rings, once.
void start_and_cancel(internal::timer_service& timers, const std::atomic<std::int64_t>& now, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<boost::intrusive_ptr<counting_alarm>> alarms;
  for (int i = 0; i < 16; ++i) alarms.emplace_back(new counting_alarm);
  std::vector<std::uint64_t> expected(alarms.size());
  for (int round = 0; round < 300; ++round) {
    for (const auto& each : alarms) {
      const auto delay = std::chrono::nanoseconds(random() % (round % 2 == 0 ? 100'000 : 10'000'000));
      timers.start(steady_time(std::chrono::nanoseconds(now.load())) + delay, each);
    }
    for (std::size_t i = 0; i < alarms.size(); ++i) {
      alarm_ptr same = alarms[i];
      if (random() % 2 == 0 && timers.cancel(same)) continue;
      ++expected[i];
      while (alarms[i]->rung.load(std::memory_order_acquire) < expected[i]) std::this_thread::yield();
    }
  }
  for (std::size_t i = 0; i < alarms.size(); ++i) EXPECT_EQ(alarms[i]->rung.load(), expected[i]);
}

TEST(TimerThreads, AlarmIsEitherCancelledOrRingsWhateverOtherThreadsDo) {
  std::atomic<std::int64_t> now = 0;
  std::atomic<bool> over = false;
  internal::timer_service timers([](steady_time) {});
  std::vector<std::future<void>> ringing;
  for (int t = 0; t < 2; ++t) {
    ringing.push_back(std::async(std::launch::async, [&] {
      while (!over) timers.ring_due(steady_time(std::chrono::nanoseconds(now.fetch_add(20'000))));
    }));
  }
  std::vector<std::future<void>> starting;
  for (std::uint64_t t = 1; t <= 2; ++t) {
    starting.push_back(std::async(std::launch::async, [&timers, &now, t] { start_and_cancel(timers, now, t); }));
  }
  for (auto& each : starting) each.get();
  over = true;
  for (auto& each : ringing) each.get();
}

/// Starts, restarts and stops its timer while that rings.
class fidget : public actor {
 public:
  static constexpr std::string_view actor_type = "fidget";

  int start() {
    stopped_ = false;
    timer_.start(1us, 1us, [this] { tick(); });
    return wrong_;
  }
  int stop() {
    timer_.stop();
    stopped_ = true;
    return wrong_;
  }
  task<int> pause() {
    co_await sleep_for(100us);
    co_return ticks_;
  }
  using methods = troupe::methods<&fidget::start, &fidget::stop, &fidget::pause>;

 private:
  void tick() {
    ++ticks_;
    if (stopped_) ++wrong_;
  }

  timer timer_{*this};
  bool stopped_ = true;
  int ticks_ = 0;
  int wrong_ = 0;
};

TEST(TimerThreads, TimersAreStoppedAndStartedAgainWhileTheyRing) {
  for (int round = 0; round < 3; ++round) {
    runtime rt(quiet({.threads = 3}));
    rt.host<fidget>();
    std::vector<std::future<void>> callers;
    for (int t = 0; t < 3; ++t) {
      callers.push_back(std::async(std::launch::async, [&rt, t] {
        const auto mine = rt.ref<fidget>(std::to_string(t));
        for (int i = 0; i < 200; ++i) {
          EXPECT_EQ(mine.call<&fidget::start>().get(), 0);
          if (i % 3 == 0) static_cast<void>(mine.call<&fidget::pause>().get());
          if (i % 2 != 0) continue;
          EXPECT_EQ(mine.call<&fidget::stop>().get(), 0) << "a tick began after the timer was stopped";
        }
        EXPECT_GT(mine.call<&fidget::pause>().get(), 0);
      }));
    }
    for (auto& each : callers) each.get();
    // It ends while timers ring.
  }
}

}  // namespace
}  // namespace troupe::testing
