#include <algorithm>
#include <stdexcept>

#include "unit/messages/durable_actors.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Its turns overlap and come back to each other.
class juggler : public actor {
 public:
  static constexpr std::string_view actor_type = "juggler";
  static constexpr auto reentrant = reentrancy::interleave;

  task<void> take_slowly(int n, int milliseconds) {
    most_ = std::max(most_, ++under_way_);
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    --under_way_;
    box_.edit().numbers.push_back(n);
  }
  void send(std::string to, int n, int milliseconds) {
    ref<juggler>(to).tell<&juggler::take_slowly>(durable, n, milliseconds);
  }
  numbers seen() const { return box_->numbers; }
  int most() const { return most_; }

  using methods = troupe::methods<&juggler::take_slowly, &juggler::send, &juggler::seen, &juggler::most>;

 private:
  state<post_box> box_{*this, "box"};
  int under_way_ = 0;
  int most_ = 0;
};

/// Has no state, and turns that overlap.
class stateless_juggler : public actor {
 public:
  static constexpr std::string_view actor_type = "stateless_juggler";
  static constexpr auto reentrant = reentrancy::interleave;

  task<void> pass_slowly(std::string to, int n, int milliseconds) {
    ref<post>(to).tell<&post::take>(durable, n);
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
  }
  using methods = troupe::methods<&stateless_juggler::pass_slowly>;
};

/// Sends in a turn inside its own turn.
class returner : public actor {
 public:
  static constexpr std::string_view actor_type = "returner";

  task<void> go(bool inner_fails, bool outer_fails) {
    ref<post>("b").tell<&post::take>(durable, 1);
    try {
      co_await ref<returner>("other").call<&returner::back>(std::string(key()), inner_fails);
    } catch (const std::out_of_range&) {
    }
    ref<post>("b").tell<&post::take>(durable, 3);
    if (outer_fails) throw std::out_of_range("outer");
  }
  task<void> back(std::string to, bool fails) { co_await ref<returner>(to).call<&returner::inside>(fails); }
  void inside(bool fails) {
    ref<post>("b").tell<&post::take>(durable, 2);
    if (fails) throw std::out_of_range("inner");
  }
  int look() const {
    ref<post>("b").tell<&post::take>(durable, 4);
    return 0;
  }
  using methods =
      troupe::methods<&returner::go, &returner::back, call_chain<&returner::inside>, read_only<&returner::look>>;

 private:
  state<post_box> box_{*this, "box"};
};

class DurableOverlap : public messages_fixture {
 protected:
  DurableOverlap() {
    rt.host<juggler>();
    rt.host<stateless_juggler>();
    rt.host<returner>();
  }
};

TEST_F(DurableOverlap, MessagesOfOneSenderKeepTheirOrderAndOthersOverlap) {
  for (int n = 0; n < 5; ++n) {
    rt.ref<juggler>("a").call<&juggler::send>("c", n, 100 - 20 * n).get();
    rt.ref<juggler>("b").call<&juggler::send>("c", 10 + n, 100).get();
  }
  rt.advance(1min);
  const auto c = rt.ref<juggler>("c");
  numbers of_a;
  numbers of_b;
  for (const int n : c.call<&juggler::seen>().get()) (n < 10 ? of_a : of_b).push_back(n);
  EXPECT_EQ(of_a, (numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(of_b, (numbers{10, 11, 12, 13, 14}));
  EXPECT_EQ(c.call<&juggler::most>().get(), 2);
}

TEST_F(DurableOverlap, ActorWithoutStateSendsFromOverlappingTurns) {
  const auto j = rt.ref<stateless_juggler>("j");
  for (int n = 0; n < 4; ++n) {
    j.call<&stateless_juggler::pass_slowly>("b", n, 50 + n)([](const std::exception_ptr& why) { EXPECT_FALSE(why); });
  }
  rt.advance(5s);
  EXPECT_EQ(got("b"), (numbers{0, 1, 2, 3}));
}

TEST_F(DurableOverlap, MessagesOfATurnInsideAnotherAreCommittedWithThatOne) {
  rt.ref<returner>("r").call<&returner::go>(false, false).get();
  rt.advance(5s);
  EXPECT_EQ(got("b"), (numbers{1, 2, 3}));
  rt.ref<returner>("r").call<&returner::go>(true, false).get();
  rt.advance(5s);
  EXPECT_EQ(got("b"), (numbers{1, 2, 3, 1, 3}));
  EXPECT_THROW(rt.ref<returner>("r").call<&returner::go>(false, true).get(), std::out_of_range);
  rt.advance(5s);
  EXPECT_EQ(got("b"), (numbers{1, 2, 3, 1, 3}));
}

TEST_F(DurableOverlap, ReadOnlyTurnCannotSend) {
  EXPECT_THROW(static_cast<void>(rt.ref<returner>("r").call<&returner::look>().get()), std::logic_error);
}

}  // namespace
}  // namespace troupe::testing
