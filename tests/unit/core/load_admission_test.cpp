#include "core/load_admission.hpp"

#include <deque>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

struct ticket final : load_ticket {
  void run() noexcept override {}
};

TEST(LoadAdmission, LetsSoManyInAndTheRestInTheirOrder) {
  load_admission loads({.under_way_max = 2, .waiting_max = 10});
  std::deque<ticket> tickets(4);
  EXPECT_EQ(loads.enter(tickets[0], false, start), load_admission::verdict::go);
  EXPECT_EQ(loads.enter(tickets[1], false, start), load_admission::verdict::go);
  EXPECT_EQ(loads.enter(tickets[2], false, start), load_admission::verdict::wait);
  EXPECT_EQ(loads.enter(tickets[3], false, start), load_admission::verdict::wait);
  EXPECT_EQ(loads.leave(start), &tickets[2]);
  EXPECT_EQ(loads.leave(start), &tickets[3]);
  EXPECT_EQ(loads.leave(start), nullptr);
  EXPECT_EQ(loads.leave(start), nullptr);
  EXPECT_EQ(loads.enter(tickets[0], false, start), load_admission::verdict::go);
}

TEST(LoadAdmission, PastItsBoundItRefusesWhatMayBeRefused) {
  load_admission loads({.under_way_max = 1, .waiting_max = 1});
  std::deque<ticket> tickets(4);
  static_cast<void>(loads.enter(tickets[0], false, start));
  static_cast<void>(loads.enter(tickets[1], false, start));
  EXPECT_EQ(loads.enter(tickets[2], false, start), load_admission::verdict::refuse);
  EXPECT_EQ(loads.enter(tickets[3], true, start), load_admission::verdict::wait);
  EXPECT_EQ(loads.waiting(), 2U);
}

TEST(LoadAdmission, ItsHintFollowsHowLongLoadsTake) {
  load_admission loads({.under_way_max = 1, .waiting_max = 100});
  std::deque<ticket> tickets(200);
  for (int i = 0; i < 100; ++i) static_cast<void>(loads.enter(tickets[static_cast<std::size_t>(i)], false, start));
  for (int i = 1; i <= 20; ++i) static_cast<void>(loads.leave(start + i * 100ms));
  EXPECT_EQ(loads.waiting(), 79U);
  EXPECT_EQ(loads.retry_after(), 3900ms);
}

}  // namespace
}  // namespace troupe::internal
