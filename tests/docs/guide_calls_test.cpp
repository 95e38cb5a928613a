// The code of docs/guide on calls, and on actors that cannot be activated, that is no part of an example.
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <troupe/testing/test_runtime.hpp>
#include <troupe/troupe.hpp>

namespace {

using namespace std::chrono_literals;
using troupe::testing::test_runtime;

// ---- 09: the first of several; a handler that computes

class oven : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "oven";
  troupe::task<int> bake(int loaves) {
    co_await troupe::sleep_for(10min);
    co_return loaves;
  }
  using methods = troupe::methods<troupe::timeout_ms<&oven::bake, 3'600'000>>;
};

class bakery : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "bakery";
  static constexpr auto call_timeout = troupe::no_timeout;

  troupe::task<int> bake_in(std::chrono::minutes patience) {
    const auto first = co_await troupe::when_any(ref<oven>("left").call<&oven::bake>(20), troupe::sleep_for(patience));
    co_return first.index() == 0 ? std::get<0>(first) : 0;  // 0: the sleep ended first, and the call was called off
  }

  troupe::task<int> knead(int parts) {
    int done = 0;
    while (done < parts && !cancelled()) {
      ++done;                                                         // a part of the work
      co_await boost::asio::post(executor(), boost::asio::deferred);  // lets the actor see that its caller has gone
    }
    kneaded_ = done;
    co_return done;
  }
  int kneaded() const { return kneaded_; }

  using methods = troupe::methods<&bakery::bake_in, &bakery::knead, &bakery::kneaded>;

 private:
  int kneaded_ = -1;
};

TEST(Guide, FirstOfTwoIsAwaited) {
  test_runtime rt;
  rt.host<oven>();
  rt.host<bakery>();
  EXPECT_EQ(rt.ref<bakery>("b").call<&bakery::bake_in>(30min).get(), 20);
  EXPECT_EQ(rt.ref<bakery>("b").call<&bakery::bake_in>(5min).get(), 0);
}

TEST(Guide, HandlerThatComputesSeesThatItsCallerHasGone) {
  boost::asio::cancellation_signal signal;
  std::exception_ptr failure;
  test_runtime rt;
  rt.host<bakery>();
  const auto b = rt.ref<bakery>("b");
  EXPECT_EQ(b.call<&bakery::knead>(3).get(), 3);
  b.call<&bakery::knead>(1'000'000)(boost::asio::bind_cancellation_slot(
      signal.slot(), [&failure](const std::exception_ptr& why, int) { failure = why; }));
  for (int i = 0; i < 20; ++i) rt.step();
  signal.emit(boost::asio::cancellation_type::terminal);
  rt.settle();
  EXPECT_TRUE(failure);
  EXPECT_GT(b.call<&bakery::kneaded>().get(), 0);
  EXPECT_LT(b.call<&bakery::kneaded>().get(), 1000);
}

// ---- 05: options of a type; quarantine

class importer : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "importer";
  static constexpr auto call_timeout = std::chrono::seconds(5);
  static constexpr std::size_t mailbox_max = 500;
  static constexpr troupe::message_options messages{.attempts_max = 8, .outbox_max = 1'000};
  static constexpr troupe::quarantine_policy quarantine{.failures_max = 3, .first_pause = std::chrono::seconds(10)};
  explicit importer(const bool& broken) {
    if (broken) throw std::runtime_error("the feed's format is unknown");
  }
  int lines() const { return 7; }
  using methods = troupe::methods<&importer::lines>;
};

TEST(Guide, OptionsOfATypeAreThoseItsClassNames) {
  const auto options = troupe::options_of<importer>();
  EXPECT_EQ(options.call_timeout, 5s);
  EXPECT_EQ(options.mailbox_max, 500U);
  EXPECT_EQ(options.messages.attempts_max, 8U);
  EXPECT_EQ(options.messages.outbox_max, 1'000U);
  EXPECT_EQ(options.quarantine.failures_max, 3U);
  EXPECT_EQ(options.quarantine.first_pause, 10s);
}

/// Lets all go that are quarantined. Returns what they were, and why.
std::vector<std::string> release_all(test_runtime& rt) {
  std::vector<std::string> released;
  for (const troupe::quarantined_actor& stuck : rt.quarantined()) {
    released.push_back(to_string(stuck.actor) + ": " + stuck.why);
    rt.release(stuck.actor);  // the next message tries to activate it
  }
  return released;
}

TEST(Guide, QuarantinedActorsAreListedAndReleased) {
  bool broken = true;
  test_runtime rt;
  rt.host<importer>(troupe::options_of<importer>(), [&broken] { return std::make_unique<importer>(broken); });
  const auto feed = rt.ref<importer>("feed");
  for (int i = 0; i < 3; ++i) EXPECT_THROW(feed.call<&importer::lines>().get(), troupe::error);
  broken = false;
  EXPECT_THROW(feed.call<&importer::lines>().get(), troupe::error) << "it is quarantined";
  const auto released = release_all(rt);
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(released[0].substr(0, 13), "importer/feed");
  EXPECT_EQ(feed.call<&importer::lines>().get(), 7);
  EXPECT_TRUE(release_all(rt).empty());
}

}  // namespace
