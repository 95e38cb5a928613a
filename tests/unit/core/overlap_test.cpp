#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Reads beside others while a chain of calls comes back to it.
class library : public actor {
 public:
  static constexpr std::string_view actor_type = "library";

  task<int> look(int milliseconds) const {
    const int before = page_->total;
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return before == page_->total ? before : -1;
  }
  enum change_kind { nothing, edit, remove, remind, send };

  task<std::string> look_and_ask_back(std::string other, int what) const {
    std::string said = "nothing";
    try {
      co_await ref<library>(other).call<&library::ask_back>(std::string(key()), what);
    } catch (const std::exception& failure) {
      said = failure.what();
    }
    co_return said;
  }
  task<void> ask_back(std::string to, int what) { co_await ref<library>(to).call<&library::change>(what); }
  void change(int what) {
    if (what == edit) page_.edit().total += 100;
    if (what == remove) erase();
    if (what == remind) schedule_reminder("r", {.due_in = 1h});
    if (what == send) ref<library>("c").tell<&library::change>(durable, 0);
  }
  task<void> on_reminder(reminder_tick) override { co_return; }
  using methods = troupe::methods<read_only<&library::look>, read_only<&library::look_and_ask_back>, &library::ask_back,
                                  call_chain<&library::change>>;

 private:
  state<page> page_{*this, "page"};
};

TEST(Overlap, TurnInsideAReadOnlyOneChangesNothing) {
  test_runtime rt;
  rt.host<library>();
  answer reader;
  rt.ref<library>("a").call<&library::look>(200)(reader.sink());
  for (const int what : {library::edit, library::remove, library::remind, library::send}) {
    const std::string said = rt.ref<library>("a").call<&library::look_and_ask_back>("b", what).get();
    EXPECT_NE(said.find("in a turn inside a read_only turn of library/a"), std::string::npos) << what << ": " << said;
  }
  EXPECT_EQ(rt.ref<library>("a").call<&library::look_and_ask_back>("b", library::nothing).get(), "nothing");
  rt.advance(200ms);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.value, 0) << "-1: it saw a change";
  EXPECT_EQ(rt.stored({"library", "a"}).stamp.version, 0U);
}

/// Whose turns alternate.
class teller : public actor {
 public:
  static constexpr std::string_view actor_type = "teller";
  static constexpr auto reentrant = reentrancy::interleave;

  task<int> pay(int milliseconds) {
    for (int i = 0; i < 4; ++i) {
      try {
        co_await sleep_for(std::chrono::milliseconds(milliseconds / 4));
      } catch (const error&) {  // its caller has gone: it pays all the same
      }
    }
    ref<teller>("bank").tell<&teller::count>(durable);
    co_return 7;
  }
  void count() { page_.edit().total += 1; }
  int total() { return page_->total; }
  int answer_at_once() { return 1; }
  int alone() { return 2; }
  task<int> ask_through(std::string other);
  task<int> ask_through_alone(std::string other);
  using methods = troupe::methods<&teller::pay, &teller::count, &teller::total, &teller::answer_at_once,
                                  exclusive<&teller::alone>, &teller::ask_through, &teller::ask_through_alone>;

 private:
  state<page> page_{*this, "page"};
};

/// Stands between tellers.
class middleman : public actor {
 public:
  static constexpr std::string_view actor_type = "middleman";

  task<int> start(std::string to, std::string other) {
    co_return co_await ref<teller>(to).call<&teller::ask_through>(other);
  }
  task<int> ask(std::string to) { co_return co_await ref<teller>(to).call<&teller::answer_at_once>(); }
  task<int> ask_alone(std::string to) { co_return co_await ref<teller>(to).call<&teller::alone>(); }
  void poke(std::string to) { ref<teller>(to).tell<&teller::answer_at_once>(); }
  using methods = troupe::methods<&middleman::start, &middleman::ask, &middleman::ask_alone, &middleman::poke>;
};

task<int> teller::ask_through(std::string other) {
  co_return co_await ref<middleman>(other).call<&middleman::ask>(std::string(key()));
}
task<int> teller::ask_through_alone(std::string other) {
  co_return co_await ref<middleman>(other).call<&middleman::ask_alone>(std::string(key()));
}

class OverlapOfTellers : public ::testing::Test {
 protected:
  OverlapOfTellers() {
    rt.host<teller>();
    rt.host<middleman>();
  }
  /// Lets `count` messages and, between them, `calls` chains that come back to it arrive at one actor at once.
  void crowd(int count, std::vector<answer>& calls) {
    rt.ref<teller>("A").call<&teller::total>().get();
    for (int i = 0; i < count; ++i) {
      rt.ref<middleman>("p" + std::to_string(i)).tell<&middleman::poke>("A");
      const auto each = static_cast<std::size_t>(count) / calls.size();
      if (static_cast<std::size_t>(i) % each != 0) continue;
      const std::string other = std::to_string(i);
      rt.ref<middleman>("s" + other).call<&middleman::start>("A", "v" + other)(calls[i / each].sink());
    }
  }
  [[nodiscard]] int paid() { return rt.ref<teller>("bank").call<&teller::total>().get(); }

  answer first, second;
  test_runtime rt;
};

TEST_F(OverlapOfTellers, SecondCallWithAKeyWaitsForTheFirst) {
  const auto keyed = rt.ref<teller>("A").with({.idempotency_key = "k"});
  keyed.call<&teller::pay>(40)(first.sink());
  keyed.call<&teller::pay>(40)(second.sink());
  rt.advance(20ms);
  EXPECT_EQ(rt.ref<teller>("A").call<&teller::pay>(4).get(), 7) << "one without a key was held up";
  rt.advance(5s);
  EXPECT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(second.value, 7);
  EXPECT_EQ(paid(), 2) << "that of the key was paid once";
}

TEST_F(OverlapOfTellers, RetryAfterATimeoutGetsTheFirstAnswer) {
  const auto r = rt.ref<teller>("A");
  r.with({.idempotency_key = "k", .timeout = 10ms}).call<&teller::pay>(100)(first.sink());
  rt.advance(11ms);
  EXPECT_TRUE(first.done && first.failure);
  EXPECT_EQ(r.with({.idempotency_key = "k"}).call<&teller::pay>(100).get(), 7);
  rt.advance(2s);
  EXPECT_EQ(paid(), 1);
}

TEST_F(OverlapOfTellers, CallThatComesBackBehindALongLineIsNoDeadlock) {
  std::vector<answer> calls(40);
  crowd(3'000, calls);
  rt.advance(1s);
  for (const answer& each : calls) EXPECT_TRUE(each.ok());
}

TEST_F(OverlapOfTellers, CircleBehindALongLineIsFoundAllTheSame) {
  rt.ref<teller>("A").call<&teller::total>().get();
  for (int i = 0; i < 1'000; ++i) {
    rt.ref<middleman>("p" + std::to_string(i)).tell<&middleman::poke>("A");
    if (i == 500) rt.ref<teller>("A").call<&teller::ask_through_alone>("m")(first.sink());
  }
  rt.advance(5ms);
  ASSERT_TRUE(first.done);
  ASSERT_TRUE(first.failure);
  EXPECT_EQ(error_of([&] { std::rethrow_exception(first.failure); }).kind(), errc::deadlock);
}

}  // namespace
}  // namespace troupe::testing
