#include <optional>

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class moody : public actor {
 public:
  static constexpr std::string_view actor_type = "moody";

  void throw_number() { throw 42; }
  task<std::string> report_of(std::string key) {
    try {
      co_await ref<ledger>(key).call<&ledger::add_then_throw>(1);
    } catch (const std::out_of_range& caught) {
      co_return std::string("caught ") + caught.what();
    }
    co_return "nothing";
  }
  int block_on(std::string key) { return ref<ledger>(key).call<&ledger::read>().get(); }
  task<int> wait_for_ever(std::string) {
    boost::asio::experimental::channel<void(boost::system::error_code)> never(executor());
    co_await never.async_receive(boost::asio::deferred);
    co_return 0;
  }
  std::unique_ptr<int> move_only(std::unique_ptr<int> box) {
    ++*box;
    return box;
  }
  bool mine(std::string text) const { return key() == text && id().type == "moody"; }
  using methods = troupe::methods<&moody::throw_number, &moody::report_of, &moody::block_on, &moody::wait_for_ever,
                                  &moody::move_only, &moody::mine>;
};

class unhosted : public ledger {
 public:
  static constexpr std::string_view actor_type = "unhosted";
};

class Call : public ::testing::Test {
 protected:
  Call() {
    rt.host<ledger>();
    rt.host<moody>();
  }
  [[nodiscard]] actor_ref<moody> m() { return rt.ref<moody>("m"); }
  test_runtime rt;
};

TEST_F(Call, HandlersExceptionReachesTheCallingActorWithItsType) {
  EXPECT_EQ(m().call<&moody::report_of>("a").get(), "caught refused");
}

TEST_F(Call, ExceptionOfAnyTypeReachesTheCaller) {
  EXPECT_THROW(m().call<&moody::throw_number>().get(), int);
  m().tell<&moody::throw_number>();
  rt.settle();
  ASSERT_EQ(rt.log_lines().size(), 1U);
  EXPECT_NE(rt.log_lines()[0].find("\"throw_number\" to moody/m failed"), std::string::npos) << rt.log_lines()[0];
}

TEST_F(Call, DroppedOperationMakesNoCall) {
  { [[maybe_unused]] const auto described = rt.ref<ledger>("a").call<&ledger::add>(1); }
  rt.settle();
  EXPECT_EQ(rt.counters().turns, 0U);
}

TEST_F(Call, ArgumentsAndResultsMayBeMoveOnly) {
  EXPECT_EQ(*m().call<&moody::move_only>(std::make_unique<int>(4)).get(), 5);
}

TEST_F(Call, CompletesAnAsioToken) {
  auto reply = rt.ref<ledger>("a").call<&ledger::add>(3)(boost::asio::use_future);
  auto refused = rt.ref<ledger>("a").call<&ledger::add_then_throw>(3)(boost::asio::use_future);
  rt.settle();
  EXPECT_EQ(reply.get(), 3);
  EXPECT_THROW(refused.get(), std::out_of_range);
}

TEST_F(Call, BlockingInAHandlerIsRefused) {
  const error why = error_of([&] { m().call<&moody::block_on>("a").get(); });
  EXPECT_EQ(why.kind(), errc::would_block);
  EXPECT_TRUE(has(why, "co_await")) << why.what();
}

TEST_F(Call, WaitThatCannotEndIsReportedByTheTestRuntime) {
  const auto patient = m().with({.timeout = no_timeout});
  EXPECT_THROW(patient.call<&moody::wait_for_ever>("m").get(), std::logic_error);
}

TEST_F(Call, BadKeysAreRefusedWithTheLimit) {
  EXPECT_EQ(error_of([&] { static_cast<void>(rt.ref<ledger>("")); }).kind(), errc::invalid_argument);
  const error why = error_of([&] { static_cast<void>(rt.ref<ledger>(std::string(513, 'x'))); });
  EXPECT_EQ(why.kind(), errc::too_large);
  EXPECT_TRUE(has(why, "513") && has(why, "512")) << why.what();
}

TEST_F(Call, KeysAreAnyBytes) {
  const std::string key("\0\xff/ \n", 5);
  EXPECT_EQ(rt.ref<ledger>(key).call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(rt.ref<ledger>(std::string(512, '\xff')).call<&ledger::add>(2).get(), 2);
  rt.crash();
  EXPECT_EQ(rt.ref<ledger>(key).call<&ledger::read>().get(), 1);
  EXPECT_TRUE(rt.ref<moody>("m").call<&moody::mine>("m").get());
}

TEST_F(Call, UnknownTypeNamesWhatIsHosted) {
  const error why = error_of([&] { static_cast<void>(rt.ref<unhosted>("a")); });
  EXPECT_EQ(why.kind(), errc::unknown_type);
  EXPECT_TRUE(has(why, "\"unhosted\"") && has(why, "ledger, moody")) << why.what();
}

TEST_F(Call, TypeIsHostedOnceAndWithSaneOptions) {
  EXPECT_EQ(error_of([&] { rt.host<ledger>(); }).kind(), errc::invalid_argument);
  test_runtime other;
  EXPECT_EQ(error_of([&] { other.host<ledger>({.idle_timeout = -1ms}); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([&] { other.host<ledger>({.requests = {.count_max = 0}}); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([&] { other.host<ledger>({.persistence = durability::write_behind(-1ms)}); }).kind(),
            errc::invalid_argument);
}

TEST_F(Call, ReferencesAreEqualWhenTheyNameTheSameActor) {
  EXPECT_EQ(rt.ref<ledger>("a"), rt.ref<ledger>("a"));
  EXPECT_NE(rt.ref<ledger>("a"), rt.ref<ledger>("b"));
  EXPECT_EQ(rt.ref<ledger>("a").id(), (actor_id{"ledger", "a"}));
}

TEST_F(Call, ReferenceMayOutliveTheRuntime) {
  auto before = rt.ref<ledger>("a");
  before.call<&ledger::read>().get();
  rt.crash();
  EXPECT_EQ(error_of([&] { before.call<&ledger::read>().get(); }).kind(), errc::shutting_down);
  EXPECT_NO_THROW(before.tell<&ledger::add>(1));
  rt.restart();
  EXPECT_EQ(rt.ref<ledger>("a").call<&ledger::read>().get(), 0);
}

TEST_F(Call, CallUnderWayAtACrashFailsAndNoneIsLeftHanging) {
  answer slow;
  std::optional<actor_ref<ledger>> a = rt.ref<ledger>("a");
  boost::asio::io_context outside;
  a->call<&ledger::add_slowly>(1, 1'000)(answer::outside_sink(slow, outside));
  rt.settle();
  rt.crash();
  outside.run();
  EXPECT_EQ(error_in(slow.failure).kind(), errc::shutting_down);
}

TEST_F(Call, ShutdownLetsAcceptedWorkFinish) {
  answer slow;
  boost::asio::io_context outside;
  rt.ref<ledger>("a").call<&ledger::add_slowly>(1, 1'000)(answer::outside_sink(slow, outside));
  rt.ref<ledger>("b").tell<&ledger::add_and_tell>("c", 2);
  rt.restart();
  outside.run();
  EXPECT_EQ(slow.value, 1);
  EXPECT_EQ(rt.ref<ledger>("c").call<&ledger::read>().get(), 2);
}

}  // namespace
}  // namespace troupe::testing
