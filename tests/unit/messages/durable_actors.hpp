#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/core/state.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::testing {

struct post_box {
  std::vector<int> numbers;
  int count = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(post_box, numbers, count)

/// Keeps nothing.
class forgetful : public actor {
 public:
  static constexpr std::string_view actor_type = "forgetful";
  static constexpr durability persistence = durability::none();

  void take(int) {}
  void send(std::string to) { ref<forgetful>(to).tell<&forgetful::take>(durable, 1); }
  using methods = troupe::methods<&forgetful::take, &forgetful::send>;
};

/// Sends numbers, and keeps those it gets.
class post : public actor {
 public:
  static constexpr std::string_view actor_type = "post";
  static constexpr message_options messages{.attempts_max = 5, .outbox_max = 100, .letters_max = 10};

  /// Plain memory: how often it refuses outlives a rollback.
  void take(int n) {
    if (refusals_ > 0) {
      --refusals_;
      box_.edit().numbers.push_back(-n);
      throw std::runtime_error("refused");
    }
    box_.edit().numbers.push_back(n);
  }
  void take_text(std::string) { box_.edit(); }
  void count_one() { ++box_.edit().count; }
  int counted() const { return box_->count; }
  void refuse_next(int n) { refusals_ = n; }
  std::vector<int> seen() const { return box_->numbers; }
  void send(std::string to, int n) { ref<post>(to).tell<&post::take>(durable, n); }
  void send_many(std::string to, int n) {
    for (int i = 0; i < n; ++i) send(to, i);
  }
  void send_and_throw(std::string to, int n) {
    send(to, n);
    throw std::runtime_error("changed its mind");
  }
  void send_large(std::string to, int bytes) {
    ref<post>(to).tell<&post::take_text>(durable, std::string(static_cast<std::size_t>(bytes), 'x'));
  }
  void send_to_forgetful(std::string to) { ref<forgetful>(to).tell<&forgetful::take>(durable, 1); }
  void leave() { deactivate(); }
  void send_and_erase(std::string to, int n) {
    send(to, n);
    erase();
  }

  using methods = troupe::methods<&post::take, &post::take_text, &post::count_one, &post::counted, &post::refuse_next,
                                  &post::seen, &post::send, &post::send_many, &post::send_and_throw, &post::send_large,
                                  &post::send_to_forgetful, &post::leave, &post::send_and_erase>;

 private:
  state<post_box> box_{*this, "box"};
  int refusals_ = 0;
};

/// Has no state: passes on what it gets.
class relay : public actor {
 public:
  static constexpr std::string_view actor_type = "relay";

  void pass(std::string to, int n) { ref<post>(to).tell<&post::take>(durable, n); }
  void pass_and_erase(std::string to, int n) {
    pass(to, n);
    erase();
  }
  void pass_by(std::string other, std::string to, int n) { ref<relay>(other).tell<&relay::pass>(durable, to, n); }
  using methods = troupe::methods<&relay::pass, &relay::pass_and_erase, &relay::pass_by>;
};

/// Saves when it leaves memory, and takes its time.
class lazy : public actor {
 public:
  static constexpr std::string_view actor_type = "lazy";
  static constexpr durability persistence = durability::on_deactivate();

  void note(int n) { box_.edit().numbers.push_back(n); }
  void send(std::string to, int n) { ref<post>(to).tell<&post::take>(durable, n); }
  task<void> take_slowly(int n) {
    co_await sleep_for(std::chrono::milliseconds(300));
    box_.edit().numbers.push_back(n);
  }
  void send_slow(std::string to, int n) { ref<lazy>(to).tell<&lazy::take_slowly>(durable, n); }
  std::vector<int> seen() const { return box_->numbers; }
  using methods = troupe::methods<&lazy::note, &lazy::send, &lazy::take_slowly, &lazy::send_slow, &lazy::seen>;

 private:
  state<post_box> box_{*this, "box"};
};

/// Cannot be activated while it is told not to.
class stubborn : public actor {
 public:
  static constexpr std::string_view actor_type = "stubborn";

  explicit stubborn(const bool& refuses) : refuses_(refuses) {}
  task<void> on_activate() override {
    if (refuses_) throw std::runtime_error("not today");
    return {};
  }
  void take(int n) { box_.edit().numbers.push_back(n); }
  std::vector<int> seen() const { return box_->numbers; }
  using methods = troupe::methods<&stubborn::take, &stubborn::seen>;

 private:
  const bool& refuses_;
  state<post_box> box_{*this, "box"};
};

/// Sends to actors that cannot take it.
class hopeful : public actor {
 public:
  static constexpr std::string_view actor_type = "hopeful";
  static constexpr message_options messages{.attempts_max = 3};

  void send(std::string to, int n) { ref<stubborn>(to).tell<&stubborn::take>(durable, n); }
  void send_many(std::string to, int n) {
    for (int i = 0; i < n; ++i) ref<post>(to).tell<&post::count_one>(durable);
  }
  using methods = troupe::methods<&hopeful::send, &hopeful::send_many>;
};

/// Sends when it leaves memory, which is too late.
class parting : public actor {
 public:
  static constexpr std::string_view actor_type = "parting";

  task<void> on_deactivate(deactivation_reason) override {
    ref<post>("b").tell<&post::take>(durable, 1);
    return {};
  }
  void leave() { deactivate(); }
  using methods = troupe::methods<&parting::leave>;
};

using numbers = std::vector<int>;

/// A runtime with all of them.
class messages_fixture : public ::testing::Test {
 protected:
  messages_fixture() { host(rt); }

  void host(test_runtime& on) {
    on.host<post>();
    on.host<relay>();
    on.host<lazy>();
    on.host<hopeful>();
    on.host<stubborn>(options_of_stubborn(), [this] { return std::make_unique<stubborn>(refuses); });
  }
  [[nodiscard]] actor_ref<post> at(std::string_view key) { return rt.ref<post>(key); }
  [[nodiscard]] numbers got(std::string_view key) { return at(key).call<&post::seen>().get(); }
  [[nodiscard]] spi::actor_image stored(std::string_view key) { return rt.stored({"post", std::string(key)}); }

  bool refuses = false;
  test_runtime rt;

 private:
  static actor_type_options options_of_stubborn() { return options_of<stubborn>(); }
};

}  // namespace troupe::testing
