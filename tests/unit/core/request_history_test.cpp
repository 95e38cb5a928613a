#include "core/request_history.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

constexpr wall_time noon{std::chrono::sys_days{std::chrono::year(2026) / 1 / 1} + 12h};

spi::request_image request(std::string key, wall_time at = noon) {
  std::string reply = "\"reply to " + key + "\"";
  return {.key = std::move(key), .reply = std::move(reply), .at = at};
}

using keys = std::vector<std::string>;

TEST(RequestHistory, RemembersTheReply) {
  request_history history({.count_max = 2, .age_max = 1h});
  EXPECT_EQ(history.find("a", noon), nullptr);
  EXPECT_EQ(history.add(request("a"), 1), keys{});
  ASSERT_NE(history.find("a", noon), nullptr);
  EXPECT_EQ(history.find("a", noon)->reply, "\"reply to a\"");
}

TEST(RequestHistory, OldestLeavesWhenThereAreTooMany) {
  request_history history({.count_max = 2, .age_max = 1h});
  history.load({request("a"), request("b")});
  EXPECT_EQ(history.add(request("c"), 1), keys{"a"});
  EXPECT_EQ(history.find("a", noon), nullptr);
  EXPECT_NE(history.find("b", noon), nullptr);
  EXPECT_NE(history.find("c", noon), nullptr);
}

TEST(RequestHistory, ForgetsWhatIsOlderThanTheWindow) {
  request_history history({.count_max = 9, .age_max = 1h});
  history.load({request("a"), request("b", noon + 30min)});
  EXPECT_NE(history.find("a", noon + 1h), nullptr);
  EXPECT_EQ(history.find("a", noon + 1h + 1ms), nullptr);
  EXPECT_EQ(history.add(request("c", noon + 2h), 1), (keys{"a", "b"}));
}

TEST(RequestHistory, AgeZeroHasNoBound) {
  request_history history({.count_max = 9, .age_max = 0s});
  static_cast<void>(history.add(request("a"), 1));
  EXPECT_NE(history.find("a", noon + std::chrono::years(9)), nullptr);
}

TEST(RequestHistory, ReplacesAKeyThatWasTooOld) {
  request_history history({.count_max = 9, .age_max = 1h});
  history.load({request("x", noon + 2h), request("a"), request("y", noon + 2h)});
  EXPECT_EQ(history.add(request("a", noon + 2h), 1), keys{"a"});
  for (const char* key : {"x", "a", "y"}) EXPECT_NE(history.find(key, noon + 2h), nullptr) << key;
}

TEST(RequestHistory, LoadingReplacesWhatWasThere) {
  request_history history({.count_max = 9, .age_max = 1h});
  static_cast<void>(history.add(request("a"), 1));
  history.load({request("b")});
  EXPECT_EQ(history.find("a", noon), nullptr);
  EXPECT_NE(history.find("b", noon), nullptr);
}

}  // namespace
}  // namespace troupe::internal
