#include "core/deadlock_probe.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using verdict = passed_probe::verdict;

probe_head probe_of(std::uint64_t rank, std::uint64_t lot, std::uint64_t round, std::uint64_t number) {
  return {
      .origin = {}, .strength = {.rank = rank, .lot = lot, .origin = lot, .turn = 1, .round = round}, .number = number};
}

TEST(PassedProbe, LetsAProbeGoOnOnce) {
  passed_probe passed;
  EXPECT_EQ(passed.meet(probe_of(0, 5, 1, 1), 1), verdict::goes_on);
  EXPECT_EQ(passed.meet(probe_of(0, 5, 1, 1), 1), verdict::known);
  EXPECT_EQ(passed.meet(probe_of(0, 5, 2, 2), 2), verdict::goes_on) << "the next one of the same turn";
  EXPECT_EQ(passed.meet(probe_of(0, 5, 1, 1), 2), verdict::stopped) << "overtaken by its own turn";
}

TEST(PassedProbe, StopsAWeakerOneThatHadBegunWhenTheStrongerCameBy) {
  passed_probe passed;
  EXPECT_EQ(passed.meet(probe_of(0, 5, 1, 1), 2), verdict::goes_on);
  EXPECT_EQ(passed.meet(probe_of(0, 4, 1, 2), 2), verdict::stopped);
  EXPECT_EQ(passed.meet(probe_of(0, 6, 1, 2), 2), verdict::goes_on) << "a stronger one";
}

TEST(PassedProbe, LetsAWeakerOneGoOnThatBeganAfterTheStrongerCameBy) {
  passed_probe passed;
  EXPECT_EQ(passed.meet(probe_of(0, 5, 1, 1), 1), verdict::goes_on);
  EXPECT_EQ(passed.meet(probe_of(0, 4, 1, 2), 2), verdict::goes_on) << "the turn may wait for others by now";
  EXPECT_EQ(passed.meet(probe_of(0, 5, 1, 1), 2), verdict::goes_on);
  EXPECT_EQ(passed.meet(probe_of(0, 4, 1, 2), 2), verdict::stopped) << "each goes on once for each that begins";
}

TEST(PassedProbe, WhoWasStoppedIsStrongerTheNextTime) {
  passed_probe passed;
  EXPECT_EQ(passed.meet(probe_of(0, 5, 1, 1), 3), verdict::goes_on);
  EXPECT_EQ(passed.meet(probe_of(0, 4, 1, 2), 3), verdict::stopped);
  EXPECT_EQ(passed.meet(probe_of(1, 4, 2, 3), 3), verdict::goes_on);
  EXPECT_EQ(passed.meet(probe_of(0, 9, 1, 3), 3), verdict::stopped);
}

probe_way long_way(std::uint64_t hops) {
  probe_way way;
  for (std::uint64_t i = 1; i <= hops; ++i) way = way.and_then({.turn = i, .serial = i});
  return way;
}

TEST(ProbeWay, WaysThatPartShareTheirBeginning) {
  const probe_way common = long_way(2);
  const probe_way one = common.and_then({.turn = 3, .serial = 3});
  const probe_way other = common.and_then({.turn = 4, .serial = 4});
  one.last().waits = true;
  const auto serials = [](const probe_way& way) {
    std::vector<std::uint64_t> all;
    for (const probe_hop& hop : way.since(nullptr, 1)) all.push_back(hop.serial);
    return all;
  };
  EXPECT_EQ(serials(one), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(serials(other), (std::vector<std::uint64_t>{1, 2, 4}));
  EXPECT_EQ(serials(common), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(one.since(nullptr, 2).front().serial, 2U) << "from a turn in the middle on";
  EXPECT_EQ(one.since(nullptr, 2).size(), 2U);
  EXPECT_TRUE(one.since(nullptr, 4).empty()) << "it did not come by there";
  EXPECT_TRUE(one.since(nullptr, 1).back().waits);
  EXPECT_FALSE(other.since(nullptr, 1).back().waits);
}

TEST(ProbeWay, MayBeLongerThanAStackIsDeep) {
  const probe_way way = long_way(1'000'000);
  EXPECT_EQ(way.since(nullptr, 1).size(), 1'000'000U);
}

TEST(ProbeWay, IsGoneWithItsLastUser) {
  const probe_way common = long_way(100);
  probe_way copy = common;
  copy = copy.and_then({.serial = 101});
  const probe_way moved = std::move(copy);
  EXPECT_EQ(moved.last().serial, 101U);
  EXPECT_EQ(common.last().serial, 100U);  // what leaks or is freed twice, AddressSanitizer tells
}

}  // namespace
}  // namespace troupe::internal
