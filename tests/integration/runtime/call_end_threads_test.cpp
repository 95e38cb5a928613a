#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "integration/runtime/storm.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// Counts what it did, so that answers can be held against it.
class worker : public actor {
 public:
  static constexpr std::string_view actor_type = "worker";

  int count() { return ++done_.edit(); }
  task<int> count_slowly(std::string by) {
    co_await ref<worker>(by).call<&worker::look>();
    co_return ++done_.edit();
  }
  int look() const { return *done_; }
  /// Begins calls and calls them off again; returns how many ended.
  task<int> change_its_mind(std::string first, std::string second, int times) {
    int ended = 0;
    for (int i = 0; i < times; ++i) {
      try {
        auto either =
            when_any(ref<worker>(first).call<&worker::count_slowly>(second), ref<worker>(second).call<&worker::look>());
        co_await std::move(either);
        ++ended;
      } catch (const error&) {
        ++ended;
      }
    }
    co_return ended;
  }
  using methods = troupe::methods<&worker::count, &worker::count_slowly, &worker::look, &worker::change_its_mind>;

 private:
  state<int> done_{*this, "done"};
};

/// What became of calls: each is answered once, and its actor did what the answer says.
struct outcomes {
  std::atomic<int> well{0}, without_effect{0}, in_doubt{0}, unexpected{0};

  void note(const std::exception_ptr& failure) {
    try {
      if (failure) std::rethrow_exception(failure);
      ++well;
    } catch (const error& found) {
      if (found.kind() != errc::cancelled && found.kind() != errc::timeout) ++unexpected;
      ++(found.effect() == effect::none ? without_effect : in_doubt);
    } catch (...) {
      ++unexpected;
    }
  }
  [[nodiscard]] int all() const { return well + without_effect + in_doubt; }
};

class CallEndThreads : public ::testing::Test {
 protected:
  CallEndThreads() { rt.host<worker>(); }
  [[nodiscard]] int work_done() {
    int sum = 0;
    for (int i = 0; i < workers; ++i) sum += w(i).call<&worker::look>().get();
    return sum;
  }
  [[nodiscard]] actor_ref<worker> w(int i) { return rt.ref<worker>("w" + std::to_string(i)); }
  void expect_consistent(int calls, int done) const {
    EXPECT_EQ(ends.all(), calls);
    EXPECT_EQ(ends.unexpected, 0);
    EXPECT_GE(done, ends.well) << "answered, and not done";
    EXPECT_LE(done, ends.well + ends.in_doubt) << "done, though the answer says that it was not";
  }

  static constexpr int callers = 4;
  static constexpr int workers = 6;
  outcomes ends;
  runtime rt{on_threads(4)};
};

TEST_F(CallEndThreads, CancellationRacesWithAnswersAndEachCallEndsOnce) {
  constexpr int calls = 300;
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < callers; ++t) {
    threads.emplace_back([this, t] {
      storm_draws draws(t);
      boost::asio::io_context here;
      auto more = boost::asio::make_work_guard(here);
      std::vector<boost::asio::cancellation_signal> signals(calls);
      std::vector<int> ended(calls, 0);
      const boost::asio::cancellation_type types[] = {boost::asio::cancellation_type::terminal,
                                                      boost::asio::cancellation_type::partial,
                                                      boost::asio::cancellation_type::total};
      for (int i = 0; i < calls; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto answered = [&, at](const std::exception_ptr& failure, int) {
          ++ended[at];
          ends.note(failure);
        };
        w(draws.below(workers))
            .call<&worker::count_slowly>("helper" + std::to_string(draws.below(2)))(
                boost::asio::bind_cancellation_slot(signals[at].slot(), boost::asio::bind_executor(here, answered)));
        // Some earlier one, which may be queued, running, saved, answered or on its way back.
        const auto other = static_cast<std::size_t>(draws.below(i + 1));
        if (draws.below(2) == 0 && ended[other] == 0) signals[other].emit(types[draws.below(3)]);
        if (draws.below(4) == 0) here.poll();
      }
      more.reset();
      here.run();
      EXPECT_EQ(ended, std::vector<int>(calls, 1));
    });
  }
  threads.clear();
  expect_consistent(callers * calls, work_done());
}

TEST_F(CallEndThreads, TimeoutsRaceWithAnswersAndEachCallEndsOnce) {
  constexpr int calls = 500;
  std::latch done(callers * calls);
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < callers; ++t) {
    threads.emplace_back([this, &done, t] {
      storm_draws draws(t);
      for (int i = 0; i < calls; ++i) {
        const auto one = w(draws.below(workers)).with({.timeout = std::chrono::milliseconds(1 + draws.below(3))});
        one.call<&worker::count_slowly>("helper")([this, &done](const std::exception_ptr& failure, int) {
          ends.note(failure);
          done.count_down();
        });
      }
    });
  }
  threads.clear();
  done.wait();
  expect_consistent(callers * calls, work_done());
}

TEST_F(CallEndThreads, CallsOfHandlersThatAreCalledOffEndOnce) {
  constexpr int times = 100;
  constexpr int handlers = 12;
  std::latch done(handlers);
  std::atomic<int> ended{0};
  storm_draws draws(0);
  for (int i = 0; i < handlers; ++i) {
    const std::string first = "w" + std::to_string(draws.below(workers));
    const std::string second = "helper" + std::to_string(draws.below(2));
    rt.ref<worker>("mind" + std::to_string(i))
        .with({.timeout = no_timeout})
        .call<&worker::change_its_mind>(first, second, times)([&](const std::exception_ptr& failure, int n) {
          EXPECT_FALSE(failure);
          ended += n;
          done.count_down();
        });
  }
  done.wait();
  EXPECT_EQ(ended, handlers * times);
  EXPECT_LE(work_done(), handlers * times);
  for (int i = 0; i < workers; ++i) w(i).call<&worker::count>().get();  // nobody is left behind
}

}  // namespace
}  // namespace troupe
