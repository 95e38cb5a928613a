#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "troupe/core/state.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/runtime/runtime.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct secret {};

class till : public actor {
 public:
  static constexpr std::string_view actor_type = "till";
  int pay(int pence, std::string who) {
    paid_.edit() += pence;
    last_ = who;
    return *paid_;
  }
  void refuse() { throw std::out_of_range("closed"); }
  secret hide() { return {}; }
  task<int> dawdle() {
    co_await sleep_for(1h);
    co_return 0;
  }
  std::string print(std::string who) {
    ++paid_.edit();
    return who == "badly" ? "\xff" : who;
  }
  task<std::string> print_later(std::string who) {
    ++paid_.edit();
    co_await sleep_for(1ms);
    co_return who == "badly" ? "\xff" : who;
  }
  task<std::string> print_for(std::string other, std::string who) {
    co_await ref<till>(other).call<&till::pay>(7, who);
    co_return "\xff";
  }
  int paid() const { return *paid_; }
  using methods = troupe::methods<&till::pay, method<"refuse_all", &till::refuse>{}, &till::hide, &till::dawdle,
                                  &till::print, &till::print_later, &till::print_for, &till::paid>;

 private:
  state<int> paid_{*this, "paid"};
  std::string last_;
};

class ByName : public ::testing::Test {
 protected:
  ByName() { rt.host<till>(); }
  [[nodiscard]] error refusal(std::string_view type, std::string_view method, std::string_view arguments) {
    try {
      rt.call_by_name(type, "t", method, arguments);
    } catch (const error& failure) {
      return failure;
    }
    ADD_FAILURE() << method << arguments << " was accepted";
    return error(errc::invalid_argument, "");
  }
  static bool has(const error& failure, std::string_view words) {
    return std::string_view(failure.what()).find(words) != std::string_view::npos;
  }
  runtime rt{{.threads = 2, .shutdown_grace = 50ms, .log = [](log_level, std::string_view) {}}};
};

TEST_F(ByName, TakesAndGivesJson) {
  EXPECT_EQ(rt.call_by_name("till", "t", "pay", R"([250,"ann"])"), "250");
  EXPECT_EQ(rt.call_by_name("till", "t", "pay", R"([5,"bob"])", {.idempotency_key = "k"}), "255");
  EXPECT_EQ(rt.call_by_name("till", "t", "pay", R"([5,"bob"])", {.idempotency_key = "k"}), "255");
  EXPECT_THROW(rt.call_by_name("till", "t", "refuse_all", "[]"), std::out_of_range);
}

TEST_F(ByName, UnknownNamesAreRefusedWithWhatThereIs) {
  const error type = refusal("tell", "pay", "[]");
  EXPECT_EQ(type.kind(), errc::unknown_type);
  EXPECT_TRUE(has(type, "\"tell\"") && has(type, "hosted: till")) << type.what();
  const error method = refusal("till", "pray", "[]");
  EXPECT_EQ(method.kind(), errc::unknown_method);
  EXPECT_TRUE(has(method, "\"pray\"") && has(method, "pay, refuse_all, hide, dawdle, print")) << method.what();
}

TEST_F(ByName, ArgumentsThatDoNotFitAreRefusedAndNamed) {
  for (const char* arguments : {"", "{", "{}", "[]", "[1]", "[1,\"a\",2]"}) {
    EXPECT_EQ(refusal("till", "pay", arguments).kind(), errc::invalid_argument) << arguments;
  }
  const error second = refusal("till", "pay", "[1,2]");
  EXPECT_EQ(second.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(second, "till.pay") && has(second, "argument 2")) << second.what();
  EXPECT_EQ(refusal("till", "hide", "[]").kind(), errc::not_encodable);
}

/// The parser went one level down its stack for each bracket, and the process with it.
TEST_F(ByName, DeepNestingIsRefused) {
  std::string deep(200'000, '[');
  deep.append(200'000, ']');
  const error nested = refusal("till", "pay", "[1," + deep + "]");
  EXPECT_EQ(nested.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(nested, "till.pay") && has(nested, "nesting")) << nested.what();
  EXPECT_EQ(refusal("till", "pay", deep).kind(), errc::invalid_argument);
}

/// The caller learnt that nothing had happened, and the turn was kept.
TEST_F(ByName, ReplyWithoutAJsonFormFailsTheTurn) {
  for (const std::string method : {"print", "print_later"}) {
    for (const std::string_view key : {"", "k"}) {
      try {
        rt.call_by_name("till", "t", method, R"(["badly"])", {.idempotency_key = key});
        ADD_FAILURE() << method << " was answered";
      } catch (const error& failure) {
        EXPECT_EQ(failure.kind(), errc::not_encodable);
        EXPECT_EQ(failure.effect(), effect::none);
        EXPECT_TRUE(has(failure, "till/t") && has(failure, method)) << failure.what();
      }
      EXPECT_EQ(rt.call_by_name("till", "t", "paid", "[]"), "0") << method << " " << key;
    }
  }
  EXPECT_EQ(rt.call_by_name("till", "t", "print", R"(["a"])", {.idempotency_key = "k"}), R"("a")");
  EXPECT_EQ(rt.call_by_name("till", "t", "print_later", R"(["b"])", {.idempotency_key = "l"}), R"("b")");
  EXPECT_EQ(rt.call_by_name("till", "t", "print_later", R"(["b"])", {.idempotency_key = "l"}), R"("b")");
  EXPECT_EQ(rt.call_by_name("till", "t", "paid", "[]"), "2");
  const error behind_a_call = refusal("till", "print_for", R"(["u","ann"])");
  EXPECT_EQ(behind_a_call.effect(), effect::unknown) << "what it called is kept";
  EXPECT_EQ(rt.call_by_name("till", "u", "paid", "[]"), "7");
}

TEST_F(ByName, CallUnderWayAtShutdownIsAnswered) {
  auto waiting = std::async(std::launch::async, [this] { rt.call_by_name("till", "t", "dawdle", "[]"); });
  while (rt.counters().turns == 0) std::this_thread::yield();
  rt.shutdown();
  ASSERT_EQ(waiting.wait_for(20s), std::future_status::ready) << "the caller was left hanging";
  try {
    waiting.get();
    ADD_FAILURE() << "answered";
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::shutting_down);
    EXPECT_EQ(failure.effect(), effect::unknown) << "its turn had begun";
  }
}

}  // namespace
}  // namespace troupe
