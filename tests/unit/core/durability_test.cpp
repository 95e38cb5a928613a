#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// A ledger of one durability policy; it can set reminders and throw when it leaves.
class saver : public actor {
 public:
  static constexpr std::string_view actor_type = "saver";

  int add(int n) { return page_.edit().total += n; }
  int read() const { return page_->total; }
  int add_then_throw(int n) {
    page_.edit().total += n;
    throw std::out_of_range("refused");
  }
  task<int> add_slowly(int n, int milliseconds) {
    page_.edit().total += n;
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return page_.edit().total += n;
  }
  void remind() { schedule_reminder("later", {.due_in = 24h}); }
  void erase_all() { erase(); }
  void add_and_erase(int n) {
    page_.edit().total += n;
    erase();
  }
  void grumble_when_leaving() { grumbles_ = true; }
  void write_note(std::string text) { page_.edit().note = std::move(text); }
  task<void> on_reminder(reminder_tick) override { co_return; }
  task<void> on_deactivate(deactivation_reason) override {
    if (grumbles_) throw std::runtime_error("grumble");
    return {};
  }
  using methods =
      troupe::methods<&saver::add, &saver::read, &saver::add_then_throw, &saver::add_slowly, &saver::remind,
                      &saver::erase_all, &saver::add_and_erase, &saver::grumble_when_leaving, &saver::write_note>;

 private:
  state<page> page_{*this, "page"};
  bool grumbles_ = false;
};

class Durability : public ::testing::Test {
 protected:
  void host(durability policy) { rt.host<saver>({.persistence = policy}); }
  [[nodiscard]] actor_ref<saver> a() { return rt.ref<saver>("a"); }
  [[nodiscard]] std::uint64_t version() const { return rt.stored({"saver", "a"}).stamp.version; }
  void leave() {
    rt.deactivate(a());
    rt.settle();
  }
  test_runtime rt;
};

TEST_F(Durability, WriteBehindCommitsOnceAnIntervalAfterTheFirstChange) {
  host(durability::write_behind(100ms));
  a().call<&saver::add>(1).get();
  rt.advance(60ms);
  a().call<&saver::add>(1).get();
  rt.advance(39ms);
  EXPECT_EQ(version(), 0U);
  rt.advance(1ms);
  EXPECT_EQ(version(), 1U);
  rt.advance(1s);
  EXPECT_EQ(version(), 1U) << "nothing changed since";
  a().call<&saver::add>(1).get();
  rt.advance(100ms);
  EXPECT_EQ(version(), 2U);
}

TEST_F(Durability, WriteBehindDoesNotSaveAHalfDoneTurn) {
  host(durability::write_behind(100ms));
  a().call<&saver::add>(1).get();
  answer slow;
  a().call<&saver::add_slowly>(10, 500)(slow.sink());
  rt.advance(300ms);
  EXPECT_EQ(version(), 0U);
  rt.advance(200ms);
  EXPECT_EQ(rt.stored({"saver", "a"}).cells.at(0).json, R"({"note":"","total":21})");
}

TEST_F(Durability, WriteBehindRepliesAtOnceAndACrashLosesTheRest) {
  host(durability::write_behind(100ms));
  rt.store().set_plan(held_commits());
  EXPECT_EQ(a().call<&saver::add>(1).get(), 1);
  rt.crash();
  EXPECT_EQ(a().call<&saver::read>().get(), 0);
}

TEST_F(Durability, WriteBehindIsSavedWhenTheActorLeaves) {
  host(durability::write_behind(1h));
  a().call<&saver::add>(1).get();
  leave();
  EXPECT_EQ(version(), 1U);
}

TEST_F(Durability, FailedWriteBehindIsLoggedAndTheActorStartsFromWhatIsStored) {
  host(durability::write_behind(100ms));
  a().call<&saver::add>(1).get();
  rt.advance(100ms);
  rt.store().set_plan(every(store_operation::commit, {.what = fault::outcome::conflict}));
  a().call<&saver::add>(1).get();
  rt.advance(100ms);
  rt.store().set_plan({});
  ASSERT_FALSE(rt.log_lines().empty()) << "nobody was told of the loss";
  EXPECT_NE(rt.log_lines()[0].find("saving saver/a failed"), std::string::npos);
  EXPECT_EQ(a().call<&saver::read>().get(), 1);
}

TEST_F(Durability, OnDeactivateCommitsThenAndNotBefore) {
  host(durability::on_deactivate());
  a().call<&saver::add>(1).get();
  rt.advance(10min);
  EXPECT_EQ(version(), 0U);
  leave();
  EXPECT_EQ(version(), 1U);
  a().call<&saver::add>(1).get();
  rt.restart();
  EXPECT_EQ(a().call<&saver::read>().get(), 2);
  a().call<&saver::add>(1).get();
  rt.crash();
  EXPECT_EQ(a().call<&saver::read>().get(), 2);
}

TEST_F(Durability, ThrowInTheDeactivateHookLosesNoEarlierTurn) {
  host(durability::on_deactivate());
  a().call<&saver::add>(1).get();
  a().call<&saver::grumble_when_leaving>().get();
  leave();
  EXPECT_EQ(a().call<&saver::read>().get(), 1);
}

TEST_F(Durability, NoneNeverTouchesTheStore) {
  host(durability::none());
  EXPECT_EQ(a().call<&saver::add>(1).get(), 1);
  EXPECT_THROW(a().call<&saver::remind>().get(), std::logic_error);
  const error why = error_of([&] { a().with({.idempotency_key = "k"}).call<&saver::add>(1).get(); });
  EXPECT_EQ(why.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(why, "durability is none")) << why.what();
  leave();
  EXPECT_EQ(a().call<&saver::read>().get(), 0);
  EXPECT_EQ(rt.store().counts().loads + rt.store().counts().commits, 0U);
}

TEST_F(Durability, ThrowIsRolledBackWithEveryPolicy) {
  for (const durability policy :
       {durability::every_turn(), durability::write_behind(1h), durability::on_deactivate(), durability::none()}) {
    test_runtime each;
    each.host<saver>({.persistence = policy});
    auto one = each.ref<saver>("a");
    one.call<&saver::add>(2).get();
    EXPECT_THROW(one.call<&saver::add_then_throw>(5).get(), std::out_of_range);
    EXPECT_EQ(one.call<&saver::read>().get(), 2) << static_cast<int>(policy.what());
  }
}

TEST_F(Durability, TurnWithAKeyCommitsAtOnceWithEveryPolicy) {
  host(durability::on_deactivate());
  a().call<&saver::add>(1).get();
  EXPECT_EQ(a().with({.idempotency_key = "k"}).call<&saver::add>(1).get(), 2);
  EXPECT_EQ(version(), 1U);
  rt.crash();
  EXPECT_EQ(a().with({.idempotency_key = "k"}).call<&saver::add>(1).get(), 2);
  EXPECT_EQ(a().call<&saver::read>().get(), 2) << "what earlier turns changed goes with it";
}

TEST_F(Durability, ReminderChangeCommitsAtOnceWithEveryPolicy) {
  host(durability::write_behind(1h));
  a().call<&saver::remind>().get();
  EXPECT_EQ(rt.stored({"saver", "a"}).reminders.size(), 1U);
}

TEST_F(Durability, EraseForgetsWhatWasNeverSaved) {
  host(durability::on_deactivate());
  a().call<&saver::add>(1).get();
  a().call<&saver::erase_all>().get();
  rt.settle();
  EXPECT_EQ(version(), 0U) << "the erased state was saved when the actor left";
  a().call<&saver::add_and_erase>(1).get();
  rt.settle();
  EXPECT_EQ(version(), 0U);
}

TEST_F(Durability, EraseCommitsAtOnceWithEveryPolicy) {
  host(durability::on_deactivate());
  a().call<&saver::add>(1).get();
  leave();
  a().call<&saver::add>(1).get();
  a().call<&saver::erase_all>().get();
  EXPECT_EQ(version(), 0U);
  EXPECT_EQ(a().call<&saver::read>().get(), 0);
}

TEST_F(Durability, StateThatCannotBeWrittenLaterIsLoggedAndDropped) {
  host(durability::on_deactivate());
  a().call<&saver::add>(1).get();
  leave();
  a().call<&saver::write_note>("\xff").get();
  leave();
  ASSERT_FALSE(rt.log_lines().empty());
  EXPECT_EQ(a().call<&saver::read>().get(), 1);
}

}  // namespace
}  // namespace troupe::testing
