#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/saga/saga.hpp"
#include "troupe/saga/saga_end.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::testing {

/// A participant: holds money, and can be told to refuse.
class purse : public actor {
 public:
  static constexpr std::string_view actor_type = "purse";

  /// Takes money out, or in when `pence` is negative. Errors: what `fail_with` said, or when there is not enough.
  void take(int pence) {
    if (failing_ == "unavailable") throw error(errc::unavailable, "the purse is stuck");
    if (failing_ == "refusing") throw std::runtime_error("the purse is sewn up");
    if (pence > pence_.edit()) throw std::out_of_range("there is not enough in it");
    pence_.edit() -= pence;
  }
  void fail_with(std::string how) { failing_ = std::move(how); }
  int pence() const { return *pence_; }
  using methods = troupe::methods<&purse::take, &purse::fail_with, &purse::pence>;

 private:
  state<int> pence_{*this, "pence"};
  std::string failing_;
};

/// What a transfer knows.
struct order {
  std::string from;
  std::string to;
  int pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(order, from, to, pence)

/// A coordinator: moves money by way of its own hands.
class transfer : public actor {
 public:
  static constexpr std::string_view actor_type = "transfer";
  static constexpr saga_policy patience{.first_pause = std::chrono::seconds(1),
                                        .pause_max = std::chrono::seconds(8),
                                        .step_time = std::chrono::minutes(1),
                                        .compensation_time = std::chrono::minutes(2),
                                        .resume_after = std::chrono::seconds(10)};

  task<void> on_activate() override {
    if (key() == "eager") moving_.go_on();
    return {};
  }
  void begin(std::string id, order wanted) { moving_.begin(id, wanted); }
  order wanted() const { return *moving_; }
  saga_status status() const { return moving_.status(); }
  bool cancel() { return moving_.cancel("the customer said so"); }
  bool resume() { return moving_.resume(); }
  bool skip() { return moving_.skip(); }
  int in_hand() const { return *in_hand_; }

  task<void> on_reminder(reminder_tick tick) override {
    moving_.on_reminder(tick);
    return {};
  }

  task<void> take(saga_attempt attempt) {
    co_await attempt.with(ref<purse>(moving_->from)).call<&purse::take>(moving_->pence);
    in_hand_.edit() += moving_->pence;
  }
  task<void> put_back(saga_attempt attempt) {
    if (*in_hand_ == 0) co_return;  // it was never taken
    co_await attempt.with(ref<purse>(moving_->from)).call<&purse::take>(-moving_->pence);
    in_hand_.edit() -= moving_->pence;
  }
  void note(saga_attempt attempt) {
    if (moving_->to == "somebody") {
      moving_.edit().to = "refused";
      attempt.refuse("somebody is not known");
      return;
    }
    in_hand_.edit() += 1000;  // rolled back when it is refused
    if (moving_->to == "nobody") throw std::invalid_argument("nobody gets nothing");
    if (moving_->to == "everybody") moving_.edit().to = "\xff";  // cannot be stored
    in_hand_.edit() -= 1000;
  }
  task<void> give(saga_attempt attempt) {
    in_hand_.edit() -= moving_->pence;
    co_await attempt.with(ref<purse>(moving_->to)).call<&purse::take>(-moving_->pence);
  }

  using methods = troupe::methods<&transfer::begin, &transfer::status, &transfer::cancel, &transfer::resume,
                                  &transfer::skip, &transfer::in_hand, &transfer::wanted>;

 private:
  saga<order, saga_step<"take", &transfer::take, &transfer::put_back>, saga_step<"note", &transfer::note>,
       saga_step<"give", &transfer::give>>
      moving_{*this, "moving", patience};
  state<int> in_hand_{*this, "in_hand"};
};

/// Waits for the end of a transfer.
class customer : public actor {
 public:
  static constexpr std::string_view actor_type = "customer";
  task<saga_status> wait(std::string coordinator, std::string id, int milliseconds) {
    const saga_wait how{.time_max = std::chrono::milliseconds(milliseconds)};
    return saga_end<&transfer::status>(ref<transfer>(coordinator), std::move(id), how);
  }
  using methods = troupe::methods<&customer::wait>;
};

/// A runtime with 100 pence in purse "a" and none in "b".
class Saga : public ::testing::Test {
 protected:
  explicit Saga(test_options options = {}) : rt(std::move(options)) { open(rt); }

  static void open(test_runtime& rt) {
    rt.host<purse>();
    rt.host<transfer>();
    rt.host<customer>();
  }
  void fill() { rt.ref<purse>("a").call<&purse::take>(-100).get(); }
  void begin(const std::string& to = "b", int pence = 30) {
    const order wanted{"a", to, pence};
    rt.ref<transfer>("t").call<&transfer::begin>("t1", wanted).get();
  }
  void fail(const std::string& whose, const std::string& how) {
    rt.ref<purse>(whose).call<&purse::fail_with>(how).get();
  }
  saga_status status() { return rt.ref<transfer>("t").call<&transfer::status>().get(); }
  int in(const std::string& whose) { return rt.ref<purse>(whose).call<&purse::pence>().get(); }
  int in_hand() { return rt.ref<transfer>("t").call<&transfer::in_hand>().get(); }
  /// The keys and arguments of the calls that were made, in their order.
  std::vector<std::string> calls_of_purses() {
    std::vector<std::string> calls;
    for (const auto& message : rt.sent()) {
      if (message.to.type == "purse") calls.push_back(message.to.key + message.arguments_json);
    }
    return calls;
  }

  test_runtime rt;
};

}  // namespace troupe::testing
