#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

class notebook : public actor {
 public:
  static constexpr std::string_view actor_type = "notebook";
  static constexpr state_limits state_max{.cell_bytes = 10'000, .actor_bytes = 12'000};

  void write_front(int bytes) { front_.edit().assign(static_cast<std::size_t>(bytes), 'f'); }
  void write_back(int bytes) { back_.edit().assign(static_cast<std::size_t>(bytes), 'b'); }
  void touch() { ++touched_.edit(); }
  void swell_when_leaving() { swells_ = true; }
  task<void> on_deactivate(deactivation_reason) override {
    if (swells_) write_front(10'000);
    return {};
  }
  std::string sizes() const { return std::to_string(front_->size()) + "+" + std::to_string(back_->size()); }
  using methods = troupe::methods<&notebook::write_front, &notebook::write_back, &notebook::touch, &notebook::sizes,
                                  &notebook::swell_when_leaving>;

 private:
  state<std::string> front_{*this, "front"};
  state<std::string> back_{*this, "back"};
  state<int> touched_{*this, "touched"};
  bool swells_ = false;
};

class StateLimits : public ::testing::Test {
 protected:
  /// Hosts the class with these limits; without them, with its own.
  void host(std::optional<state_limits> limits = {}, durability policy = durability::every_turn()) {
    auto options = options_of<notebook>();
    options.persistence = policy;
    if (limits) options.state_max = *limits;
    rt.host<notebook>(options);
  }
  [[nodiscard]] auto one() { return rt.ref<notebook>("one"); }
  [[nodiscard]] std::string sizes() { return one().call<&notebook::sizes>().get(); }

  test_runtime rt;
};

TEST_F(StateLimits, CellThatGrowsPastItsLimitFailsTheTurnAndNamesActorAndCell) {
  host();
  one().call<&notebook::write_front>(9'998).get();  // and two quotes
  const error why = error_of([&] { one().call<&notebook::write_front>(9'999).get(); });
  EXPECT_EQ(why.kind(), errc::too_large);
  EXPECT_EQ(why.effect(), effect::none);
  const std::string text = why.what();
  for (const char* part : {"notebook/one", "\"front\"", "10001", "state_max.cell_bytes", "10000"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is missing in: " << text;
  }
  EXPECT_EQ(sizes(), "9998+0");
}

TEST_F(StateLimits, CellsTogetherHaveALimitTooAlsoThoseThatAreKeptApart) {
  host();
  one().call<&notebook::write_front>(9'000).get();  // large: later records say only that it is kept
  one().call<&notebook::write_back>(2'900).get();
  const error why = error_of([&] { one().call<&notebook::write_back>(3'000).get(); });
  EXPECT_EQ(why.kind(), errc::too_large);
  EXPECT_NE(std::string(why.what()).find("state_max.actor_bytes"), std::string::npos) << why.what();
  rt.crash();
  EXPECT_EQ(error_of([&] { one().call<&notebook::write_back>(3'000).get(); }).kind(), errc::too_large)
      << "sizes are known after a load, too";
  one().call<&notebook::write_front>(5'000).get();
  one().call<&notebook::write_back>(5'000).get();
  EXPECT_EQ(sizes(), "5000+5000");
}

TEST_F(StateLimits, WhatIsBeyondALoweredLimitLoadsShrinksAndStaysUsable) {
  const auto json = [](std::size_t bytes, char of) { return '"' + std::string(bytes, of) + '"'; };
  rt.put({"notebook", "one"}, {{.name = "back", .schema = 1, .json = json(2'000, 'b')},
                               {.name = "front", .schema = 1, .json = json(9'000, 'f')}});
  host(state_limits{.cell_bytes = 1'000, .actor_bytes = 1'500});
  EXPECT_EQ(sizes(), "9000+2000");
  one().call<&notebook::write_front>(9'000).get();
  EXPECT_EQ(error_of([&] { one().call<&notebook::write_front>(9'001).get(); }).kind(), errc::too_large);
  one().call<&notebook::write_front>(8'000).get();
  one().call<&notebook::write_front>(100).get();
  EXPECT_EQ(error_of([&] { one().call<&notebook::write_front>(1'001).get(); }).kind(), errc::too_large);
  EXPECT_EQ(sizes(), "100+2000");
  EXPECT_EQ(error_of([&] { one().call<&notebook::touch>().get(); }).kind(), errc::too_large) << "a cell more";
  one().call<&notebook::write_back>(100).get();
  one().call<&notebook::touch>().get();
}

/// Policies that save later: a refused turn must not take what was acknowledged before it along.
class StateLimitsSavedLater : public StateLimits, public ::testing::WithParamInterface<durability::kind> {
 protected:
  void host_later(std::optional<state_limits> limits = {}) {
    host(limits, GetParam() == durability::kind::on_deactivate ? durability::on_deactivate()
                                                               : durability::write_behind(std::chrono::hours(1)));
  }
  void leave() {
    rt.deactivate(one());
    rt.settle();
  }
};

TEST_P(StateLimitsSavedLater, FailTheTurnThatGrowsACellPastThem) {
  host_later();
  one().call<&notebook::write_front>(9'000).get();
  const error why = error_of([&] { one().call<&notebook::write_front>(9'999).get(); });
  EXPECT_EQ(why.kind(), errc::too_large);
  EXPECT_EQ(why.effect(), effect::none);
  for (const char* part : {"notebook/one", "\"front\"", "10001", "state_max.cell_bytes", "10000"}) {
    EXPECT_TRUE(has(why, part)) << part << " is missing in: " << why.what();
  }
  EXPECT_EQ(sizes(), "9000+0");
  one().call<&notebook::write_back>(10).get();
  leave();
  rt.crash();
  EXPECT_EQ(sizes(), "9000+10") << "what was acknowledged is saved";
  EXPECT_TRUE(rt.log_lines().empty()) << rt.log_lines()[0];
}

TEST_P(StateLimitsSavedLater, FailTheTurnThatGrowsTheCellsTogetherPastThem) {
  host_later();
  one().call<&notebook::write_front>(9'000).get();
  one().call<&notebook::write_back>(2'900).get();
  const error why = error_of([&] { one().call<&notebook::write_back>(3'000).get(); });
  EXPECT_EQ(why.kind(), errc::too_large);
  EXPECT_TRUE(has(why, "state_max.actor_bytes")) << why.what();
  one().call<&notebook::touch>().get();
  leave();
  EXPECT_EQ(error_of([&] { one().call<&notebook::write_back>(3'000).get(); }).kind(), errc::too_large)
      << "sizes are known after a load, too";
  EXPECT_EQ(error_of([&] { one().with({.idempotency_key = "k"}).call<&notebook::write_back>(3'000).get(); }).kind(),
            errc::too_large);
  one().call<&notebook::write_back>(10).get();
  leave();
  rt.crash();
  EXPECT_EQ(sizes(), "9000+10");
}

TEST_P(StateLimitsSavedLater, CompareEachTurnWithTheOneBefore) {
  const auto json = [](std::size_t bytes, char of) { return '"' + std::string(bytes, of) + '"'; };
  rt.put({"notebook", "one"}, {{.name = "front", .schema = 1, .json = json(9'000, 'f')}});
  host_later(state_limits{.cell_bytes = 1'000, .actor_bytes = 0});
  one().call<&notebook::write_front>(8'000).get();
  EXPECT_EQ(error_of([&] { one().call<&notebook::write_front>(8'500).get(); }).kind(), errc::too_large)
      << "it grows, though it is smaller than what is stored";
  one().call<&notebook::write_front>(7'000).get();
  leave();
  rt.crash();
  EXPECT_EQ(sizes(), "7000+0");
}

TEST_P(StateLimitsSavedLater, AreThoseOfTheStoreTooWhereTheTypeAllowsMore) {
  host_later(state_limits{.cell_bytes = std::size_t{20} << 20U, .actor_bytes = 0});
  one().call<&notebook::write_front>(5'000).get();
  const error why = error_of([&] { one().call<&notebook::write_front>(17 << 20).get(); });
  EXPECT_EQ(why.kind(), errc::too_large) << why.what();
  EXPECT_TRUE(has(why, "the store's limit")) << why.what();
  leave();
  EXPECT_EQ(sizes(), "5000+0");
}

TEST_P(StateLimitsSavedLater, HoldWhenTheActorLeavesAndLoseNoEarlierTurn) {
  host_later();
  one().call<&notebook::write_front>(5'000).get();
  one().call<&notebook::swell_when_leaving>().get();
  leave();
  EXPECT_EQ(sizes(), "5000+0");
}

INSTANTIATE_TEST_SUITE_P(Policies, StateLimitsSavedLater,
                         ::testing::Values(durability::kind::write_behind, durability::kind::on_deactivate),
                         [](const auto& policy) {
                           return policy.param == durability::kind::on_deactivate ? "OnDeactivate" : "WriteBehind";
                         });

TEST_F(StateLimits, ZeroIsNoLimit) {
  host(state_limits{});
  one().call<&notebook::write_front>(1'000'000).get();
  EXPECT_EQ(sizes(), "1000000+0");
}

TEST_F(StateLimits, ThatContradictEachOtherAreRefusedByHost) {
  const error why = error_of([&] { host(state_limits{.cell_bytes = 100, .actor_bytes = 99}); });
  EXPECT_EQ(why.kind(), errc::invalid_argument);
  EXPECT_NE(std::string(why.what()).find("state_max.actor_bytes"), std::string::npos) << why.what();
}

}  // namespace
}  // namespace troupe::testing
