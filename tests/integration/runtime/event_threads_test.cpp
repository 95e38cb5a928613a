#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <boost/system/error_code.hpp>
#include <gtest/gtest.h>

#include "troupe/troupe.hpp"

namespace troupe {
namespace {

class publisher : public actor {
 public:
  static constexpr std::string_view actor_type = "publisher";
  subscription<int> watch() { return numbers_.subscribe({.queue_max = 100'000}); }
  void publish(int n) { numbers_.publish(n); }
  void leave() { deactivate(); }
  task<void> linger() { co_await sleep_for(std::chrono::hours(1)); }
  using methods = troupe::methods<&publisher::watch, &publisher::publish, &publisher::leave, &publisher::linger>;

 private:
  event_stream<int> numbers_;
};

class follower : public actor {
 public:
  static constexpr std::string_view actor_type = "follower";
  task<void> follow() {
    delivery_ =
        deliver<&follower::on_number>(co_await ref<publisher>("p").call<&publisher::watch>(), ref<follower>(key()));
  }
  void on_number(int n) {
    in_order_ = in_order_ && n == last_ + 1;
    last_ = n;
  }
  int last() const { return in_order_ ? last_ : -1; }
  using methods = troupe::methods<&follower::follow, &follower::on_number, &follower::last>;

 private:
  int last_ = 0;
  bool in_order_ = true;
  event_delivery delivery_;
};

TEST(EventThreads, SubscribersOnManyThreadsGetEveryEventInOrder) {
  constexpr int events = 500;
  runtime rt{{.threads = 4}};
  rt.host<publisher>();
  rt.host<follower>();
  const auto p = rt.ref<publisher>("p");
  rt.ref<follower>("f").call<&follower::follow>().get();
  std::atomic<int> ready{0};
  std::vector<std::future<bool>> subscribers;
  for (int i = 0; i < 4; ++i) {
    subscribers.push_back(std::async(std::launch::async, [&] {
      auto mine = p.call<&publisher::watch>().get();
      ++ready;
      int expected = 1;
      while (const std::optional<int> n = mine.async_next(boost::asio::use_future).get()) {
        if (*n != expected++) return false;
      }
      return expected == events + 1 && mine.ended() == stream_end::left;
    }));
  }
  while (ready < 4) std::this_thread::yield();
  for (int n = 1; n <= events; ++n) p.tell<&publisher::publish>(n);
  p.call<&publisher::leave>().get();
  for (auto& each : subscribers) EXPECT_TRUE(each.get());
  int last = 0;
  while (last >= 0 && last < events) last = rt.ref<follower>("f").call<&follower::last>().get();
  EXPECT_EQ(last, events);
}

/// The handler was destroyed uncalled: nobody had a thread any more when the publisher was dropped.
TEST(EventThreads, WaitIsAnsweredWhenTheRuntimeEndsWithItsPublisherDropped) {
  std::atomic<int> answers{0};
  auto rt = std::make_unique<runtime>(runtime_options{
      .threads = 2, .shutdown_grace = std::chrono::milliseconds(1), .log = [](log_level, std::string_view) {}});
  rt->host<publisher>();
  const auto p = rt->ref<publisher>("p");
  auto one = p.call<&publisher::watch>().get();
  auto other = p.call<&publisher::watch>().get();
  auto waits = one.async_next(boost::asio::use_future);
  other.async_next([&](boost::system::error_code failure, const std::optional<int>& n) {
    if (!failure && !n) ++answers;
  });
  auto lingering = p.call<&publisher::linger>()(boost::asio::use_future);
  rt.reset();
  EXPECT_EQ(answers, 1);
  ASSERT_EQ(waits.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(waits.get(), std::nullopt);
  EXPECT_EQ(other.ended(), stream_end::left);
  EXPECT_THROW(lingering.get(), error);
}

TEST(EventThreads, SubscribersComeAndGoWhileEventsArePublished) {
  runtime rt{{.threads = 4}};
  rt.host<publisher>();
  const auto p = rt.ref<publisher>("p");
  std::atomic<bool> over{false};
  auto others = std::async(std::launch::async, [&] {
    while (!over) {
      auto mine = p.call<&publisher::watch>().get();
      auto pending = mine.async_next(boost::asio::use_future);
      mine.unsubscribe();
      static_cast<void>(pending.get());
    }
  });
  for (int n = 0; n < 2000; ++n) p.call<&publisher::publish>(n).get();
  over = true;
  others.get();
}

}  // namespace
}  // namespace troupe
