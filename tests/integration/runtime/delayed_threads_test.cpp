#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/troupe.hpp"

// Messages that arrive later, on real threads.

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct tally {
  std::atomic<int> sent{0};
  std::atomic<int> received{0};
};

/// Sends to itself and others, some of it later.
class juggler : public actor {
 public:
  static constexpr std::string_view actor_type = "juggler";
  static constexpr auto persistence = durability::none();
  static constexpr std::size_t mailbox_max = 0;

  explicit juggler(std::shared_ptr<tally> of) : tally_(std::move(of)) {}

  void throw_up(int rounds) {
    for (int i = 0; i < 8; ++i) {
      tally_->sent.fetch_add(1);
      ref<juggler>("j" + std::to_string((rounds + i) % 16))
          .with({.delay = std::chrono::milliseconds(1 + i)})
          .tell<&juggler::take>();
    }
    if (rounds > 0) ref<juggler>(key()).tell<&juggler::throw_up>(rounds - 1);
  }
  void take() {
    tally_->received.fetch_add(1);
    tally_->received.notify_all();
  }
  using methods = troupe::methods<&juggler::throw_up, &juggler::take>;

 private:
  std::shared_ptr<tally> tally_;
};

TEST(DelayedThreads, TellsThatRaceWithShutdownArriveOrAreCounted) {
  for (int round = 0; round < 5; ++round) {
    const auto all = std::make_shared<tally>();
    runtime rt({.threads = 4, .log = [](log_level, std::string_view) {}});
    rt.host<juggler>(options_of<juggler>(), [all] { return std::make_unique<juggler>(all); });
    for (int i = 0; i < 8; ++i) rt.ref<juggler>("j" + std::to_string(i)).tell<&juggler::throw_up>(300);
    for (int seen = 0; seen < 200 * (round + 1); seen = all->received) all->received.wait(seen);
    rt.shutdown();
    const runtime_counters end = rt.counters();
    EXPECT_EQ(all->sent, 8 * 301 * 8);
    EXPECT_EQ(all->sent, all->received + static_cast<int>(end.dropped_delayed_tells));
    EXPECT_EQ(end.delayed_tells, 0U);
    EXPECT_EQ(end.queued_messages, 0U);
    EXPECT_EQ(end.queued_bytes, 0U);
  }
}

/// Says whether numbers came in order.
class late_collector : public actor {
 public:
  static constexpr std::string_view actor_type = "late_collector";
  static constexpr auto persistence = durability::none();
  static constexpr std::size_t mailbox_max = 0;

  explicit late_collector(std::shared_ptr<std::atomic<int>> end) : end_(std::move(end)) {}

  void take(int number) {
    disorder_ += number == next_ ? 0 : 1;
    next_ = number + 1;
    ++*end_;
    end_->notify_all();
  }
  int disorder() const { return disorder_; }
  using methods = troupe::methods<&late_collector::take, &late_collector::disorder>;

 private:
  std::shared_ptr<std::atomic<int>> end_;
  int next_ = 0;
  int disorder_ = 0;
};

TEST(DelayedThreads, OnesOfOneSenderKeepTheOrderOfTheirDueTimes) {
  constexpr int count = 10'000;
  const auto end = std::make_shared<std::atomic<int>>(0);
  runtime rt({.threads = 4});
  rt.host<late_collector>(options_of<late_collector>(), [end] { return std::make_unique<late_collector>(end); });
  const auto later = rt.ref<late_collector>("c").with({.delay = 2ms});
  for (int i = 0; i < count; ++i) later.tell<&late_collector::take>(i);
  for (int seen = *end; seen < count; seen = *end) end->wait(seen);
  EXPECT_EQ(rt.ref<late_collector>("c").call<&late_collector::disorder>().get(), 0);
}

TEST(DelayedThreads, SendersOutsideRaceWithTheEndOfTheRuntime) {
  const auto end = std::make_shared<std::atomic<int>>(0);
  std::vector<std::thread> senders;
  std::atomic<bool> enough = false;
  {
    runtime rt({.threads = 2, .log = [](log_level, std::string_view) {}});
    rt.host<late_collector>(options_of<late_collector>(), [end] { return std::make_unique<late_collector>(end); });
    for (int i = 0; i < 3; ++i) {
      senders.emplace_back([&enough, c = rt.ref<late_collector>("c" + std::to_string(i))] {
        for (int n = 0; !enough; ++n)
          c.with({.delay = std::chrono::milliseconds(n % 3)}).tell<&late_collector::take>(n);
      });
    }
    for (int seen = *end; seen == 0; seen = *end) end->wait(seen);
  }
  enough = true;
  for (std::thread& sender : senders) sender.join();
}

}  // namespace
}  // namespace troupe
