#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "troupe/troupe.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// An actor whose handler does what none should: it blocks its thread.
class blocker : public actor {
 public:
  static constexpr std::string_view actor_type = "blocker";
  static std::latch* gate;

  int block() {
    gate->wait();
    return 1;
  }
  int pass() { return 2; }
  using methods = troupe::methods<&blocker::block, &blocker::pass>;
};
std::latch* blocker::gate = nullptr;

class asker : public actor {
 public:
  static constexpr std::string_view actor_type = "asker";

  task<int> ask(std::string other, int times) {
    int sum = 0;
    const call_options brief{.timeout = std::chrono::milliseconds(1)};
    for (int i = 0; i < times; ++i) {
      try {
        sum += co_await ref<asker>(other).with(brief).call<&asker::nap>(i % 3);
      } catch (const error&) {
      }
    }
    co_return sum;
  }
  task<int> nap(int milliseconds) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    co_return 1;
  }
  using methods = troupe::methods<&asker::ask, &asker::nap>;
};

/// The thread is stuck in a handler, so the actor cannot say what became of the call.
TEST(DeadlineThreads, CallFromOutsideEndsInTimeThoughTheHandlerBlocksItsThread) {
  std::latch gate(1);
  blocker::gate = &gate;
  runtime rt({.threads = 2});
  rt.host<blocker>();
  const auto b = rt.ref<blocker>("b").with({.timeout = 50ms});
  const auto code_of = [](auto&& call) {
    try {
      std::move(call).get();
    } catch (const error& caught) {
      return std::pair(caught.kind(), std::string(caught.what()));
    }
    return std::pair(errc{}, std::string("answered"));
  };
  const auto [first, text] = code_of(b.call<&blocker::block>());
  EXPECT_EQ(first, errc::timeout) << text;
  EXPECT_NE(text.find("blocks its thread"), std::string::npos) << text;
  EXPECT_EQ(code_of(b.call<&blocker::pass>()).first, errc::timeout);
  gate.count_down();
  EXPECT_EQ(rt.ref<blocker>("b").call<&blocker::pass>().get(), 2);
}

/// Answers, timeouts and cancellations of the same calls race on several threads; each call is answered once.
TEST(DeadlineThreads, AnswersRaceWithDeadlines) {
  runtime rt({.threads = 4});
  rt.host<asker>();
  std::vector<std::future<int>> outcomes;
  for (int i = 0; i < 16; ++i) {
    const auto a = rt.ref<asker>("a" + std::to_string(i)).with({.timeout = no_timeout});
    outcomes.push_back(a.call<&asker::ask>("n" + std::to_string(i % 4), 50)(boost::asio::use_future));
  }
  for (auto& outcome : outcomes) {
    const int answered = outcome.get();
    EXPECT_GE(answered, 0);
    EXPECT_LE(answered, 50);
  }
}

/// The same from outside, where the runtime's watch races with the answer.
TEST(DeadlineThreads, AnswersFromOutsideRaceWithDeadlines) {
  runtime rt({.threads = 4});
  rt.host<asker>();
  std::atomic<int> answered{0};
  constexpr int calls = 400;
  {
    std::vector<std::jthread> callers;
    for (int c = 0; c < 4; ++c) {
      callers.emplace_back([&rt, &answered, c] {
        for (int i = 0; i < calls / 4; ++i) {
          const auto n = rt.ref<asker>("n" + std::to_string((c + i) % 8)).with({.timeout = 1ms});
          n.call<&asker::nap>(i % 2)([&answered](std::exception_ptr, int) { answered.fetch_add(1); });
        }
      });
    }
  }
  rt.shutdown();
  EXPECT_EQ(answered.load(), calls);
}

}  // namespace
}  // namespace troupe
