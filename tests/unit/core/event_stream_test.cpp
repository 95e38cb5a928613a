#include "troupe/core/event_stream.hpp"

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include "troupe/core/event_delivery.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using numbers = std::vector<int>;

/// Publishes each number that it is given.
class sensor : public actor {
 public:
  static constexpr std::string_view actor_type = "sensor";

  void show(int n) {
    last_.edit() = n;
    readings_.publish(n);
  }
  void show_many(int n) {
    for (int i = 1; i <= n; ++i) readings_.publish(i);
  }
  void show_then_throw(int n) {
    readings_.publish(n);
    throw std::out_of_range("refused");
  }
  subscription<int> watch(int queue_max) {
    return readings_.subscribe({.queue_max = static_cast<std::size_t>(queue_max)});
  }
  subscription<int> show_then_watch_then_show(int before, int after) {
    readings_.publish(before);
    auto made = readings_.subscribe();
    readings_.publish(after);
    return made;
  }
  int watchers() const { return static_cast<int>(readings_.subscribers()); }
  void leave() { deactivate(); }
  task<void> on_deactivate(deactivation_reason) override {
    readings_.publish(-1);
    return {};
  }
  using methods = troupe::methods<&sensor::show, &sensor::show_many, &sensor::show_then_throw, &sensor::watch,
                                  &sensor::show_then_watch_then_show, &sensor::watchers, &sensor::leave>;

 private:
  state<int> last_{*this, "last"};
  event_stream<int> readings_{3};
};

class EventStream : public ::testing::Test {
 protected:
  EventStream() { rt.host<sensor>(); }
  [[nodiscard]] actor_ref<sensor> s() { return rt.ref<sensor>("s"); }
  subscription<int> watch(int queue_max = 100) { return s().call<&sensor::watch>(queue_max).get(); }
  void show(int n) { s().call<&sensor::show>(n).get(); }

  /// Takes what has come; stops where it would wait.
  numbers taken(subscription<int>& from) {
    numbers all;
    for (bool more = true; more;) {
      more = false;
      boost::asio::cancellation_signal signal;
      from.async_next(
          boost::asio::bind_cancellation_slot(signal.slot(), [&](boost::system::error_code, std::optional<int> n) {
            if (!n) return;
            all.push_back(*n);
            more = true;
          }));
      rt.settle();
      signal.emit(boost::asio::cancellation_type::all);
      rt.settle();
    }
    return all;
  }

  test_runtime rt;
};

TEST_F(EventStream, EventsReachEverySubscriberInTheirOrder) {
  auto first = watch();
  auto second = watch();
  for (int i = 1; i <= 5; ++i) show(i);
  s().call<&sensor::show_many>(3).get();
  const numbers all{1, 2, 3, 4, 5, 1, 2, 3};
  EXPECT_EQ(taken(first), all);
  EXPECT_EQ(taken(second), all);
  EXPECT_EQ(first.ended(), stream_end::none);
}

TEST_F(EventStream, CancellationOfTypeNoneCallsNoWaitOff) {
  auto mine = watch();
  boost::asio::cancellation_signal signal;
  numbers got;
  mine.async_next(boost::asio::bind_cancellation_slot(
      signal.slot(), [&](boost::system::error_code, std::optional<int> n) { got.push_back(n.value_or(-1)); }));
  signal.emit(boost::asio::cancellation_type::none);
  rt.settle();
  show(4);
  rt.settle();
  EXPECT_EQ(got, numbers{4});
}

TEST_F(EventStream, EventsOfATurnThatThrewAreNotSent) {
  auto mine = watch();
  EXPECT_THROW(s().call<&sensor::show_then_throw>(7).get(), std::out_of_range);
  show(8);
  EXPECT_EQ(taken(mine), numbers{8});
}

TEST_F(EventStream, EventsLeaveWithTheCommitAndNotAtAllWhenItFails) {
  auto mine = watch();
  answer done;
  rt.store().set_plan(held_commits());
  s().call<&sensor::show>(1)([&](std::exception_ptr why) { done.sink()(std::move(why), 0); });
  rt.settle();
  EXPECT_TRUE(taken(mine).empty()) << "nothing is durable yet";
  rt.store().set_plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(taken(mine), numbers{1});

  rt.store().set_plan(every(store_operation::commit, {.what = fault::outcome::conflict, .when = {}, .only = {}}));
  EXPECT_THROW(show(2), error);
  rt.store().set_plan({});
  EXPECT_TRUE(taken(mine).empty());
  EXPECT_EQ(mine.ended(), stream_end::left) << "the activation was discarded";
}

TEST_F(EventStream, SubscriberGetsWhatIsPublishedBehindItsSubscription) {
  auto mine = s().call<&sensor::show_then_watch_then_show>(1, 2).get();
  show(3);
  EXPECT_EQ(taken(mine), (numbers{2, 3}));
}

TEST_F(EventStream, SlowSubscriberIsDroppedAndLearnsIt) {
  auto slow = watch(3);
  auto quick = watch(100);
  s().call<&sensor::show_many>(5).get();
  rt.settle();
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 1);
  EXPECT_EQ(slow.ended(), stream_end::none) << "what waits can still be taken";
  EXPECT_EQ(taken(slow), (numbers{1, 2, 3}));
  EXPECT_EQ(slow.ended(), stream_end::slow);
  EXPECT_EQ(taken(quick).size(), 5U);
}

TEST_F(EventStream, WaiterGetsTheNextEventAndTheEnd) {
  auto mine = watch();
  numbers got;
  bool ended = false;
  std::function<void()> next = [&] {
    mine.async_next([&](boost::system::error_code, std::optional<int> n) {
      if (!n) {
        ended = true;
        return;
      }
      got.push_back(*n);
      next();
    });
  };
  next();
  rt.settle();
  EXPECT_TRUE(got.empty());
  show(4);
  rt.settle();
  EXPECT_EQ(got, numbers{4});
  EXPECT_THROW(mine.async_next([](boost::system::error_code, const std::optional<int>&) {}), std::logic_error)
      << "one wait at a time";
  s().call<&sensor::leave>().get();
  rt.settle();
  EXPECT_TRUE(ended);
}

TEST_F(EventStream, DestroyingTheSubscriptionUnsubscribes) {
  {
    auto mine = watch();
    EXPECT_EQ(s().call<&sensor::watchers>().get(), 1);
  }
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 0);
  auto again = watch();
  again = watch();
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 1);
  again.unsubscribe();
  show(1);
  EXPECT_TRUE(taken(again).empty());
  EXPECT_EQ(again.ended(), stream_end::unsubscribed);
}

TEST_F(EventStream, SubscriptionThatIsNotTakenIsNone) {
  s().tell<&sensor::watch>(10);
  rt.settle();
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 0);
}

TEST_F(EventStream, NumberOfSubscribersAndQueueAreLimited) {
  auto one = watch();
  auto two = watch();
  {
    auto three = watch();
    EXPECT_EQ(error_of([&] { watch(); }).kind(), errc::too_large);
  }
  auto three = watch();
  EXPECT_EQ(error_of([&] { watch(0); }).kind(), errc::invalid_argument);
}

TEST_F(EventStream, EndsWhenItsActorLeavesBehindItsLastEvents) {
  auto mine = watch();
  show(1);
  s().call<&sensor::leave>().get();
  rt.settle();
  EXPECT_EQ(taken(mine), (numbers{1, -1}));
  EXPECT_EQ(mine.ended(), stream_end::left);
  show(2);
  EXPECT_TRUE(taken(mine).empty()) << "a new activation has subscribers of its own";
}

TEST_F(EventStream, EndsWithTheRuntime) {
  auto mine = watch();
  rt.crash();
  EXPECT_EQ(mine.ended(), stream_end::left);
  subscription<int> none;
  EXPECT_EQ(none.ended(), stream_end::unsubscribed);
  auto gone = std::make_unique<test_runtime>(test_options{.seed = 9});
  gone->host<sensor>();
  auto outlives = gone->ref<sensor>("s").call<&sensor::watch>(5).get();
  gone.reset();
  EXPECT_EQ(outlives.ended(), stream_end::left);
}

TEST_F(EventStream, WaitIsAnsweredWhenTheRuntimeEnds) {
  auto mine = watch();
  int answers = 0;
  bool ended = false;
  mine.async_next([&](boost::system::error_code failure, const std::optional<int>& value) {
    ++answers;
    ended = !failure && !value;
  });
  rt.settle();
  EXPECT_EQ(answers, 0);
  rt.crash();
  EXPECT_EQ(answers, 1);
  EXPECT_TRUE(ended);
}

TEST_F(EventStream, PublishingOutsideATurnIsRefused) {
  event_stream<int> nobodys;
  EXPECT_THROW(nobodys.publish(1), std::logic_error);
  EXPECT_THROW(static_cast<void>(nobodys.subscribe()), std::logic_error);
}

/// Awaits readings in a handler, or has them delivered.
class display : public actor {
 public:
  static constexpr std::string_view actor_type = "display";

  task<int> sum_of_next(int count) {
    auto mine = co_await ref<sensor>("s").call<&sensor::watch>(100);
    int sum = 0;
    for (int i = 0; i < count; ++i) {
      const auto n = co_await mine.next();
      if (!n) co_return -1;
      sum += *n;
    }
    co_return sum;
  }
  task<void> follow(int queue_max) {
    delivery_ = deliver<&display::on_reading, &display::on_end>(
        co_await ref<sensor>("s").call<&sensor::watch>(queue_max), ref<display>(key()));
  }
  void stop() { delivery_.stop(); }
  task<void> on_reading(int n) {
    if (n == 13) throw std::runtime_error("unlucky");
    if (n == 99) co_await sleep_for(10s);
    seen_.push_back(n);
  }
  void on_end(stream_end why) { ended_ = why; }
  numbers seen() const { return seen_; }
  stream_end ended() const { return ended_; }
  using methods = troupe::methods<&display::sum_of_next, &display::follow, &display::stop, &display::on_reading,
                                  &display::on_end, &display::seen, &display::ended>;

 private:
  numbers seen_;
  stream_end ended_ = stream_end::none;
  event_delivery delivery_;
};

class EventDelivery : public EventStream {
 protected:
  EventDelivery() { rt.host<display>(); }
  [[nodiscard]] actor_ref<display> d() { return rt.ref<display>("d"); }
  numbers seen() { return d().call<&display::seen>().get(); }
};

TEST_F(EventDelivery, HandlerAwaitsEvents) {
  answer done;
  d().call<&display::sum_of_next>(2)(done.sink());
  rt.settle();
  show(3);
  show(4);
  rt.settle();
  EXPECT_EQ(done.value, 7);
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 0);
}

TEST_F(EventDelivery, HandlerThatWaitsIsCalledOffAtItsDeadline) {
  EXPECT_EQ(error_of([&] { d().with({.timeout = 1s}).call<&display::sum_of_next>(1).get(); }).kind(), errc::timeout);
  rt.settle();
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 0) << "the handler has ended";
}

TEST(EventsAndLoad, AreNoMessagesThatWait) {
  int got = 0;
  bool more = true;  // outlives the runtime, whose end answers the last wait
  test_options options;
  options.overload.queued_messages_max = 1'000;
  test_runtime rt(options);
  rt.host<sensor>([] {
    auto few = options_of<sensor>();
    few.mailbox_max = 64;
    return few;
  }());
  const auto s = rt.ref<sensor>("s");
  auto watched = s.call<&sensor::watch>(1'000'000).get();
  for (int i = 0; i < 20; ++i) s.call<&sensor::show_many>(500).get();
  for (; more; got += more ? 1 : 0) {
    more = false;
    watched.async_next([&](boost::system::error_code, std::optional<int> event) { more = event.has_value(); });
    rt.settle();
  }
  EXPECT_EQ(got, 20 * 500);
  EXPECT_EQ(watched.ended(), stream_end::none);
  EXPECT_EQ(rt.counters().queued_messages, 0);
  EXPECT_EQ(rt.counters().refused_messages, 0U);
}

TEST_F(EventDelivery, ActorIsCalledWithEachEventInOrder) {
  d().call<&display::follow>(100).get();
  for (const int n : {1, 2, 13, 3}) show(n);
  rt.settle();
  EXPECT_EQ(seen(), (numbers{1, 2, 3}));
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("an event of sensor/s for display/d, \"on_reading\", failed: unlucky"),
            std::string::npos)
      << rt.log_lines()[0];
  d().call<&display::stop>().get();
  show(4);
  rt.settle();
  EXPECT_EQ(seen(), (numbers{1, 2, 3}));
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 0);
}

TEST_F(EventDelivery, SlowActorIsDroppedWithANotice) {
  d().call<&display::follow>(2).get();
  for (const int n : {99, 1, 2, 3, 4}) show(n);
  rt.settle();
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 0);
  rt.advance(2min);
  EXPECT_EQ(seen(), (numbers{99, 1, 2}));
  EXPECT_EQ(d().call<&display::ended>().get(), stream_end::slow);
}

TEST_F(EventDelivery, EndsWithTheSubscribersActivation) {
  d().call<&display::follow>(100).get();
  rt.deactivate(d());
  rt.settle();
  EXPECT_EQ(s().call<&sensor::watchers>().get(), 0);
}

}  // namespace
}  // namespace troupe::testing
