#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "integration/runtime/quiet.hpp"
#include "troupe/core/state.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/runtime/runtime.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

class cashbox : public actor {
 public:
  static constexpr std::string_view actor_type = "cashbox";

  int put(int n) {
    ++inside_;
    const bool alone = inside_ == 1;
    coins_.edit() += n;
    --inside_;
    return alone ? *coins_ : -1'000'000;
  }
  int count() const { return *coins_; }
  task<int> pass_on(std::string to, int n) { co_return co_await ref<cashbox>(to).call<&cashbox::put>(n); }
  task<int> put_slowly(int n) {
    co_await sleep_for(20ms);
    co_return coins_.edit() += n;
  }
  task<void> never_end() { co_await sleep_for(1h); }
  /// Occupies its thread until someone knocks.
  void occupy(std::shared_ptr<std::latch> until) { until->wait(); }
  task<void> knock_later(std::shared_ptr<std::latch> what) {
    co_await sleep_for(20ms);
    what->count_down();
  }
  /// Waits for plain Asio operations on its strand.
  task<int> post_and_wait(int n) {
    coins_.edit() += n;
    co_await boost::asio::post(executor(), boost::asio::deferred);
    boost::asio::steady_timer pause(executor(), 1ms);
    co_await pause.async_wait(boost::asio::deferred);
    co_return coins_.edit() += n;
  }
  int block() { return ref<cashbox>("other").call<&cashbox::count>().get(); }
  using methods =
      troupe::methods<&cashbox::put, &cashbox::count, &cashbox::pass_on, &cashbox::put_slowly, &cashbox::never_end,
                      &cashbox::occupy, &cashbox::knock_later, &cashbox::post_and_wait, &cashbox::block>;

 private:
  state<int> coins_{*this, "coins"};
  int inside_ = 0;  // not atomic: turns must not overlap
};

errc code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const error& failure) {
    return failure.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// Many threads pay into a few actors, directly and through others.
void many_callers(runtime& rt) {
  constexpr int callers = 4;
  constexpr int calls = 200;
  std::vector<std::future<void>> threads;
  for (int t = 0; t < callers; ++t) {
    threads.push_back(std::async(std::launch::async, [&rt, t] {
      for (int i = 0; i < calls; ++i) {
        const auto box = rt.ref<cashbox>(std::to_string(i % 3));
        EXPECT_GT(box.call<&cashbox::put>(1).get(), 0) << "two turns overlapped";
        rt.ref<cashbox>("by-" + std::to_string(t)).call<&cashbox::pass_on>(std::to_string(i % 3), 1).get();
      }
    }));
  }
  for (auto& each : threads) each.get();
  int sum = 0;
  for (const char* key : {"0", "1", "2"}) sum += rt.ref<cashbox>(key).call<&cashbox::count>().get();
  EXPECT_EQ(sum, callers * calls * 2);
}

TEST(Threads, TurnsOfOneActorNeverOverlapOnTheWorkerPool) {
  runtime rt(quiet({.threads = 3}));
  rt.host<cashbox>();
  many_callers(rt);
}

TEST(Threads, TurnsOfOneActorNeverOverlapOnTheApplicationsExecutor) {
  boost::asio::thread_pool pool(3);
  {
    runtime rt(quiet({.threads = 3, .executor = pool.get_executor()}));
    rt.host<cashbox>();
    many_callers(rt);
  }
  pool.join();
}

TEST(Threads, CompletionTokensAnswerOnTheirOwnExecutor) {
  runtime rt(quiet());
  rt.host<cashbox>();
  EXPECT_EQ(rt.ref<cashbox>("a").call<&cashbox::put>(3)(boost::asio::use_future).get(), 3);
  boost::asio::io_context here;
  const auto me = std::this_thread::get_id();
  int got = 0;
  boost::asio::co_spawn(
      here,
      [&]() -> boost::asio::awaitable<void> {
        got = co_await rt.ref<cashbox>("a").call<&cashbox::put>(4)(boost::asio::use_awaitable);
        EXPECT_EQ(std::this_thread::get_id(), me);
      },
      boost::asio::detached);
  here.run();
  EXPECT_EQ(got, 7);
}

TEST(Threads, BlockingOnAThreadOfTheRuntimeIsRefused) {
  runtime rt(quiet({.threads = 1}));
  rt.host<cashbox>();
  EXPECT_EQ(code_of([&] { rt.ref<cashbox>("a").call<&cashbox::block>().get(); }), errc::would_block);
}

TEST(Threads, TwoRuntimesDoNotNoticeEachOther) {
  runtime one(quiet({.threads = 1}));
  runtime two(quiet({.threads = 1}));
  one.host<cashbox>();
  two.host<cashbox>();
  one.ref<cashbox>("a").call<&cashbox::put>(1).get();
  EXPECT_EQ(two.ref<cashbox>("a").call<&cashbox::count>().get(), 0);
}

TEST(Shutdown, FinishesWhatWasAcceptedAndKeepsIt) {
  const auto disk = stores::make_memory_disk();
  {
    runtime rt(quiet({.store_instance = stores::memory_store({.disk = disk})}));
    rt.host<cashbox>({.persistence = durability::on_deactivate()});
    auto slow = rt.ref<cashbox>("a").call<&cashbox::put_slowly>(5)(boost::asio::use_future);
    for (int i = 0; i < 100; ++i) rt.ref<cashbox>("b").tell<&cashbox::put>(1);
    rt.shutdown();
    EXPECT_EQ(slow.get(), 5);
    EXPECT_EQ(rt.counters().resident_actors, 0U);
  }
  runtime rt(quiet({.store_instance = stores::memory_store({.disk = disk})}));
  rt.host<cashbox>();
  EXPECT_EQ(rt.ref<cashbox>("a").call<&cashbox::count>().get(), 5);
  EXPECT_EQ(rt.ref<cashbox>("b").call<&cashbox::count>().get(), 100);
}

TEST(Shutdown, RefusesCallsAndReferencesMayOutliveTheRuntime) {
  auto rt = std::make_unique<runtime>(quiet());
  rt->host<cashbox>();
  const auto box = rt->ref<cashbox>("a");
  box.call<&cashbox::put>(1).get();
  rt->shutdown();
  rt->shutdown();
  EXPECT_EQ(code_of([&] { box.call<&cashbox::put>(1).get(); }), errc::shutting_down);
  rt.reset();
  EXPECT_EQ(code_of([&] { box.call<&cashbox::put>(1).get(); }), errc::shutting_down);
  EXPECT_EQ(code_of([&] { box.call<&cashbox::put>(1)(boost::asio::use_future).get(); }), errc::shutting_down);
}

TEST(Shutdown, DropsWhatDoesNotEndWithinTheGrace) {
  runtime rt(quiet({.shutdown_grace = 50ms}));
  rt.host<cashbox>();
  auto stuck = rt.ref<cashbox>("a").call<&cashbox::never_end>()(boost::asio::use_future);
  while (rt.counters().turns == 0) std::this_thread::yield();
  rt.shutdown();
  ASSERT_EQ(stuck.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(code_of([&] { stuck.get(); }), errc::shutting_down);
}

TEST(Options, OutOfRangeIsRefusedByName) {
  EXPECT_EQ(code_of([] { runtime rt(quiet({.threads = 2'000})); }), errc::invalid_argument);
  EXPECT_EQ(code_of([] { runtime rt(quiet({.store_timeout = 0ms})); }), errc::invalid_argument);
  EXPECT_EQ(code_of([] { runtime rt(quiet({.shutdown_grace = -1ms})); }), errc::invalid_argument);
  EXPECT_EQ(code_of([] { runtime rt(quiet({.store = "nowhere:"})); }), errc::invalid_argument);
  EXPECT_EQ(code_of([] { runtime rt(quiet({.filters = {nullptr}})); }), errc::invalid_argument);
}

TEST(Threads, HandlerAwaitsPlainAsioOperations) {
  runtime rt(quiet());
  rt.host<cashbox>();
  EXPECT_EQ(rt.ref<cashbox>("a").call<&cashbox::post_and_wait>(2).get(), 4);
}

TEST(Threads, TimersRingWhileHandlersOccupyOtherThreads) {
  for (int round = 0; round < 5; ++round) {
    runtime rt(quiet({.threads = 3}));
    rt.host<cashbox>();
    const auto knocked = std::make_shared<std::latch>(1);
    std::vector<std::future<void>> occupied;
    for (const char* key : {"a", "b"}) {
      occupied.push_back(rt.ref<cashbox>(key).call<&cashbox::occupy>(knocked)(boost::asio::use_future));
    }
    rt.ref<cashbox>("c").call<&cashbox::knock_later>(knocked).get();
    for (auto& each : occupied) each.get();
  }
}

/// Its thread was known while it ran actors, and not while it ran anything else: get() waited for ever.
TEST(Threads, BlockingInAnyHandlerOnTheApplicationsExecutorIsRefused) {
  boost::asio::io_context here;
  boost::asio::thread_pool pool(2);
  const boost::asio::any_io_executor of_strand = boost::asio::make_strand(pool);
  for (const boost::asio::any_io_executor& on :
       {boost::asio::any_io_executor(here.get_executor()), boost::asio::any_io_executor(pool.get_executor()),
        boost::asio::any_io_executor(boost::asio::make_strand(here)), of_strand,
        boost::asio::any_io_executor(boost::asio::make_strand(of_strand))}) {
    runtime rt(quiet({.threads = 1, .executor = on, .shutdown_grace = 10s}));
    rt.host<cashbox>();
    std::promise<errc> got;
    here.restart();
    boost::asio::post(on, [&] {
      const errc refused = code_of([&] { rt.ref<cashbox>("a").call<&cashbox::count>().get(); });
      here.stop();
      got.set_value(refused);
    });
    if (&boost::asio::query(on, boost::asio::execution::context) == &here) here.run();
    EXPECT_EQ(got.get_future().get(), errc::would_block);
  }
  pool.join();
}

/// It blocked the only thread for the whole grace, and dropped what was acknowledged and not yet saved.
TEST(Shutdown, InAHandlerOnTheApplicationsExecutorIsRefusedAndWorksAfterItsEnd) {
  const auto disk = stores::make_memory_disk();
  {
    boost::asio::io_context here;
    const auto keep = boost::asio::make_work_guard(here);
    runtime rt(quiet({.store_instance = stores::memory_store({.disk = disk}), .executor = here.get_executor()}));
    rt.host<cashbox>({.persistence = durability::write_behind(1h)});
    const auto box = rt.ref<cashbox>("a");
    box.call<&cashbox::put>(3)([&](const std::exception_ptr&, int) {
      boost::asio::post(here, [&] {
        EXPECT_EQ(code_of([&] { rt.shutdown(); }), errc::would_block);
        here.stop();
      });
    });
    here.run();
    auto slow = box.call<&cashbox::put_slowly>(4)(boost::asio::use_future);
    rt.shutdown();
    EXPECT_EQ(slow.get(), 7);
    EXPECT_EQ(rt.counters().resident_actors, 0U);
  }
  runtime rt(quiet({.store_instance = stores::memory_store({.disk = disk})}));
  rt.host<cashbox>();
  EXPECT_EQ(rt.ref<cashbox>("a").call<&cashbox::count>().get(), 7);
}

/// Shows another time than the machine's, and counts how often it is read.
class other_clock final : public spi::clock {
 public:
  explicit other_clock(std::chrono::nanoseconds ahead) : ahead_(ahead) {}
  void move(std::chrono::nanoseconds span) { ahead_.store(ahead_.load() + span); }
  [[nodiscard]] std::uint64_t reads() const { return reads_; }
  [[nodiscard]] steady_time steady_now() const noexcept override {
    ++reads_;
    return std::chrono::steady_clock::now() + ahead_.load();
  }
  [[nodiscard]] wall_time wall_now() const noexcept override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

 private:
  std::atomic<std::chrono::nanoseconds> ahead_;
  mutable std::atomic<std::uint64_t> reads_ = 0;
};

/// Alarms were compared with the machine's clock: they rang never, or one core was busy with ringing them.
TEST(Threads, AlarmsFollowTheInjectedClock) {
  boost::asio::thread_pool pool(1);
  for (const auto ahead : {-1h, 1h}) {
    for (const bool own_threads : {true, false}) {
      const auto clock = std::make_shared<other_clock>(ahead);
      runtime_options options = quiet({.threads = 1, .shutdown_grace = 1s, .clock = clock});
      if (!own_threads) options.executor = pool.get_executor();
      runtime rt(std::move(options));
      rt.host<cashbox>();
      auto slow = rt.ref<cashbox>("a").call<&cashbox::put_slowly>(1)(boost::asio::use_future);
      ASSERT_EQ(slow.wait_for(10s), std::future_status::ready) << ahead.count() << own_threads;
      const auto reads = clock->reads();
      auto endless = rt.ref<cashbox>("a").call<&cashbox::never_end>()(boost::asio::use_future);
      EXPECT_EQ(endless.wait_for(300ms), std::future_status::timeout);
      EXPECT_LT(clock->reads() - reads, 5'000U) << "a thread span " << ahead.count() << own_threads;
      clock->move(1h);
      EXPECT_EQ(endless.wait_for(10s), std::future_status::ready) << "the clock was not looked at again";
    }
  }
  pool.join();
}

TEST(Threads, CallsThatRaceWithShutdownAreAnsweredOrRefused) {
  for (int round = 0; round < 20; ++round) {
    runtime rt(quiet({.threads = 2}));
    rt.host<cashbox>();
    std::atomic<int> answered = 0;
    std::vector<std::future<void>> callers;
    for (int t = 0; t < 3; ++t) {
      callers.push_back(std::async(std::launch::async, [&rt, &answered, t] {
        const auto box = rt.ref<cashbox>(std::to_string(t));
        EXPECT_EQ(code_of([&] {
                    for (;;) {
                      box.call<&cashbox::put>(1).get();
                      ++answered;
                    }
                  }),
                  errc::shutting_down);
      }));
    }
    while (answered < 10) std::this_thread::yield();
    rt.shutdown();
    for (auto& each : callers) each.get();
  }
}

}  // namespace
}  // namespace troupe
