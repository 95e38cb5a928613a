#include "core/quarantine.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/quarantine_rules.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using internal::after_failure;
using internal::failure_streak;

constexpr quarantine_policy three{.failures_max = 3, .first_pause = 1s, .pause_max = 5s};

TEST(QuarantineRules, BeginsAfterSoManyFailuresAndItsPauseDoublesUpToTheLongest) {
  failure_streak streak;
  steady_time now{};
  for (const auto pause : {0s, 0s, 1s, 2s, 4s, 5s, 5s}) {
    streak = after_failure(streak, three, now);
    EXPECT_EQ(streak.pause, pause);
    EXPECT_EQ(is_quarantined(streak), pause > 0s);
    EXPECT_EQ(refuses(streak, now), pause > 0s);
    EXPECT_FALSE(refuses(streak, now + pause)) << "one trial at the end of the pause";
    now += pause;
  }
  EXPECT_EQ(streak.failures, 7U);
}

TEST(QuarantineRules, NeverBeginsWhenItIsSwitchedOff) {
  failure_streak streak;
  for (int i = 0; i < 100; ++i) streak = after_failure(streak, {.failures_max = 0}, {});
  EXPECT_FALSE(is_quarantined(streak));
}

TEST(QuarantineRules, TimesAreWrittenAsDates) {
  EXPECT_EQ(internal::to_text(wall_time(1'772'357'400'500ms)), "2026-03-01T09:30:00Z");
}

/// What the next activations are to do.
struct moods {
  bool constructor_throws = false;
  bool hook_throws = false;
  int constructed = 0;
};

class sulky : public actor {
 public:
  static constexpr std::string_view actor_type = "sulky";
  static constexpr quarantine_policy quarantine = three;

  explicit sulky(std::shared_ptr<moods> mood) : mood_(std::move(mood)) {
    ++mood_->constructed;
    if (mood_->constructor_throws) throw std::runtime_error("not today");
  }
  task<void> on_activate() override {
    if (mood_->hook_throws) throw std::runtime_error("not now");
    return {};
  }
  int add(int n) { return sum_.edit() += n; }
  using methods = troupe::methods<&sulky::add>;

 private:
  std::shared_ptr<moods> mood_;
  state<int> sum_{*this, "sum"};
};

class Quarantine : public ::testing::Test {
 protected:
  Quarantine() {
    rt.host<sulky>(options_of<sulky>(), [mood = mood] { return std::make_unique<sulky>(mood); });
  }
  errc call(const std::string& key = "m") {
    return error_of([&] { rt.ref<sulky>(key).call<&sulky::add>(1).get(); }).kind();
  }
  void fail_until_quarantined() {
    for (int i = 0; i < 3; ++i) call();
  }
  std::size_t lines_with(std::string_view words) {
    std::size_t count = 0;
    for (const auto& line : rt.log_lines()) count += line.find(words) != std::string::npos ? 1 : 0;
    return count;
  }

  std::shared_ptr<moods> mood = std::make_shared<moods>();
  test_runtime rt;
};

TEST_F(Quarantine, RefusesAtOnceAfterSoManyFailuresInARow) {
  mood->constructor_throws = true;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call(), errc::activation_failed);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(call(), errc::quarantined);
  EXPECT_EQ(mood->constructed, 3) << "nothing was tried meanwhile";
  const error why = error_of([&] { rt.ref<sulky>("m").call<&sulky::add>(1).get(); });
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(may_succeed_later(why.kind()));
  EXPECT_TRUE(has(why, "actor sulky/m is quarantined since ")) << why.what();
  EXPECT_TRUE(has(why, " until ")) << why.what();
  EXPECT_TRUE(has(why, "could not be activated 3 times: actor sulky/m could not be constructed: not today"))
      << why.what();
}

TEST_F(Quarantine, TriesOnceAtTheEndOfEachPauseAndThePauseGrows) {
  mood->hook_throws = true;
  fail_until_quarantined();
  rt.advance(999ms);
  EXPECT_EQ(call(), errc::quarantined);
  rt.advance(1ms);
  EXPECT_EQ(call(), errc::activation_failed) << "the trial";
  EXPECT_EQ(call(), errc::quarantined);
  rt.advance(1999ms);
  EXPECT_EQ(call(), errc::quarantined);
  rt.advance(1ms);
  EXPECT_EQ(call(), errc::activation_failed);
  EXPECT_EQ(mood->constructed, 5);
}

TEST_F(Quarantine, EndsWithATrialThatSucceeds) {
  mood->hook_throws = true;
  fail_until_quarantined();
  mood->hook_throws = false;
  rt.advance(1s);
  EXPECT_EQ(rt.ref<sulky>("m").call<&sulky::add>(1).get(), 1);
  EXPECT_TRUE(rt.quarantined().empty());
  rt.deactivate(rt.ref<sulky>("m"));
  rt.settle();
  mood->hook_throws = true;
  EXPECT_EQ(call(), errc::activation_failed) << "it counts from the beginning";
  EXPECT_EQ(call(), errc::activation_failed);
  EXPECT_EQ(call(), errc::activation_failed);
  EXPECT_EQ(call(), errc::quarantined);
}

TEST_F(Quarantine, OnlyFailuresInARowCount) {
  for (int i = 0; i < 5; ++i) {
    mood->hook_throws = true;
    EXPECT_EQ(call(), errc::activation_failed);
    EXPECT_EQ(call(), errc::activation_failed);
    mood->hook_throws = false;
    rt.ref<sulky>("m").call<&sulky::add>(1).get();
    rt.deactivate(rt.ref<sulky>("m"));
    rt.settle();
  }
}

TEST_F(Quarantine, StateThatCannotBeReadCounts) {
  rt.put({"sulky", "m"}, {{"sum", 1, "\"no number\""}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call(), errc::bad_state);
  EXPECT_EQ(call(), errc::quarantined);
}

TEST_F(Quarantine, StoreThatCannotBeReachedDoesNotCount) {
  rt.store().set_plan(every(store_operation::load, {.what = fault::outcome::unavailable, .when = {}, .only = {}}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(), errc::unavailable);
  rt.store().set_plan({});
  EXPECT_EQ(rt.ref<sulky>("m").call<&sulky::add>(1).get(), 1);
}

TEST_F(Quarantine, FailedCommitOfTheHookDoesNotCount) {
  rt.ref<sulky>("m").call<&sulky::add>(1).get();
  for (int i = 0; i < 5; ++i) {
    rt.store().set_plan(every(store_operation::commit, {.what = fault::outcome::conflict, .when = {}, .only = {}}));
    EXPECT_EQ(call(), errc::conflict);
    rt.store().set_plan({});
  }
  EXPECT_EQ(rt.ref<sulky>("m").call<&sulky::add>(1).get(), 2);
}

TEST_F(Quarantine, OtherActorsOfTheTypeAreNotTouched) {
  mood->constructor_throws = true;
  fail_until_quarantined();
  mood->constructor_throws = false;
  EXPECT_EQ(rt.ref<sulky>("other").call<&sulky::add>(1).get(), 1);
  EXPECT_EQ(call(), errc::quarantined);
}

TEST_F(Quarantine, IsListedAndReleased) {
  mood->constructor_throws = true;
  const wall_time before = rt.wall_now();
  fail_until_quarantined();
  for (int i = 0; i < 3; ++i) call("k");
  call("l");
  const auto list = rt.quarantined();
  ASSERT_EQ(list.size(), 2U) << "one failure is no quarantine";
  EXPECT_EQ(list[0].actor, (actor_id{"sulky", "k"}));
  EXPECT_EQ(list[1].actor, (actor_id{"sulky", "m"}));
  EXPECT_EQ(list[1].failures, 3U);
  EXPECT_GE(list[1].since, before);
  EXPECT_EQ(list[1].until, list[1].since + 1s);
  EXPECT_NE(list[1].why.find("not today"), std::string::npos);

  mood->constructor_throws = false;
  EXPECT_TRUE(rt.release({"sulky", "m"}));
  EXPECT_FALSE(rt.release({"sulky", "m"}));
  EXPECT_FALSE(rt.release({"sulky", "nobody"}));
  EXPECT_EQ(rt.ref<sulky>("m").call<&sulky::add>(1).get(), 1);
  EXPECT_EQ(call("k"), errc::quarantined);
}

TEST_F(Quarantine, IsLoggedOncePerChange) {
  mood->constructor_throws = true;
  fail_until_quarantined();
  for (int i = 0; i < 10; ++i) call();
  EXPECT_EQ(lines_with("quarantined"), 1U);
  rt.advance(1s);
  call();
  call();
  EXPECT_EQ(lines_with("stays quarantined"), 1U);
  mood->constructor_throws = false;
  rt.advance(2s);
  rt.ref<sulky>("m").call<&sulky::add>(1).get();
  EXPECT_EQ(lines_with("is activated again, after 4 failures"), 1U);
}

TEST_F(Quarantine, RemembersNoMoreActorsThanItMay) {
  mood->constructor_throws = true;
  fail_until_quarantined();
  for (std::size_t i = 0; i < quarantine_actors_max; ++i) {
    rt.ref<sulky>("k" + std::to_string(i)).call<&sulky::add>(1)([](const std::exception_ptr&, int) {});
  }
  rt.settle();
  EXPECT_TRUE(rt.quarantined().empty()) << "the one that failed longest ago was forgotten";
}

TEST(QuarantineOptions, OutOfRangeIsRefused) {
  const auto make = [] { return std::make_unique<ledger>(); };
  for (const quarantine_policy& bad : {quarantine_policy{.failures_max = 1001}, quarantine_policy{.first_pause = 0s},
                                       quarantine_policy{.pause_max = 1ms}, quarantine_policy{.pause_max = 25h}}) {
    test_runtime rt;
    actor_type_options options;
    options.quarantine = bad;
    EXPECT_EQ(error_of([&] { rt.host<ledger>(options, make); }).kind(), errc::invalid_argument);
  }
}

}  // namespace
}  // namespace troupe::testing
