#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/crowd.hpp"
#include "core/overload.hpp"
#include "core/queue_load.hpp"
#include "core/waiting_line.hpp"

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

struct parcel final : detail::request {
  explicit parcel(std::uint16_t sender = 0, int n = 0) : number(n) {
    from = sender;
    refusable = true;
    units = 1;
  }
  std::coroutine_handle<detail::task_promise_base> start(actor&) override { return nullptr; }
  void take_result(std::coroutine_handle<detail::task_promise_base>) override {}
  void encode_reply(std::string&) const override {}
  void decode_reply(std::string_view) override {}
  void complete(std::exception_ptr) noexcept override {}
  void abandon() noexcept override {}
  [[nodiscard]] std::string_view name() const noexcept override { return "parcel"; }
  int number;
};

/// A sender whose hash has these parts; the lowest bit of each is the highest of the one before.
constexpr std::uint16_t sender_at(unsigned turn, unsigned first, unsigned second) {
  return static_cast<std::uint16_t>((turn & 31U) | (first & 31U) << 5U | second << 10U);
}
constexpr std::uint16_t flooder = sender_at(1, 1, 1);
constexpr std::uint16_t other = sender_at(2, 2, 2);
constexpr steady_time opening{1h};

class Line : public ::testing::Test {
 protected:
  parcel& add(std::uint16_t sender, int number) {
    orders.emplace_back(sender, number);
    line.push(orders.back());
    return orders.back();
  }
  std::vector<int> numbers(std::uint16_t sender) {
    std::vector<int> found;
    while (detail::request* r = line.pop()) {
      if (r->from == sender) found.push_back(static_cast<parcel*>(r)->number);
    }
    return found;
  }
  std::deque<parcel> orders;
  waiting_line line;
};

TEST_F(Line, KeepsTheOrderOfArrivalWhileFewWait) {
  for (int i = 0; i < 20; ++i) add(i % 2 == 0 ? flooder : other, i);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(static_cast<parcel*>(line.pop())->number, i);
}

TEST_F(Line, SendersTakeTurnsWhenManyWait) {
  for (int i = 0; i < 200; ++i) add(flooder, i);
  for (int i = 0; i < 3; ++i) add(other, i);
  EXPECT_TRUE(line.takes_turns());
  int of_other = 0;
  for (int i = 0; i < 6; ++i) of_other += line.pop()->from == other ? 1 : 0;
  EXPECT_EQ(of_other, 3);
}

TEST_F(Line, KeepsTheOrderOfEachSender) {
  for (int i = 0; i < 150; ++i) add(flooder, i);
  for (int i = 0; i < 50; ++i) add(sender_at(10 + static_cast<unsigned>(i) % 7, 0, 0), i);
  for (int i = 150; i < 300; ++i) add(flooder, i);
  const std::vector<int> found = numbers(flooder);
  ASSERT_EQ(found.size(), 300U);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], i);
}

TEST_F(Line, OneSenderAloneTakesNoTurns) {
  for (int i = 0; i < 300; ++i) add(flooder, i);
  EXPECT_FALSE(line.takes_turns());
  for (int i = 0; i < 300; ++i) EXPECT_EQ(static_cast<parcel*>(line.pop())->number, i);
}

TEST_F(Line, OneThatWasPutBackComesFirst) {
  for (int i = 0; i < 100; ++i) add(i % 2 == 0 ? flooder : other, i);
  detail::request* r = line.pop();
  line.push_front(*r);
  EXPECT_EQ(line.front(), r);
  EXPECT_EQ(line.count(), 100U);
  EXPECT_EQ(line.pop(), r);
}

TEST_F(Line, CountsWhatWaitsAndItsMemory) {
  add(flooder, 0);
  add(other, 1);
  EXPECT_EQ(line.count(), 2U);
  EXPECT_EQ(line.units(), 2U);
  while (line.pop() != nullptr) {
  }
  EXPECT_EQ(line.count(), 0U);
  EXPECT_EQ(line.units(), 0U);
  EXPECT_TRUE(line.empty());
}

TEST_F(Line, TakesTurnsAnewAfterItWasEmpty) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) add(i % 2 == 0 ? flooder : other, i);
    EXPECT_TRUE(line.takes_turns());
    int visited = 0;
    line.for_each([&](const detail::request&) { ++visited; });
    EXPECT_EQ(visited, 100);
    while (line.pop() != nullptr) {
    }
    EXPECT_FALSE(line.takes_turns());
  }
}

int fill(crowd& c, std::uint16_t sender, std::deque<parcel>& into, int most = 100'000) {
  int seated = 0;
  for (; seated < most; ++seated) {
    into.emplace_back(sender);
    if (c.admit(into.back())) continue;
    into.pop_back();
    break;
  }
  return seated;
}

TEST(Crowd, OneFlooderLeavesAFifthToOthers) {
  crowd c(900, opening);
  std::deque<parcel> kept;
  EXPECT_EQ(fill(c, flooder, kept), 720);
  EXPECT_EQ(fill(c, other, kept, 50), 50) << "whoever sends little finds a seat";
  EXPECT_EQ(fill(c, flooder, kept), 0);
}

TEST(Crowd, ManyFloodersComeToEqualSharesAndLeaveSeatsToOthers) {
  crowd c(8000, opening);
  std::deque<std::deque<parcel>> kept(20);
  for (unsigned i = 0; i < 20; ++i) fill(c, sender_at(0, i, i), kept[i]);
  for (int round = 0; round < 8000; ++round) {  // each is served once, and takes all it gets
    for (unsigned i = 0; i < 20; ++i) {
      if (!kept[i].empty()) c.leave(kept[i].front());
      if (!kept[i].empty()) kept[i].pop_front();
      fill(c, sender_at(0, i, i), kept[i]);
    }
  }
  const auto [least, most] =
      std::minmax_element(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  EXPECT_LT(most->size(), least->size() * 2);
  std::deque<parcel> others;
  EXPECT_EQ(fill(c, sender_at(0, 40, 40), others, 20), 20);
}

TEST(Crowd, OneThatSharesAHashWithAFlooderIsNotRefused) {
  crowd c(900, opening);
  std::deque<parcel> kept;
  fill(c, sender_at(0, 5, 6), kept);
  EXPECT_EQ(fill(c, sender_at(0, 5, 7), kept, 20), 20);
  EXPECT_EQ(fill(c, sender_at(0, 8, 6), kept, 20), 20);
}

TEST(Crowd, SeatsAreGivenBack) {
  crowd c(90, opening);
  std::deque<parcel> kept;
  ASSERT_EQ(fill(c, flooder, kept), 72);
  for (parcel& o : kept) c.leave(o);
  EXPECT_EQ(c.taken(), 0);
  EXPECT_EQ(fill(c, flooder, kept), 72);
}

TEST(Crowd, BeforeAnythingWasObservedItsPaceIsAtMostTheTimeSinceItFormed) {
  const crowd c(90, opening);
  EXPECT_EQ(c.each_ns(opening + 3s), 3'000'000'000);
}

TEST(PaceMeter, GivesTheTimePerMessage) {
  pace_meter pace;
  pace.observe(opening, 100);
  EXPECT_EQ(pace.each(), 0);
  pace.observe(opening + 1s, 200);
  EXPECT_EQ(pace.each(), 10'000'000);
  pace.observe(opening + 2s, 1200);
  EXPECT_LT(pace.each(), 10'000'000) << "it got faster";
  EXPECT_GT(pace.each(), 1'000'000) << "one reading is not all";
}

TEST(PaceMeter, APauseIsNotItsPace) {
  pace_meter pace;
  pace.observe(opening, 0);
  pace.observe(opening + 1s, 100);
  pace.pause();
  pace.observe(opening + 1h, 101);
  pace.observe(opening + 1h + 1s, 201);
  EXPECT_EQ(pace.each(), 10'000'000);
}

TEST(PaceMeter, CountersMayWrapAround) {
  pace_meter pace;
  pace.observe(opening, 0xffff'fff0U);
  pace.observe(opening + 1s, 0x54U);
  EXPECT_EQ(pace.each(), 10'000'000);
}

TEST(RetryHint, IsTheTimeForHalfOfWhatWaits) {
  EXPECT_EQ(retry_hint(100, 10'000'000), 500ms);
  EXPECT_EQ(retry_hint(100, 1), 1ms);
  EXPECT_EQ(retry_hint(0, 5'000'000), 5ms);
  EXPECT_EQ(retry_hint(1'000'000, 3'600'000'000'000), 60s);
}

TEST(QueueLoad, RefusesTheOutsideFirstAndActorsAQuarterLater) {
  queue_load load({.messages_max = 1000});
  load.add(999, 0);
  EXPECT_FALSE(load.refuses(queue_load::sender::outside));
  load.add(1, 0);
  EXPECT_TRUE(load.refuses(queue_load::sender::outside));
  EXPECT_FALSE(load.refuses(queue_load::sender::actor));
  load.add(250, 0);
  EXPECT_TRUE(load.refuses(queue_load::sender::actor));
}

TEST(QueueLoad, OpensAgainHoweverItIsWorkedOff) {
  queue_load load({.messages_max = 1'000'000});
  load.add(2'000'000, 0);
  ASSERT_TRUE(load.refuses(queue_load::sender::actor));
  load.add(-1'000'001, 0);
  EXPECT_FALSE(load.refuses(queue_load::sender::outside));
}

TEST(QueueLoad, CountsBytes) {
  queue_load load({.messages_max = 0, .bytes_max = 6400});
  for (int i = 0; i < 50; ++i) load.add(1, 2);
  EXPECT_EQ(load.read().bytes, 6400);
  EXPECT_EQ(load.read().messages, 50);
  EXPECT_TRUE(load.refuses(queue_load::sender::outside));
  load.add(-1, -2);
  EXPECT_FALSE(load.refuses(queue_load::sender::outside));
}

TEST(QueueLoad, TakesWhatIsTakenOffBeforeItIsCounted) {
  queue_load load({.messages_max = 1000, .bytes_max = 1 << 20});
  load.add(5, 10);
  load.add(-5, -12);
  EXPECT_EQ(load.read().messages, 0);
  EXPECT_EQ(load.read().bytes, 0);
  load.add(5, 2);
  EXPECT_EQ(load.read().messages, 5);
  EXPECT_FALSE(load.refuses(queue_load::sender::outside));
}

TEST(QueueLoad, WithoutBoundsNothingIsRefused) {
  queue_load load({});
  load.add(100'000'000, 1'000'000'000);
  EXPECT_FALSE(load.refuses(queue_load::sender::outside));
}

TEST(OverloadBounds, ShareAMailboxOut) {
  for (const std::size_t bound : {std::size_t{16}, std::size_t{100}, std::size_t{10'000}, std::size_t{1'000'000}}) {
    EXPECT_GE(crowd_from(bound), 1);
    EXPECT_LE(crowd_seats(bound) + 2 * crowd_from(bound), static_cast<std::int64_t>(bound));
    EXPECT_GT(crowd_seats(bound), static_cast<std::int64_t>(bound) / 2);
  }
  EXPECT_EQ(crowd_from(0), mailbox_word::crowd_never);
}

}  // namespace
}  // namespace troupe::internal
