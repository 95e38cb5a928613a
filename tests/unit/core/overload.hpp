#pragma once

#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {

using namespace std::chrono_literals;

/// Takes its time over each message, and writes down who was served.
class desk : public actor {
 public:
  static constexpr std::string_view actor_type = "desk";
  static constexpr auto persistence = durability::none();
  static constexpr std::size_t mailbox_max = 200;

  task<std::string> serve(std::string whom) {
    co_await sleep_for(10ms);
    served_ += whom;
    co_return served_;
  }
  std::string served() { return served_; }
  void tick_soon() {
    timer_.start(5ms, [this]() -> task<void> {
      served_ += "T";
      co_return;
    });
  }
  using methods = troupe::methods<&desk::serve, &desk::served, &desk::tick_soon>;

 private:
  std::string served_;
  timer timer_{*this};
};

class customer : public actor {
 public:
  static constexpr std::string_view actor_type = "customer";
  static constexpr auto persistence = durability::none();

  void tell_many(int count) {
    for (int i = 0; i < count; ++i) ref<desk>("d").tell<&desk::serve>("f");
  }
  task<std::string> ask(std::string name) { co_return co_await ref<desk>("d").call<&desk::serve>(name); }
  using methods = troupe::methods<&customer::tell_many, &customer::ask>;
};

/// What became of calls from outside.
struct outcomes {
  int answered = 0;
  int overloaded = 0;
  int other = 0;
  std::chrono::milliseconds hint{0};
  std::string what;

  void note(const std::exception_ptr& failure) {
    try {
      if (failure) std::rethrow_exception(failure);
      ++answered;
    } catch (const error& e) {
      ++(e.kind() == errc::overloaded ? overloaded : other);
      hint = e.retry_after();
      what = e.what();
    } catch (...) {
      ++other;
    }
  }
};

class Overload : public ::testing::Test {
 protected:
  explicit Overload(test_options options = {}) : rt(std::move(options)) {
    rt.host<desk>();
    rt.host<customer>();
    rt.host<ledger>();
  }
  void call_many(int count, outcomes& into) {
    for (int i = 0; i < count; ++i) {
      rt.ref<desk>("d").call<&desk::serve>("o")(
          [&](const std::exception_ptr& failure, const std::string&) { into.note(failure); });
    }
  }
  outcomes calls, more;
  std::map<std::string, outcomes> of;
  test_runtime rt;
};

}  // namespace troupe::testing
