#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <gtest/gtest.h>

#include "troupe/core/call_filter.hpp"
#include "troupe/core/combine.hpp"
#include "unit/core/ledger.hpp"

// What the caller of a handler is told of the effect when an error passes through: the calls that the handler made
// count too.

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// An error of the application's own.
struct own_error : error {
  own_error() : error(errc::conflict, "own") {}
};

/// Does as it is told, and has others do it: "add b" calls b, "none b" calls one that refuses, and so on.
class deputy : public actor {
 public:
  static constexpr std::string_view actor_type = "deputy";
  using steps = std::vector<std::string>;

  void add() { note_.edit() += "x"; }
  void refuse() { throw error(errc::conflict, std::string(key()) + " is closed"); }
  void brush_off() { throw error(errc::overloaded, std::string(key()) + " is full", 70ms); }
  void fall() { throw std::out_of_range("fell"); }
  void fail_in_its_own_way() { throw own_error(); }
  std::string note() const { return *note_; }

  /// The last step decides how it ends; the own note is changed first.
  task<int> run(steps all) {
    note_.edit() += "r";
    for (const std::string& each : all) co_await step(each);
    co_return 7;
  }
  /// Calls `run` of the next one; the one with the key `adds` calls another one before.
  task<int> pass_on(steps keys, std::string adds) {
    if (key() == adds) co_await ref<deputy>("other").call<&deputy::add>();
    if (keys.empty()) throw error(errc::conflict, std::string(key()) + " is closed");
    steps rest(keys.begin() + 1, keys.end());
    co_return co_await ref<deputy>(keys.front()).call<&deputy::pass_on>(std::move(rest), adds);
  }

  using methods = troupe::methods<&deputy::add, &deputy::refuse, &deputy::brush_off, &deputy::fall,
                                  &deputy::fail_in_its_own_way, &deputy::note, &deputy::run, &deputy::pass_on>;

 private:
  task<void> step(std::string what) {
    const std::string verb = what.substr(0, what.find(' '));
    const auto other = ref<deputy>(what.substr(what.find(' ') + 1));
    if (verb == "add") co_await other.call<&deputy::add>();
    if (verb == "none") co_await other.call<&deputy::refuse>();
    if (verb == "full") co_await other.call<&deputy::brush_off>();
    if (verb == "fall") co_await other.call<&deputy::fall>();
    if (verb == "own") co_await other.call<&deputy::fail_in_its_own_way>();
    if (verb == "add_by_token") co_await other.call<&deputy::add>()(boost::asio::deferred);
    if (verb == "sleep") co_await sleep_for(10s);
    if (verb == "spoil") note_.edit() = "\xff";
    if (verb == "throw_none") throw error(errc::invalid_argument, "no");
    if (verb == "throw_own") throw own_error();
    if (verb == "throw_std") throw std::out_of_range("no");
    if (verb == "both_none") co_await when_all(other.call<&deputy::refuse>(), other.call<&deputy::refuse>());
    if (verb == "one_none") co_await when_all(other.call<&deputy::refuse>(), other.call<&deputy::add>());
    if (verb == "try_none" || verb == "try_own") {
      try {
        if (verb == "try_own") co_await other.call<&deputy::fail_in_its_own_way>();
        co_await other.call<&deputy::refuse>();
      } catch (const error&) {
        note_.edit() += "c";
      }
    }
  }

  state<std::string> note_{*this, "note"};
};

/// Is called back by the one it calls, inside the turn that waits.
class host_of_calls : public actor {
 public:
  static constexpr std::string_view actor_type = "host_of_calls";
  static constexpr reentrancy reentrant = reentrancy::call_chain;

  task<void> begin(bool adds);
  task<void> come_back(bool adds) {
    if (adds) co_await ref<deputy>("b").call<&deputy::add>();
    co_await ref<deputy>("c").call<&deputy::refuse>();
  }
  using methods = troupe::methods<&host_of_calls::begin, &host_of_calls::come_back>;
};

class caller_back : public actor {
 public:
  static constexpr std::string_view actor_type = "caller_back";
  task<void> call_back(bool adds) { co_await ref<host_of_calls>("h").call<&host_of_calls::come_back>(adds); }
  using methods = troupe::methods<&caller_back::call_back>;
};

task<void> host_of_calls::begin(bool adds) { co_await ref<caller_back>("back").call<&caller_back::call_back>(adds); }

class CallEffect : public ::testing::Test {
 protected:
  CallEffect() {
    rt.host<deputy>();
    rt.host<host_of_calls>();
    rt.host<caller_back>();
  }
  int ask(const deputy::steps& all, std::string_view request_key = {}) {
    return rt.ref<deputy>("a").with({.idempotency_key = request_key}).call<&deputy::run>(all).get();
  }
  [[nodiscard]] error run(const deputy::steps& all, std::string_view request_key = {}) {
    return error_of([&] { ask(all, request_key); });
  }
  void refuse_commits_of_a() {
    rt.store().set_plan([](const operation_info& operation) {
      const bool its_own = operation.kind == store_operation::commit && operation.records.front().actor.key == "a";
      return its_own ? fault{.what = fault::outcome::unavailable} : fault{};
    });
  }
  [[nodiscard]] std::string note(std::string_view key) { return rt.ref<deputy>(key).call<&deputy::note>().get(); }
  static void expect(const error& found, errc kind, effect may_have, std::string_view text = {}) {
    EXPECT_EQ(found.kind(), kind) << found.what();
    EXPECT_EQ(found.effect(), may_have) << found.what();
    EXPECT_TRUE(has(found, text)) << found.what();
  }

  answer first, second;
  boost::asio::cancellation_signal signal;
  test_runtime rt;
};

TEST_F(CallEffect, ErrorOfTheOnlyCallPassesAsItIs) {
  const error why = run({"none b"});
  expect(why, errc::conflict, effect::none);
  EXPECT_STREQ(why.what(), "b is closed");
  EXPECT_EQ(note("a"), "");
}

TEST_F(CallEffect, IsUnknownBehindACallThatSucceeded) {
  expect(run({"add b", "none c"}), errc::conflict, effect::unknown, "c is closed; calls that deputy/a.run had made");
  EXPECT_EQ(note("b"), "x");
  EXPECT_EQ(note("a"), "") << "nothing of the turn itself is kept";
}

TEST_F(CallEffect, CallsThatCertainlyHadNoneDoNotCount) {
  expect(run({"try_none b", "try_none c", "none d"}), errc::conflict, effect::none);
  expect(run({"try_none b", "throw_none"}), errc::invalid_argument, effect::none);
  expect(run({"try_none b", "add c", "none d"}), errc::conflict, effect::unknown);
  EXPECT_EQ(ask({"try_none b"}), 7);
}

TEST_F(CallEffect, ErrorsOfDerivedClassesDoNotVouchForTheCallsBehindThem) {
  ASSERT_EQ(own_error().effect(), effect::none);
  expect(run({"try_own b", "throw_none"}), errc::invalid_argument, effect::unknown);
}

TEST_F(CallEffect, TheHandlersOwnErrorIsNoneWithoutCallsAndUnknownBehindOne) {
  expect(run({"throw_none"}), errc::invalid_argument, effect::none);
  expect(run({"add b", "throw_none"}), errc::invalid_argument, effect::unknown, "no; calls that");
  expect(run({"spoil"}), errc::not_encodable, effect::none);
  expect(run({"add b", "spoil"}), errc::not_encodable, effect::unknown);
}

TEST_F(CallEffect, PauseBeforeTheNextTryIsKept) {
  const error why = run({"add b", "full c"});
  expect(why, errc::overloaded, effect::unknown);
  EXPECT_EQ(why.retry_after(), 70ms);
}

TEST_F(CallEffect, IsUnknownWhenAWaitBehindACallIsCalledOff) {
  const auto cancelled = [&](deputy::steps all) {
    answer got;
    rt.ref<deputy>("a").call<&deputy::run>(std::move(all))(
        boost::asio::bind_cancellation_slot(signal.slot(), got.sink()));
    rt.settle();
    signal.emit(boost::asio::cancellation_type::total);
    rt.settle();
    return error_in(got.failure);
  };
  expect(cancelled({"sleep"}), errc::cancelled, effect::none);
  expect(cancelled({"add b", "sleep"}), errc::cancelled, effect::unknown);
}

TEST_F(CallEffect, OtherExceptionsPassAsTheyAre) {
  EXPECT_THROW(ask({"add b", "throw_std"}), std::out_of_range);
  EXPECT_THROW(ask({"add b", "fall c"}), std::out_of_range);
  EXPECT_THROW(ask({"add b", "throw_own"}), own_error);
  EXPECT_THROW(ask({"add b", "own c"}), own_error);
}

TEST_F(CallEffect, PassesThroughThreeHandlers) {
  const auto through = [&](std::string adds) {
    return error_of([&] {
      static_cast<void>(
          rt.ref<deputy>("a").call<&deputy::pass_on>(deputy::steps{"b", "c", "d"}, std::move(adds)).get());
    });
  };
  const error why = through("nobody");
  expect(why, errc::conflict, effect::none);
  EXPECT_STREQ(why.what(), "d is closed");
  for (const std::string adds : {"a", "b", "c", "d"}) {
    const error doubtful = through(adds);
    expect(doubtful, errc::conflict, effect::unknown);
    EXPECT_EQ(doubtful.what(),
              "d is closed; calls that deputy/" + adds + ".pass_on had made before may have had their effect")
        << "it is said once, of the turn that made them";
  }
}

TEST_F(CallEffect, ParallelCallsCountEach) {
  expect(run({"both_none b"}), errc::conflict, effect::none);
  expect(run({"one_none b"}), errc::conflict, effect::unknown);
}

TEST_F(CallEffect, CallMadeWithATokenCounts) {
  expect(run({"add_by_token b", "none c"}), errc::conflict, effect::unknown);
}

TEST_F(CallEffect, TurnWhoseCommitFailsBehindACallIsInDoubt) {
  refuse_commits_of_a();
  expect(run({"try_none b"}), errc::unavailable, effect::none, "deputy/a");
  expect(run({"add b"}), errc::unavailable, effect::unknown, "calls that deputy/a.run had made");
  EXPECT_EQ(note("b"), "x");
}

TEST_F(CallEffect, CallsOfATurnInsideCountForTheOneAroundIt) {
  const auto begin = [&](bool adds) {
    return error_of([&] { rt.ref<host_of_calls>("h").call<&host_of_calls::begin>(adds).get(); });
  };
  expect(begin(false), errc::conflict, effect::none);
  expect(begin(true), errc::conflict, effect::unknown, "host_of_calls/h.come_back");
}

TEST_F(CallEffect, KeyOfAFailedTurnIsNotRemembered) {
  expect(run({"add b", "none c"}, "k"), errc::conflict, effect::unknown);
  EXPECT_EQ(rt.stored({"deputy", "a"}).requests.size(), 0U);
  EXPECT_EQ(ask({"add b"}, "k"), 7);
  EXPECT_EQ(ask({"add b"}, "k"), 7);
  EXPECT_EQ(note("b"), "xx");
}

TEST_F(CallEffect, RetryThatSharesTheCommitOfTheFirstTrySharesItsDoubt) {
  refuse_commits_of_a();
  const auto keyed = rt.ref<deputy>("a").with({.idempotency_key = "k"});
  keyed.call<&deputy::run>(deputy::steps{"add b"})(first.sink());
  rt.settle();
  keyed.call<&deputy::run>(deputy::steps{"add b"})(second.sink());
  rt.advance(11s);
  expect(error_in(first.failure), errc::unavailable, effect::unknown);
  expect(error_in(second.failure), errc::unavailable, effect::unknown);
  EXPECT_EQ(note("b"), "x") << "the second has not run";
}

TEST_F(CallEffect, TurnThatTheEndOfTheRuntimeDropsIsInDoubtAndOneThatWaitsHadNone) {
  rt.ref<deputy>("a").call<&deputy::run>(deputy::steps{"add b", "sleep"})(first.sink());
  rt.ref<deputy>("a").call<&deputy::run>(deputy::steps{"add b"})(second.sink());
  rt.settle();
  rt.crash();
  expect(error_in(first.failure), errc::shutting_down, effect::unknown, "while the turn ran");
  expect(error_in(second.failure), errc::shutting_down, effect::none);
  rt.restart();
  EXPECT_EQ(note("b"), "x");
}

/// Notes what it is told of the end of turns.
class watcher : public call_filter {
 public:
  void on_end(const filtered_call& call, const std::exception_ptr& failure) noexcept override {
    if (failure && call.method == "run") seen = error_in(failure).effect();
  }
  effect seen = effect::none;
};

TEST(CallEffectFilter, IsToldWhatTheCallerIsTold) {
  const auto filter = std::make_shared<watcher>();
  test_runtime rt{{.filters = {filter}}};
  rt.host<deputy>();
  EXPECT_EQ(error_of([&] {
              static_cast<void>(rt.ref<deputy>("a").call<&deputy::run>(deputy::steps{"add b", "none c"}).get());
            }).effect(),
            effect::unknown);
  EXPECT_EQ(filter->seen, effect::unknown);
}

}  // namespace
}  // namespace troupe::testing
