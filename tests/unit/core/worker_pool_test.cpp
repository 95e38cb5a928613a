#include "troupe/core/worker_pool.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// What the workers of a test do together.
struct workshop {
  int working = 0;
  int most = 0;
};

class worker : public actor {
 public:
  static constexpr std::string_view actor_type = "worker";
  static constexpr durability persistence = durability::none();
  static constexpr std::chrono::minutes idle_timeout{1};

  explicit worker(std::shared_ptr<workshop> shop) : shop_(std::move(shop)) {}
  task<std::string> work(int milliseconds) {
    shop_->most = std::max(shop_->most, ++shop_->working);
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    --shop_->working;
    co_return std::string(key());
  }
  void refuse() { throw std::invalid_argument("no"); }
  using methods = troupe::methods<&worker::work, &worker::refuse>;

 private:
  std::shared_ptr<workshop> shop_;
};

class foreman : public actor {
 public:
  static constexpr std::string_view actor_type = "foreman";
  explicit foreman(worker_pool<worker> pool) : pool_(std::move(pool)) {}
  task<std::string> have_done(int milliseconds) { co_return co_await pool_.call<&worker::work>(milliseconds); }
  using methods = troupe::methods<&foreman::have_done>;

 private:
  worker_pool<worker> pool_;
};

class WorkerPool : public ::testing::Test {
 protected:
  WorkerPool() {
    rt.host<worker>(options_of<worker>(), [shop = shop] { return std::make_unique<worker>(shop); });
  }
  void begin(worker_pool<worker>& pool, int milliseconds) {
    pool.call<&worker::work>(milliseconds)([this](const std::exception_ptr& why, std::string who) {
      EXPECT_FALSE(why);
      done.push_back(std::move(who));
    });
  }

  std::shared_ptr<workshop> shop = std::make_shared<workshop>();
  test_runtime rt;
  std::vector<std::string> done;
};

TEST_F(WorkerPool, CallsThatComeOneAfterTheOtherNeedOneWorker) {
  worker_pool<worker> pool(rt, "shop", 4);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pool.call<&worker::work>(10).get(), "shop/0");
  EXPECT_EQ(rt.counters().activations, 1U) << "the others are not needed";
}

TEST_F(WorkerPool, CallsAtOnceGoToIdleWorkersUpToTheirNumber) {
  worker_pool<worker> pool(rt, "shop", 3);
  for (int i = 0; i < 7; ++i) begin(pool, 100);
  EXPECT_EQ(pool.calls_under_way(), 7U);
  rt.settle();
  EXPECT_EQ(shop->working, 3);
  rt.advance(150ms);
  EXPECT_EQ(done.size(), 3U);
  rt.advance(1s);
  EXPECT_EQ(done.size(), 7U);
  EXPECT_EQ(shop->most, 3);
  EXPECT_EQ(pool.calls_under_way(), 0U);
  EXPECT_EQ(rt.counters().resident_actors, 3U);
}

TEST_F(WorkerPool, CallGoesToTheOneThatIsIdle) {
  worker_pool<worker> pool(rt, "shop", 2);
  begin(pool, 1000);
  rt.settle();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pool.call<&worker::work>(10).get(), "shop/1");
  rt.advance(1s);
}

TEST_F(WorkerPool, WorkersThatAreNotNeededLeaveMemory) {
  worker_pool<worker> pool(rt, "shop", 4);
  for (int i = 0; i < 4; ++i) begin(pool, 10);
  rt.advance(1s);
  EXPECT_EQ(rt.counters().resident_actors, 4U);
  for (int i = 0; i < 10; ++i) {
    rt.advance(20s);
    begin(pool, 10);
  }
  EXPECT_EQ(rt.counters().resident_actors, 1U);
  rt.advance(1s);
}

TEST_F(WorkerPool, IsUsedFromHandlersAndCopiesShareItsLoads) {
  const worker_pool<worker> pool(rt, "shop", 2);
  rt.host<foreman>(options_of<foreman>(), [pool] { return std::make_unique<foreman>(pool); });
  for (const std::string key : {"a", "b", "c"}) {
    rt.ref<foreman>(key).call<&foreman::have_done>(100)(
        [this](const std::exception_ptr&, std::string who) { done.push_back(std::move(who)); });
  }
  rt.settle();
  EXPECT_EQ(pool.calls_under_way(), 3U);
  rt.advance(1s);
  EXPECT_EQ(shop->most, 2);
  EXPECT_EQ(done.size(), 3U);
  EXPECT_EQ(pool.calls_under_way(), 0U);
}

TEST_F(WorkerPool, FailuresAndTimeoutsGiveTheWorkerBack) {
  const worker_pool<worker> pool(rt, "shop", 2);
  EXPECT_THROW(pool.call<&worker::refuse>().get(), std::invalid_argument);
  const auto hasty = pool.with_timeout(100ms);
  EXPECT_EQ(error_of([&] { hasty.call<&worker::work>(60'000).get(); }).kind(), errc::timeout);
  static_cast<void>(pool.call<&worker::work>(1));  // is not made
  EXPECT_EQ(pool.calls_under_way(), 0U);
}

TEST_F(WorkerPool, WorkerIsIdleBeforeItsCallerHasTheAnswer) {
  const worker_pool<worker> pool(rt, "shop", 2);
  std::vector<std::size_t> under_way;
  pool.call<&worker::work>(10)(
      [&](const std::exception_ptr&, const std::string&) { under_way.push_back(pool.calls_under_way()); });
  pool.call<&worker::refuse>()(
      [&](const std::exception_ptr&, auto&&...) { under_way.push_back(pool.calls_under_way()); });
  rt.advance(1s);
  EXPECT_EQ(under_way, (std::vector<std::size_t>{1, 0}));
}

TEST_F(WorkerPool, CancellationOfACallReachesIt) {
  const worker_pool<worker> pool(rt, "shop", 2);
  boost::asio::cancellation_signal give_up;
  std::optional<errc> ended;
  pool.call<&worker::work>(60'000)(
      boost::asio::bind_cancellation_slot(give_up.slot(), [&](const std::exception_ptr& why, const std::string&) {
        ended = error_of([&] { std::rethrow_exception(why); }).kind();
      }));
  rt.advance(1s);
  give_up.emit(boost::asio::cancellation_type::terminal);
  rt.advance(1s);
  EXPECT_EQ(ended, errc::cancelled);
  EXPECT_EQ(pool.calls_under_way(), 0U);
}

TEST_F(WorkerPool, NumberOfWorkersIsLimited) {
  EXPECT_EQ(error_of([&] { worker_pool<worker>(rt, "shop", 1025); }).kind(), errc::invalid_argument);
  EXPECT_GE(worker_pool<worker>(rt, "shop").size(), 1U) << "one per core";
}

}  // namespace
}  // namespace troupe::testing
