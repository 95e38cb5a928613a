#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/saga/saga.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::testing {

class trip;

/// A participant: a room that is taken or not. Can tell the trip that asks for it to cancel, before it answers.
class room : public actor {
 public:
  static constexpr std::string_view actor_type = "room";
  task<void> take(std::string trip_to_tell);
  void give_back() {
    ++given_back_.edit();
    taken_.edit() = 0;
  }
  int taken() const { return *taken_; }
  int given_back() const { return *given_back_; }
  using methods = troupe::methods<&room::take, &room::give_back, &room::taken, &room::given_back>;

 private:
  state<int> taken_{*this, "taken"};
  state<int> given_back_{*this, "given_back"};
};

struct wish {
  std::string at;   // the step that does something special
  std::string how;  // what it does
  std::string text;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(wish, at, how, text)

/// A coordinator: takes a room at an inn and one at a hut, and pays. The wish says what goes wrong.
class trip : public actor {
 public:
  static constexpr std::string_view actor_type = "trip";
  void begin(std::string id, wish wanted) { travel_.begin(id, wanted); }
  bool cancel() { return travel_.cancel("no time"); }
  void cancel_and_throw() {
    travel_.cancel("no time");
    throw std::runtime_error("after all not");
  }
  task<bool> cancel_slowly() {
    co_await sleep_for(std::chrono::milliseconds(10));
    const bool done = travel_.cancel("no time");
    co_await sleep_for(std::chrono::milliseconds(10));
    co_return done;
  }
  saga_status status() const { return travel_.status(); }
  std::vector<bool> answers() const { return answers_; }
  task<void> on_reminder(reminder_tick tick) override {
    travel_.on_reminder(tick);
    return {};
  }
  using methods =
      troupe::methods<&trip::begin, troupe::call_chain<&trip::cancel>, troupe::call_chain<&trip::cancel_and_throw>,
                      troupe::interleave<&trip::cancel_slowly>, &trip::status, &trip::answers>;

 private:
  task<void> take(saga_attempt attempt) {
    const bool special = attempt.step() == travel_->at;
    const std::string how = special ? travel_->how : "";
    const bool tells = how == "told" || how == "told in vain";
    const std::string told = tells ? (how == "told" ? "" : "!") + std::string(key()) : "";
    co_await attempt.with(ref<room>(attempt.step())).call<&room::take>(told);
    if (how == "is slow") co_await sleep_for(std::chrono::seconds(1));
    if (how == "hangs") co_await sleep_for(std::chrono::hours(2));
    if (how == "cancels" || how == "cancels, hangs" || how == "cancels, unstorable" || how == "cancels, refuses") {
      answers_.push_back(travel_.cancel("no time"));
    }
    if (how == "cancels, fails" && answers_.empty()) {
      answers_.push_back(travel_.cancel("no time"));
      throw error(errc::unavailable, "not now");
    }
    if (how == "unstorable" || how == "cancels, unstorable" || how == "refuses, unstorable") {
      travel_.edit().text = "\xff";
    }
    if (how == "cancels, refuses" || how == "refuses, unstorable") attempt.refuse("no room");
  }
  task<void> give_back(saga_attempt attempt) {
    if (attempt.step() == travel_->at && travel_->how == "cancels, hangs") co_await sleep_for(std::chrono::hours(2));
    if (attempt.step() == travel_->at && travel_->how == "meddles") {
      answers_ = {travel_.cancel("again"), travel_.resume(), travel_.skip()};
    }
    co_await attempt.with(ref<room>(attempt.step())).call<&room::give_back>();
  }
  void pay(saga_attempt attempt) {
    if (travel_->how == "meddles") attempt.refuse("no money");
  }

  saga<wish, saga_step<"inn", &trip::take, &trip::give_back>, saga_step<"hut", &trip::take, &trip::give_back>,
       saga_step<"pay", &trip::pay>>
      travel_{*this, "travel"};
  std::vector<bool> answers_;
};

inline task<void> room::take(std::string trip_to_tell) {
  taken_.edit() = 1;
  if (trip_to_tell.empty()) co_return;
  if (trip_to_tell[0] != '!') {
    static_cast<void>(co_await ref<trip>(trip_to_tell).call<&trip::cancel>());
    co_return;
  }
  try {
    co_await ref<trip>(trip_to_tell.substr(1)).call<&trip::cancel_and_throw>();
  } catch (const std::runtime_error&) {
  }
}

inline void host_all_of_trip(test_runtime& rt) {
  rt.host<room>();
  rt.host<trip>();
}

}  // namespace troupe::testing
