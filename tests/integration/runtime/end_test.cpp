#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "integration/runtime/quiet.hpp"
#include "troupe/core/state.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/runtime/runtime.hpp"
#include "troupe/stores/memory.hpp"
#include "troupe/testing/faulty_store.hpp"

// How a runtime on real threads ends, and what those who are under way see of it.

namespace troupe {
namespace {

using namespace std::chrono_literals;

class guest : public actor {
 public:
  static constexpr std::string_view actor_type = "guest";
  static inline std::atomic<bool> enough{false};

  int drink() { return ++glasses_.edit(); }
  task<void> hang() { co_await sleep_for(1h); }
  task<void> yield_until_enough() {
    while (!enough) co_await boost::asio::post(executor(), boost::asio::deferred);
  }
  void say_enough() { enough = true; }
  void lend_executor(std::shared_ptr<std::promise<strand_executor>> to) { to->set_value(executor()); }
  using methods = troupe::methods<&guest::drink, &guest::hang, &guest::yield_until_enough, &guest::say_enough,
                                  &guest::lend_executor>;

 private:
  state<int> glasses_{*this, "glasses"};
};

error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const error& failure) {
    return failure;
  }
  ADD_FAILURE() << "nothing was thrown";
  return error(errc::invalid_argument, "");
}

/// A handler that always had something to continue with kept its thread for itself.
TEST(End, HandlerThatYieldsInALoopLetsOthersRun) {
  runtime rt(quiet({.threads = 1}));
  rt.host<guest>();
  guest::enough = false;
  auto yielding = rt.ref<guest>("a").call<&guest::yield_until_enough>()(boost::asio::use_future);
  while (rt.counters().turns == 0) std::this_thread::yield();
  rt.ref<guest>("b").call<&guest::say_enough>().get();
  yielding.get();
}

TEST(End, HandlerThatYieldsForEverDoesNotHoldUpTheShutdown) {
  std::string last_line;
  runtime rt(
      {.threads = 2, .shutdown_grace = 50ms, .log = [&](log_level, std::string_view line) { last_line = line; }});
  rt.host<guest>();
  guest::enough = false;
  auto yielding = rt.ref<guest>("a").call<&guest::yield_until_enough>()(boost::asio::use_future);
  while (rt.counters().turns == 0) std::this_thread::yield();
  rt.shutdown();
  EXPECT_EQ(error_of([&] { yielding.get(); }).kind(), errc::shutting_down);
  EXPECT_EQ(last_line, "shutdown: dropped with what they were doing: guest/a");
}

/// It waited for the lock that its own thread held.
TEST(End, HandlerThatTheShutdownRunsMayCallItToo) {
  bool called = false;
  runtime rt(quiet({.shutdown_grace = 10ms}));
  rt.host<guest>();
  rt.ref<guest>("a").call<&guest::hang>()([&](const std::exception_ptr&) {
    rt.shutdown();
    called = true;
  });
  while (rt.counters().turns == 0) std::this_thread::yield();
  rt.shutdown();
  EXPECT_TRUE(called);
}

/// A blocking call was told that nothing had happened while its commit was at the store.
TEST(End, BlockingCallWhoseCommitIsUnderWayLearnsThatItMayHaveHappened) {
  const auto store = std::make_shared<testing::faulty_store>(stores::memory_store());
  store->set_plan([](const testing::operation_info& operation) {
    testing::fault fault;
    if (operation.kind == testing::store_operation::commit) fault.when = testing::fault::hold::before;
    return fault;
  });
  runtime rt(quiet({.store_instance = store, .shutdown_grace = 10ms}));
  rt.host<guest>();
  auto caller = std::async(std::launch::async, [&rt] {
    return error_of([&rt] { static_cast<void>(rt.ref<guest>("a").call<&guest::drink>().get()); }).kind();
  });
  while (store->held().empty()) std::this_thread::yield();
  rt.shutdown();
  EXPECT_EQ(caller.get(), errc::commit_unknown);
}

/// The coroutine was resumed on the thread that shut the runtime down.
TEST(End, CoroutineOfTheApplicationResumesOnItsOwnThreadAtShutdown) {
  boost::asio::io_context application;
  auto work = boost::asio::make_work_guard(application);
  std::thread thread([&] { application.run(); });
  runtime rt(quiet({.shutdown_grace = 10ms}));
  rt.host<guest>();
  const auto call = [&]() -> boost::asio::awaitable<std::thread::id> {
    try {
      co_await rt.ref<guest>("a").call<&guest::hang>()(boost::asio::use_awaitable);
    } catch (const error& failure) {
      EXPECT_EQ(failure.kind(), errc::shutting_down);
    }
    co_return std::this_thread::get_id();
  };
  auto resumed_on = boost::asio::co_spawn(application, call(), boost::asio::use_future);
  while (rt.counters().turns == 0) std::this_thread::yield();
  rt.shutdown();
  EXPECT_EQ(resumed_on.get(), thread.get_id());
  work.reset();
  thread.join();
}

/// The handler ran inside the call that passed it.
TEST(End, RefusedCallAnswersAfterItsInitiation) {
  auto rt = std::make_unique<runtime>(quiet());
  rt->host<guest>();
  const auto a = rt->ref<guest>("a");
  rt.reset();
  std::promise<std::thread::id> answered;
  a.call<&guest::hang>()([&](const std::exception_ptr& why) {
    EXPECT_TRUE(why);
    answered.set_value(std::this_thread::get_id());
  });
  EXPECT_NE(answered.get_future().get(), std::this_thread::get_id());
}

/// A function posted to an actor while the runtime stopped took away a reference that was not its own.
TEST(End, PostsToAnActorsExecutorMayRaceWithTheEnd) {
  for (int round = 0; round < 30; ++round) {
    auto rt = std::make_unique<runtime>(quiet({.threads = 2, .shutdown_grace = 1ms}));
    rt->host<guest>();
    const auto lent = std::make_shared<std::promise<strand_executor>>();
    auto executor = lent->get_future();
    rt->ref<guest>("a").call<&guest::lend_executor>(lent).get();
    std::atomic<bool> stop = false;
    std::thread poster([&, strand = executor.get()] {
      while (!stop) boost::asio::post(strand, [] {});
    });
    auto hanging = rt->ref<guest>("a").call<&guest::hang>()(boost::asio::use_future);
    rt->shutdown();
    rt.reset();
    stop = true;
    poster.join();
    EXPECT_THROW(hanging.get(), error);
  }
}

}  // namespace
}  // namespace troupe
