#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Turns that alternate where they await.
class mixer : public actor {
 public:
  static constexpr std::string_view actor_type = "mixer";
  static constexpr auto reentrant = reentrancy::interleave;

  task<int> left(int n, int milliseconds) {
    left_.edit().total += n;
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    left_.edit().total += n;
    co_return left_->total;
  }
  task<int> right(int n, int milliseconds) {
    right_.edit().total += n;
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return right_->total;
  }
  task<int> left_then_throw(int n, int milliseconds) {
    left_.edit().total += n;
    ref<mixer>("told").tell<&mixer::left_now>(1);
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    throw std::out_of_range("refused");
  }
  task<int> nap_then_left(int n, int milliseconds) {
    const int before = left_->total;
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    left_.edit().total = before + n;
    co_return left_->total;
  }
  int left_now(int n) { return left_.edit().total += n; }
  int sum() const { return left_->total * 1'000 + right_->total; }
  task<int> remind(std::string name, int milliseconds) {
    schedule_reminder(name, {.due_in = 1h});
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return static_cast<int>(reminders().size());
  }
  void remove() { erase(); }
  int alone() { return sum(); }
  task<void> on_reminder(reminder_tick) override { co_return; }

  using methods =
      troupe::methods<&mixer::left, &mixer::right, &mixer::left_then_throw, &mixer::nap_then_left, &mixer::left_now,
                      &mixer::sum, &mixer::remind, &mixer::remove, exclusive<&mixer::alone>>;

 private:
  state<page> left_{*this, "left"};
  state<page> right_{*this, "right"};
};

class Interleave : public ::testing::Test {
 protected:
  Interleave() { rt.host<mixer>(); }
  [[nodiscard]] actor_ref<mixer> m() { return rt.ref<mixer>("m"); }
  [[nodiscard]] int stored(std::size_t cell) {
    const auto image = rt.stored({"mixer", "m"});
    return image.cells.size() <= cell ? -1 : codec<page>::decode(image.cells[cell].json).total;
  }
  answer first, second, third;
  test_runtime rt;
};

TEST_F(Interleave, TurnsOverlapAndEachCommitsItsOwnEdits) {
  m().call<&mixer::left>(1, 100)(first.sink());
  m().call<&mixer::right>(5, 50)(second.sink());
  rt.advance(50ms);
  EXPECT_TRUE(second.ok());
  EXPECT_FALSE(first.done);
  EXPECT_EQ(stored(0), 5) << "the only cell that is stored is the one of the turn that ended";
  EXPECT_EQ(m().call<&mixer::sum>().get(), 5) << "an edit of a turn that has not ended was seen";
  rt.advance(50ms);
  EXPECT_EQ(first.value, 2);
  EXPECT_EQ(m().call<&mixer::sum>().get(), 2'005);
  rt.crash();
  EXPECT_EQ(m().call<&mixer::sum>().get(), 2'005);
}

TEST_F(Interleave, FailedTurnLeaksNothingIntoOthers) {
  m().call<&mixer::left_then_throw>(7, 50)(first.sink());
  m().call<&mixer::right>(5, 100)(second.sink());
  rt.advance(20ms);
  EXPECT_EQ(m().call<&mixer::left_now>(1).get(), 1) << "it saw the half-done edit of another turn";
  rt.advance(80ms);
  EXPECT_TRUE(first.done && first.failure);
  EXPECT_TRUE(second.ok());
  EXPECT_EQ(m().call<&mixer::sum>().get(), 1'005);
  EXPECT_EQ(rt.ref<mixer>("told").call<&mixer::sum>().get(), 0);
  rt.crash();
  EXPECT_EQ(m().call<&mixer::sum>().get(), 1'005);
}

TEST_F(Interleave, FirstToEndWinsAndTheOtherIsAConflict) {
  m().call<&mixer::left>(1, 100)(first.sink());
  m().call<&mixer::left>(10, 50)(second.sink());
  rt.advance(100ms);
  EXPECT_EQ(second.value, 20);
  const error why = error_in(first.failure);
  EXPECT_EQ(why.kind(), errc::conflict);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "\"left\"")) << why.what();
  EXPECT_EQ(m().call<&mixer::sum>().get(), 20'000);
}

TEST_F(Interleave, EditOfWhatAnotherTurnChangedSinceIsAConflictAtOnce) {
  m().call<&mixer::nap_then_left>(1, 100)(first.sink());
  rt.settle();
  m().call<&mixer::left_now>(5).get();
  rt.advance(100ms);
  EXPECT_EQ(error_in(first.failure).kind(), errc::conflict) << "an update was lost";
  EXPECT_EQ(m().call<&mixer::sum>().get(), 5'000);
}

TEST_F(Interleave, ExclusiveMethodWaitsForAllAndHoldsTheLaterOnesBack) {
  m().call<&mixer::left>(1, 100)(first.sink());
  m().call<&mixer::alone>()(second.sink());
  m().call<&mixer::right>(5, 0)(third.sink());
  rt.advance(99ms);
  EXPECT_FALSE(second.done || third.done);
  rt.advance(1ms);
  EXPECT_EQ(second.value, 2'000);
  EXPECT_TRUE(third.ok());
}

TEST_F(Interleave, RemindersAreKeptApartToo) {
  m().call<&mixer::remind>("a", 100)(first.sink());
  rt.settle();
  EXPECT_TRUE(rt.stored({"mixer", "m"}).reminders.empty());
  m().call<&mixer::left_now>(1).get();
  EXPECT_TRUE(rt.stored({"mixer", "m"}).reminders.empty()) << "a reminder of a turn that has not ended was stored";
  m().call<&mixer::remind>("b", 50)(second.sink());
  rt.advance(100ms);
  EXPECT_EQ(second.value, 1);
  EXPECT_EQ(error_in(first.failure).kind(), errc::conflict);
  const auto stored_ones = rt.stored({"mixer", "m"}).reminders;
  ASSERT_EQ(stored_ones.size(), 1U);
  EXPECT_EQ(stored_ones.front().name, "b");
}

TEST_F(Interleave, SavingLaterSavesNoHalfDoneTurn) {
  test_runtime other;
  actor_type_options options = options_of<mixer>();
  options.persistence = durability::write_behind(10ms);
  other.host<mixer>(options);
  const auto o = other.ref<mixer>("m");
  o.call<&mixer::left>(1, 100)(first.sink());
  o.call<&mixer::right>(5, 0).get();
  other.advance(20ms);
  const auto image = other.stored({"mixer", "m"});
  ASSERT_EQ(image.cells.size(), 1U);
  EXPECT_EQ(image.cells.front().name, "right");
  EXPECT_THROW(o.call<&mixer::left_then_throw>(3, 0).get(), std::out_of_range);
  other.advance(100ms);
  EXPECT_EQ(first.value, 2);
  EXPECT_EQ(o.call<&mixer::sum>().get(), 2'005);
}

TEST_F(Interleave, EraseIsRefused) { EXPECT_THROW(m().call<&mixer::remove>().get(), std::logic_error); }

TEST_F(Interleave, FailedCommitFailsTheTurnsThatAreUnderWay) {
  m().call<&mixer::left_now>(1).get();
  m().call<&mixer::right>(5, 100)(first.sink());
  rt.settle();
  rt.store().set_plan(every(store_operation::commit, {.what = fault::outcome::conflict, .when = {}, .only = {}}));
  EXPECT_EQ(error_of([&] { m().call<&mixer::left_now>(1).get(); }).kind(), errc::conflict);
  rt.store().set_plan({});
  rt.advance(100ms);
  EXPECT_TRUE(first.done && first.failure) << "a turn outlived its activation";
  EXPECT_EQ(m().call<&mixer::sum>().get(), 1'000);
}

TEST_F(Interleave, KeyedTurnsOverlapAndAreRememberedEach) {
  const auto keyed = [&](std::string_view key) { return m().with({.idempotency_key = key}); };
  keyed("a").call<&mixer::left>(1, 100)(first.sink());
  keyed("b").call<&mixer::right>(5, 50)(second.sink());
  rt.advance(100ms);
  EXPECT_TRUE(first.ok() && second.ok());
  rt.crash();
  EXPECT_EQ(keyed("a").call<&mixer::left>(1, 100).get(), 2);
  EXPECT_EQ(keyed("b").call<&mixer::right>(5, 50).get(), 5);
  EXPECT_EQ(m().call<&mixer::sum>().get(), 2'005);
}

}  // namespace
}  // namespace troupe::testing
