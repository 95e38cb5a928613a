#include "core/receipts.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

const actor_id rivet{"buyer", "rivet"};

delivery_name named(std::uint64_t sequence, std::uint64_t after = 0, std::uint64_t stream = 7, actor_id from = rivet) {
  return {std::move(from), stream, sequence, after};
}

class Receipts : public ::testing::Test {
 protected:
  void note(const delivery_name& name, wall_time at = {}) { in.note(name, at, 3, changes); }

  spi::message_changes changes;
  receipts in{{.senders_max = 3, .senders_age_max = 60s}};
};

using judgement = receipts::judgement;

TEST_F(Receipts, TakeEachMessageOnce) {
  EXPECT_EQ(in.judge(named(5)), judgement::fresh);
  note(named(5));
  EXPECT_EQ(in.judge(named(5)), judgement::repeated);
  EXPECT_EQ(in.judge(named(4)), judgement::repeated);
  EXPECT_EQ(in.judge(named(6)), judgement::fresh);
  EXPECT_EQ(in.record_of(rivet), 3U);
  EXPECT_EQ(changes.marks_set, (std::vector<spi::mark_image>{{rivet, 7, 5, {}}}));
}

TEST_F(Receipts, TakeNoMessageBeforeTheOneItFollows) {
  EXPECT_EQ(in.judge(named(6, 5)), judgement::early);
  note(named(4));
  EXPECT_EQ(in.judge(named(6, 5)), judgement::early);
  note(named(5));
  EXPECT_EQ(in.judge(named(6, 5)), judgement::fresh);
}

TEST_F(Receipts, TellAnErasedSenderFromTheOneMadeAnew) {
  note(named(5));
  EXPECT_EQ(in.judge(named(1, 0, 8)), judgement::fresh);
  EXPECT_EQ(in.judge(named(2, 1, 8)), judgement::early) << "the mark is of another stream";
  note(named(1, 0, 8));
  EXPECT_EQ(in.judge(named(1, 0, 8)), judgement::repeated);
}

TEST_F(Receipts, AreBoundedByCountAndTheOldestLeavesFirst) {
  for (const std::string key : {"a", "b", "c"}) note(named(1, 0, 7, {"buyer", key}));
  note(named(2, 0, 7, {"buyer", "a"}));
  note(named(1, 0, 7, {"buyer", "d"}));
  EXPECT_EQ(changes.marks_dropped, (std::vector<actor_id>{{"buyer", "b"}}));
  EXPECT_EQ(in.judge(named(2, 0, 7, {"buyer", "a"})), judgement::repeated);
  EXPECT_EQ(in.judge(named(1, 0, 7, {"buyer", "b"})), judgement::fresh);
}

TEST_F(Receipts, AreBoundedByAge) {
  note(named(1, 0, 7, {"buyer", "a"}), wall_time(0s));
  note(named(1, 0, 7, {"buyer", "b"}), wall_time(50s));
  note(named(1), wall_time(61s));
  EXPECT_EQ(changes.marks_dropped, (std::vector<actor_id>{{"buyer", "a"}}));
}

TEST_F(Receipts, AreLoadedOldestFirst) {
  in.load({{{"buyer", "a"}, 7, 1, wall_time(9s)}, {{"buyer", "b"}, 7, 1, wall_time(2s)}, {rivet, 7, 4, wall_time(5s)}});
  EXPECT_EQ(in.judge(named(4)), judgement::repeated);
  note(named(1, 0, 7, {"buyer", "d"}), wall_time(10s));
  EXPECT_EQ(changes.marks_dropped, (std::vector<actor_id>{{"buyer", "b"}}));
}

}  // namespace
}  // namespace troupe::internal
