#include "core/request_history.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

constexpr wall_time new_year{std::chrono::sys_days{std::chrono::year(2026) / 1 / 1} + 12h};

spi::request_image request(std::string key, wall_time at = new_year) {
  std::string reply = "\"reply to " + key + "\"";
  return {.key = std::move(key), .reply = std::move(reply), .at = at};
}

using keys = std::vector<std::string>;

TEST(RequestHistory, RemembersTheReply) {
  request_history history({.count_max = 2, .age_max = 1h});
  EXPECT_EQ(history.find("a", new_year), nullptr);
  EXPECT_EQ(history.add(request("a"), 1), keys{});
  ASSERT_NE(history.find("a", new_year), nullptr);
  EXPECT_EQ(history.find("a", new_year)->reply, "\"reply to a\"");
}

TEST(RequestHistory, OldestLeavesWhenThereAreTooMany) {
  request_history history({.count_max = 2, .age_max = 1h});
  history.load({request("a"), request("b")});
  EXPECT_EQ(history.add(request("c"), 1), keys{"a"});
  EXPECT_EQ(history.find("a", new_year), nullptr);
  EXPECT_NE(history.find("b", new_year), nullptr);
  EXPECT_NE(history.find("c", new_year), nullptr);
}

TEST(RequestHistory, ForgetsWhatIsOlderThanTheWindow) {
  request_history history({.count_max = 9, .age_max = 1h});
  history.load({request("a"), request("b", new_year + 30min)});
  EXPECT_NE(history.find("a", new_year + 1h), nullptr);
  EXPECT_EQ(history.find("a", new_year + 1h + 1ms), nullptr);
  EXPECT_EQ(history.add(request("c", new_year + 2h), 1), (keys{"a", "b"}));
}

TEST(RequestHistory, AgeZeroHasNoBound) {
  request_history history({.count_max = 9, .age_max = 0s});
  static_cast<void>(history.add(request("a"), 1));
  EXPECT_NE(history.find("a", new_year + std::chrono::years(9)), nullptr);
}

TEST(RequestHistory, ReplacesAKeyThatWasTooOld) {
  request_history history({.count_max = 9, .age_max = 1h});
  history.load({request("x", new_year + 2h), request("a"), request("y", new_year + 2h)});
  EXPECT_EQ(history.add(request("a", new_year + 2h), 1), keys{"a"});
  for (const char* key : {"x", "a", "y"}) EXPECT_NE(history.find(key, new_year + 2h), nullptr) << key;
}

TEST(RequestHistory, LoadingReplacesWhatWasThere) {
  request_history history({.count_max = 9, .age_max = 1h});
  static_cast<void>(history.add(request("a"), 1));
  history.load({request("b")});
  EXPECT_EQ(history.find("a", new_year), nullptr);
  EXPECT_NE(history.find("b", new_year), nullptr);
}

}  // namespace
}  // namespace troupe::internal
