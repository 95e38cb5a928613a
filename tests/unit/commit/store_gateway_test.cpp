#include "commit/store_gateway.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "troupe/stores/memory.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// The way of a commit or load through the gateway, seen from an actor.
class StoreGateway : public ::testing::Test {
 protected:
  StoreGateway() {
    rt.host<ledger>();
    a().call<&ledger::read>().get();
  }
  [[nodiscard]] actor_ref<ledger> a() { return rt.ref<ledger>("a"); }
  [[nodiscard]] std::uint64_t version() const { return rt.stored({"ledger", "a"}).stamp.version; }
  void plan(fault_plan made) { rt.store().set_plan(std::move(made)); }
  [[nodiscard]] error failed_add() {
    return error_of([this] { a().call<&ledger::add>(1).get(); });
  }
  test_runtime rt;
};

constexpr auto commit = store_operation::commit;

TEST_F(StoreGateway, TriesAgainWhileTheStoreIsUnavailable) {
  plan(first(3, commit, {.what = fault::outcome::unavailable}));
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(rt.store().counts().commits, 4U);
  EXPECT_EQ(version(), 1U);
}

TEST_F(StoreGateway, GivesUpAfterTheTimeoutAndNothingHappened) {
  plan(every(commit, {.what = fault::outcome::unavailable}));
  const error why = failed_add();
  EXPECT_EQ(why.kind(), errc::unavailable);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "ledger/a") && has(why, "nothing of the turn was kept")) << why.what();
  EXPECT_EQ(version(), 0U);
  EXPECT_LE(rt.store().counts().commits, 25U) << "the store was hammered";
  plan({});
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
}

TEST_F(StoreGateway, LostAnswerIsSettledAsCommitted) {
  plan(first(1, commit, {.what = fault::outcome::lost_answer}));
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(version(), 1U);
  EXPECT_EQ(rt.counters().failed_activations, 0U);
}

TEST_F(StoreGateway, LostCallIsTriedAgainAndAppliedOnce) {
  plan(first(2, commit, {.what = fault::outcome::lost_call}));
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(version(), 1U);
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 2);
}

TEST_F(StoreGateway, AnswersThatStayLostAreReportedAsUnknown) {
  plan(every(commit, {.what = fault::outcome::lost_call}));
  const error why = failed_add();
  EXPECT_EQ(why.kind(), errc::commit_unknown);
  EXPECT_EQ(why.effect(), effect::unknown);
  EXPECT_TRUE(has(why, "idempotency key")) << why.what();
}

TEST_F(StoreGateway, SilentStoreIsReportedAsUnknownAfterTheTimeout) {
  plan(held_commits());
  answer pending;
  a().call<&ledger::add>(1)(pending.sink());
  rt.advance(9'999ms);
  EXPECT_FALSE(pending.done);
  rt.advance(1ms);
  EXPECT_EQ(error_in(pending.failure).kind(), errc::commit_unknown);
}

TEST_F(StoreGateway, AnswerAfterTheTimeoutChangesNothing) {
  plan(held_commits());
  EXPECT_EQ(failed_add().kind(), errc::commit_unknown);
  plan({});
  EXPECT_EQ(a().call<&ledger::read>().get(), 0);
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(version(), 1U) << "the late record was applied";
  EXPECT_EQ(failed_add().kind(), errc::conflict) << "the activation that loaded before it must not overwrite it";
  EXPECT_EQ(a().call<&ledger::read>().get(), 1);
}

TEST_F(StoreGateway, ConflictDiscardsTheActivation) {
  plan(first(1, commit, {.what = fault::outcome::conflict}));
  const error why = failed_add();
  EXPECT_EQ(why.kind(), errc::conflict);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(rt.counters().activations, 2U);
}

TEST_F(StoreGateway, SecondWriterIsFencedOff) {
  a().call<&ledger::add>(1).get();
  rt.put({"ledger", "a"}, {{.name = "page", .schema = 1, .json = R"({"total":50})"}});
  EXPECT_EQ(failed_add().kind(), errc::conflict);
  EXPECT_EQ(a().call<&ledger::add>(1).get(), 51);
}

TEST_F(StoreGateway, ConflictAfterADoubtfulTryIsUnknown) {
  plan([tries = 0](const operation_info& operation) mutable {
    if (operation.kind != commit) return fault{};
    return fault{.what = ++tries == 1 ? fault::outcome::lost_answer : fault::outcome::conflict};
  });
  EXPECT_EQ(failed_add().kind(), errc::commit_unknown);
  plan({});
  EXPECT_EQ(a().call<&ledger::read>().get(), 1) << "here it had happened";
}

TEST_F(StoreGateway, FaultOfOneActorDoesNotTouchItsBatch) {
  fault only_b{.what = fault::outcome::conflict};
  only_b.only = [](const actor_id& id) { return id.key == "b"; };
  for (const char* key : {"b", "c"}) rt.ref<ledger>(key).call<&ledger::read>().get();
  plan(held_commits());
  answer opener;
  answer b;
  answer c;
  a().call<&ledger::add>(1)(opener.sink());
  rt.settle();
  rt.ref<ledger>("b").call<&ledger::add>(1)(b.sink());
  rt.ref<ledger>("c").call<&ledger::add>(1)(c.sink());
  rt.settle();
  plan(every(commit, only_b));
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(rt.store().counts().commits, 2U) << "the two records did not share a batch";
  EXPECT_EQ(error_in(b.failure).kind(), errc::conflict);
  EXPECT_EQ(c.value, 1);
}

TEST_F(StoreGateway, LoadsOfManyActorsShareBatches) {
  plan(held(store_operation::load));
  std::vector<answer> answers(40);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    rt.ref<ledger>("many" + std::to_string(i)).call<&ledger::read>()(answers[i].sink());
  }
  rt.settle();
  plan({});
  rt.store().release_all();
  rt.settle();
  for (const answer& each : answers) EXPECT_TRUE(each.ok());
  EXPECT_EQ(rt.store().counts().loads, 3U) << "the first actor of all, the first of these, and the rest";
}

TEST_F(StoreGateway, LoadIsTriedAgainWhileTheStoreIsUnavailable) {
  plan(first(3, store_operation::load, {.what = fault::outcome::unavailable}));
  EXPECT_EQ(rt.ref<ledger>("b").call<&ledger::read>().get(), 0);
}

TEST_F(StoreGateway, LoadThatIsNeverAnsweredFailsAndALateAnswerIsIgnored) {
  plan(every(store_operation::load, {.what = {}, .when = fault::hold::after, .only = {}}));
  const error why = error_of([this] { rt.ref<ledger>("b").call<&ledger::read>().get(); });
  EXPECT_EQ(why.kind(), errc::unavailable);
  EXPECT_TRUE(has(why, "did not answer within 10000 ms")) << why.what();
  plan({});
  EXPECT_EQ(rt.ref<ledger>("b").call<&ledger::add>(1).get(), 1);
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(rt.ref<ledger>("b").call<&ledger::read>().get(), 1);
}

TEST_F(StoreGateway, RollbackThatMeetsAnotherWriterDiscardsTheActivation) {
  a().call<&ledger::add>(1).get();
  rt.put({"ledger", "a"}, {{.name = "page", .schema = 1, .json = R"({"total":50})"}});
  EXPECT_THROW(a().call<&ledger::add_then_throw>(1).get(), std::out_of_range);
  rt.settle();
  EXPECT_EQ(a().call<&ledger::read>().get(), 50);
}

/// Both in one batch: the limit of the older one, which had been tried for long, was that of the fresh one as well.
TEST_F(StoreGateway, EachRecordOfABatchHasATimeoutOfItsOwn) {
  rt.ref<ledger>("b").call<&ledger::read>().get();
  plan(every(commit, {.what = fault::outcome::unavailable}));
  answer older;
  answer fresh;
  a().call<&ledger::add>(1)(older.sink());
  rt.advance(8'500ms);
  plan(held_commits());
  rt.ref<ledger>("b").call<&ledger::add>(1)(fresh.sink());
  rt.advance(1'499ms);
  ASSERT_EQ(rt.store().held().size(), 1U);
  ASSERT_EQ(rt.store().held()[0].actors.size(), 2U) << "they did not share a batch";
  EXPECT_FALSE(older.done);
  rt.advance(1ms);
  EXPECT_EQ(error_in(older.failure).kind(), errc::commit_unknown);
  EXPECT_FALSE(fresh.done) << "it was given less than the timeout";
  plan({});
  rt.store().release_all();
  rt.settle();
  EXPECT_EQ(fresh.value, 1);
  EXPECT_EQ(version(), 1U) << "the late answer was that of a record which was applied";
  EXPECT_EQ(a().call<&ledger::read>().get(), 1);
}

/// The same for loads.
TEST_F(StoreGateway, EachLoadOfABatchHasATimeoutOfItsOwn) {
  plan(every(store_operation::load, {.what = fault::outcome::unavailable}));
  answer older;
  answer fresh;
  rt.ref<ledger>("b").call<&ledger::read>()(older.sink());
  rt.advance(8'500ms);
  plan(held(store_operation::load));
  rt.ref<ledger>("c").call<&ledger::read>()(fresh.sink());
  rt.advance(1'500ms);
  EXPECT_EQ(error_in(older.failure).kind(), errc::unavailable);
  EXPECT_FALSE(fresh.done) << "it was given less than the timeout";
  rt.advance(8'500ms);
  EXPECT_EQ(error_in(fresh.failure).kind(), errc::unavailable);
}

/// A record whose time was over while it waited for its next try was sent once more and reported as unknown.
TEST_F(StoreGateway, RecordWhoseTimeIsOverIsNotSentAgain) {
  const std::size_t batch = spi::store_limits{}.batch_records_max;
  std::vector<actor_ref<ledger>> many;
  for (std::size_t i = 0; i < batch; ++i) {
    many.push_back(rt.ref<ledger>(std::to_string(i)));
    many.back().call<&ledger::read>()([](const std::exception_ptr&, int) {});
  }
  rt.settle();
  fault refused_late{.what = fault::outcome::unavailable, .when = fault::hold::before, .only = {}};
  plan(every(commit, refused_late));
  answer old;
  a().call<&ledger::add>(1)(old.sink());
  rt.advance(8s);
  plan(every(commit, {.what = fault::outcome::unavailable}));
  for (auto& each : many) each.call<&ledger::add>(1)([](const std::exception_ptr&, int) {});
  rt.advance(1'260ms);  // by now a second passes between two tries of the many
  ASSERT_EQ(rt.store().held().size(), 1U);
  rt.store().release_all();
  rt.advance(735ms);
  EXPECT_FALSE(old.done);
  plan(held_commits());
  rt.advance(300ms);
  EXPECT_EQ(error_in(old.failure).kind(), errc::unavailable) << "sent when its time was over";
  EXPECT_EQ(version(), 0U);
  rt.advance(1min);
  rt.store().drop_all();
}

/// Answers one commit when it is told to, however late.
class late_store final : public spi::state_store {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "late"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return {}; }
  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override { return {}; }
  void async_load(std::span<const actor_id>, std::function<void(std::vector<spi::load_result>)> done) override {
    answer_load = std::move(done);
  }
  void async_commit(std::span<const spi::turn_record>,
                    std::function<void(std::vector<spi::commit_result>)> done) override {
    answer_commit = std::move(done);
  }
  void async_list(spi::list_query, std::function<void(spi::list_result)>) override {}
  void async_scan_due(spi::due_query, std::function<void(spi::due_result)>) override {}
  void async_read_log(spi::log_query, std::function<void(spi::log_result)>) override {}
  void async_read_items(spi::item_query, std::function<void(spi::item_result)>) override {}
  void async_take_lease(std::string, std::function<void(spi::lease_result)>) override {}
  void close() override {}

  std::function<void(std::vector<spi::load_result>)> answer_load;
  std::function<void(std::vector<spi::commit_result>)> answer_commit;
};

/// Never comes back.
template <class Ticket>
struct lost final : Ticket {
  void run() noexcept override {}
  void abandon() noexcept override {}
};

/// A store that gives up closing answers when the runtime, and its timers with it, are gone.
TEST(StoreGatewayAlone, AnswerAfterTheEndTouchesNothing) {
  for (const bool saves : {true, false}) {
    const auto store = std::make_shared<late_store>();
    internal::timer_service timers([](steady_time) {});
    const auto gateway = std::make_shared<internal::store_gateway>(store, std::make_shared<manual_clock>(), timers,
                                                                   internal::retry_policy{});
    lost<internal::commit_ticket> saved;
    lost<internal::load_ticket> read;
    if (saves) {
      saved.record = std::make_unique<spi::turn_record>();
      gateway->commit(saved);
    } else {
      gateway->load(read);
    }
    gateway->stop();
    // The callback keeps the gateway, and that the store.
    if (saves) std::exchange(store->answer_commit, nullptr)(std::vector<spi::commit_result>(1));
    if (!saves) std::exchange(store->answer_load, nullptr)(std::vector<spi::load_result>(1));
    EXPECT_TRUE(timers.next_due().has_value()) << "it reached for timers that may be gone";
    timers.clear();
  }
}

}  // namespace
}  // namespace troupe::testing
