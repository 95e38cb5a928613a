#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/core/event_delivery.hpp"
#include "troupe/core/event_stream.hpp"
#include "unit/core/ledger.hpp"

// Events whose copy throws: one subscriber loses, and nobody else notices.
namespace troupe::testing {
namespace {

/// Counts its copies, and throws in the one it is told to. `left` outlives it.
class brittle {
 public:
  brittle() = default;
  brittle(int what, int* left) : number(what), left_(left) {}
  brittle(const brittle& other) : number(other.number), left_(other.left_) {
    if (left_ != nullptr && --*left_ == 0) throw std::runtime_error("it fell apart");
  }
  brittle(brittle&&) noexcept = default;
  brittle& operator=(const brittle&) = delete;
  brittle& operator=(brittle&&) noexcept = default;
  ~brittle() = default;

  int number = 0;

 private:
  int* left_ = nullptr;
};

class pottery : public actor {
 public:
  static constexpr std::string_view actor_type = "pottery";
  /// The copy for the subscriber `breaks_at`, from 1, throws.
  void make(int number, int breaks_at) {
    left_ = breaks_at;
    pots_.publish(brittle(number, &left_));
  }
  subscription<brittle> watch() { return pots_.subscribe(); }
  int watchers() const { return static_cast<int>(pots_.subscribers()); }
  using methods = troupe::methods<&pottery::make, &pottery::watch, &pottery::watchers>;

 private:
  event_stream<brittle> pots_;
  int left_ = 0;
};

class shop : public actor {
 public:
  static constexpr std::string_view actor_type = "shop";
  task<void> follow() {
    auto pots = co_await ref<pottery>("p").call<&pottery::watch>();
    pots_ = deliver<&shop::on_pot, &shop::on_end>(std::move(pots), ref<shop>(key()));
  }
  void on_pot(brittle pot) { last_ = pot.number; }
  void on_end(stream_end why) { ended_ = why; }
  int last() const { return last_; }
  stream_end ended() const { return ended_; }
  using methods = troupe::methods<&shop::follow, &shop::on_pot, &shop::on_end, &shop::last, &shop::ended>;

 private:
  event_delivery pots_;
  int last_ = 0;
  stream_end ended_ = stream_end::none;
};

class EventCopy : public ::testing::Test {
 protected:
  EventCopy() {
    rt.host<pottery>();
    rt.host<shop>();
  }
  [[nodiscard]] actor_ref<pottery> p() { return rt.ref<pottery>("p"); }
  void make(int number, int breaks_at) { p().call<&pottery::make>(number, breaks_at).get(); }

  /// Takes `count` events; what is none is 0.
  std::vector<int> taken(subscription<brittle>& from, int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) {
      from.async_next(
          [&](boost::system::error_code, std::optional<brittle> pot) { all.push_back(pot ? pot->number : 0); });
      rt.settle();
    }
    return all;
  }

  test_runtime rt;
};

TEST_F(EventCopy, SubscriberWhoseCopyThrowsIsDroppedAndTheOthersGoOn) {
  auto first = p().call<&pottery::watch>().get();
  auto second = p().call<&pottery::watch>().get();
  auto third = p().call<&pottery::watch>().get();
  make(1, 0);
  make(2, 2);
  make(3, 0);
  rt.settle();
  EXPECT_EQ(p().call<&pottery::watchers>().get(), 2);
  EXPECT_EQ(second.ended(), stream_end::none) << "what came before can still be taken";
  EXPECT_EQ(taken(first, 3), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(taken(second, 2), (std::vector<int>{1, 0}));
  EXPECT_EQ(taken(third, 3), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(second.ended(), stream_end::failed);
  EXPECT_EQ(third.ended(), stream_end::none);
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_EQ(rt.log_lines()[0],
            "the copy of an event of pottery/p for a subscriber, who is dropped, failed: it fell apart");
}

TEST_F(EventCopy, WaiterWhoseCopyThrowsLearnsTheEnd) {
  auto mine = p().call<&pottery::watch>().get();
  std::optional<bool> got;
  mine.async_next([&](boost::system::error_code, std::optional<brittle> pot) { got = pot.has_value(); });
  make(1, 1);
  rt.settle();
  EXPECT_EQ(got, std::optional(false));
  EXPECT_EQ(mine.ended(), stream_end::failed);
}

TEST_F(EventCopy, ActorThatIsCalledWithEventsLearnsIt) {
  const auto s = rt.ref<shop>("s");
  s.call<&shop::follow>().get();
  make(7, 0);
  rt.settle();
  EXPECT_EQ(s.call<&shop::last>().get(), 7);
  make(8, 1);
  rt.settle();
  EXPECT_EQ(s.call<&shop::last>().get(), 7);
  EXPECT_EQ(s.call<&shop::ended>().get(), stream_end::failed);
}

}  // namespace
}  // namespace troupe::testing
