// What a message costs in steady state, in blocks of the heap and in submissions to the executor: numbers that are the
// same on every machine, unlike times.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/system_clock.hpp"
#include "counted_heap.hpp"
#include "counting_executor.hpp"
#include "runtime/parts.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t measured = 20'000, warm_up = 20'000, window = 1'000;

/// The most that an operation may cost, in the mean of many. An awaited call is two messages, a tell is one; now and
/// then a strand that has had the thread for long is submitted again for the sake of others.
struct bound {
  std::string_view what;
  double blocks;
  double submissions;
};
constexpr std::array bounds{
    bound{"call of a plain handler", 0, 0.05},
    bound{"call of a coroutine", 0, 0.05},
    bound{"call by id", 0, 0.05},
    bound{"call of one of two at once", 1, 1.5},  // the group that waits, and its branches
    bound{"call from outside", 1, 1},             // what the caller's thread waits for
    bound{"tell", 0, 0.05},
    bound{"tell to many", 0, 1.01},
    bound{"tell there and back", 0, 2},
    bound{"tell from outside", 0.01, 1},
};

struct reading {
  std::uint64_t blocks = 0;
  std::uint64_t submissions = 0;
};

struct meter {
  const counting_executor& on;
  reading begun{};
  [[nodiscard]] reading now() const noexcept { return {blocks_taken.load(), on.submissions()}; }
};

class sender;

class echo : public actor {
 public:
  static constexpr std::string_view actor_type = "echo";
  std::int64_t add(std::int64_t value) { return sum_ += value; }
  task<std::int64_t> add_in_coroutine(std::int64_t value) { co_return sum_ += value; }
  std::int64_t add_on_heap(std::int64_t value) {
    held_ = std::make_unique<std::int64_t>(value);
    return sum_ += *held_;
  }
  void hit() { ++sum_; }
  void last_hit(actor_ref<sender> by, std::int64_t left);
  using methods = troupe::methods<&echo::add, &echo::add_in_coroutine, &echo::add_on_heap, &echo::hit, &echo::last_hit>;

 private:
  std::int64_t sum_ = 0;
  std::unique_ptr<std::int64_t> held_;
};

using echo_list = std::shared_ptr<const std::vector<actor_ref<echo>>>;

/// Sends what is measured, `warm_up` times and then `measured` times.
class sender : public actor {
 public:
  static constexpr std::string_view actor_type = "sender";
  sender(meter& by, std::promise<reading>& done) : by_(by), done_(done) {}

  task<void> call_plain(actor_ref<echo> other) {
    for (std::int64_t i = 0; i < warm_up + measured; ++i) {
      if (i == warm_up) begin();
      co_await other.call<&echo::add>(1);
    }
    end();
  }
  task<void> call_coroutine(actor_ref<echo> other) {
    for (std::int64_t i = 0; i < warm_up + measured; ++i) {
      if (i == warm_up) begin();
      co_await other.call<&echo::add_in_coroutine>(1);
    }
    end();
  }
  task<void> call_allocating(actor_ref<echo> other) {
    for (std::int64_t i = 0; i < warm_up + measured; ++i) {
      if (i == warm_up) begin();
      co_await other.call<&echo::add_on_heap>(1);
    }
    end();
  }
  task<void> call_two(actor_ref<echo> one, actor_ref<echo> other) {
    for (std::int64_t i = 0; i < warm_up + measured; i += 2) {
      if (i == warm_up) begin();
      co_await when_all(one.call<&echo::add>(1), other.call<&echo::add>(1));
    }
    end();
  }
  task<void> call_by_id() {
    for (std::int64_t i = 0; i < warm_up + measured; ++i) {
      if (i == warm_up) begin();
      co_await ref<echo>("an-id-of-22-characters").call<&echo::add>(1);
    }
    end();
  }
  /// A window of tells to the listed, each in turn; the next when the last has come.
  void tell(echo_list to, std::int64_t left) {
    to_ = std::move(to);
    tell_window(left);
  }
  void tell_window(std::int64_t left) {
    if (left == measured) begin();
    if (left == 0) return end();
    for (std::int64_t i = 1; i < window; ++i) {
      (*to_)[static_cast<std::size_t>(i) % to_->size()].tell<&echo::hit>();
    }
    to_->front().tell<&echo::last_hit>(self(), left - window);
  }
  void back_and_forth(actor_ref<sender> other, std::int64_t left) {
    if (left == measured) begin();
    if (left == 0) return end();
    other.tell<&sender::pass>(self(), left);
  }
  void pass(actor_ref<sender> other, std::int64_t left) { other.tell<&sender::back_and_forth>(self(), left - 1); }

  using methods =
      troupe::methods<&sender::call_plain, &sender::call_coroutine, &sender::call_allocating, &sender::call_two,
                      &sender::call_by_id, &sender::tell, &sender::tell_window, &sender::back_and_forth, &sender::pass>;

 private:
  [[nodiscard]] actor_ref<sender> self() {
    if (!self_) self_ = ref<sender>(key());
    return *self_;
  }
  void begin() { by_.begun = by_.now(); }
  void end() {
    const reading now = by_.now();
    done_.set_value({now.blocks - by_.begun.blocks, now.submissions - by_.begun.submissions});
  }

  meter& by_;
  std::promise<reading>& done_;
  std::optional<actor_ref<sender>> self_;
  echo_list to_;
};

void echo::last_hit(actor_ref<sender> by, std::int64_t left) { by.tell<&sender::tell_window>(left); }

/// A runtime of one worker thread, as the public one puts it together, on an executor that counts.
class MessageCosts : public ::testing::Test {
 protected:
  MessageCosts() {
    host<echo>([] { return std::make_unique<echo>(); });
    host<sender>([this] { return std::make_unique<sender>(meter_, done_); });
    parts_.start();
  }
  ~MessageCosts() override {
    std::promise<void> drained;
    parts_.drain([&] { drained.set_value(); });
    drained.get_future().wait();
    parts_.halt();
  }

  template <class Actor>
  [[nodiscard]] actor_ref<Actor> ref(std::string_view key) {
    return actor_ref<Actor>(parts_.system().find(Actor::actor_type, typeid(Actor), key));
  }
  [[nodiscard]] echo_list echoes(std::size_t count) {
    auto made = std::make_shared<std::vector<actor_ref<echo>>>();
    for (std::size_t i = 0; i < count; ++i) made->push_back(ref<echo>("echo-" + std::to_string(i)));
    return made;
  }

  /// Has a sender begin, and returns what it measured.
  template <auto Member, class... Args>
  [[nodiscard]] reading measure(Args&&... args) {
    done_ = {};
    ref<sender>("main").tell<Member>(std::forward<Args>(args)...);
    return done_.get_future().get();
  }
  [[nodiscard]] reading since(const reading& begun) const {
    const reading now = meter_.now();
    return {now.blocks - begun.blocks, now.submissions - begun.submissions};
  }

  void expect_within(std::string_view what, const reading& taken) {
    const auto* const found =
        std::find_if(bounds.begin(), bounds.end(), [&](const bound& b) { return b.what == what; });
    ASSERT_NE(found, bounds.end()) << what;
    const double blocks = static_cast<double>(taken.blocks) / static_cast<double>(measured);
    const double submissions = static_cast<double>(taken.submissions) / static_cast<double>(measured);
    std::cout << what << ": " << blocks << " blocks, " << submissions << " submissions\n";
    EXPECT_LE(blocks, found->blocks + slack) << what;
    EXPECT_LE(submissions, found->submissions + slack) << what;
  }

  /// For what happens once in a while, whatever the messages: a look at the time, a block for another thread.
  static constexpr double slack = 20.0 / static_cast<double>(measured);

  std::shared_ptr<spi::clock> clock_ = internal::make_system_clock();
  std::shared_ptr<counting_executor> executor_ = std::make_shared<counting_executor>(1, clock_);
  meter meter_{*executor_};
  std::promise<reading> done_;
  internal::parts parts_{assemble()};

 private:
  [[nodiscard]] internal::parts_options assemble() const {
    internal::parts_options made;
    made.store = open_store("memory:");
    made.executor = executor_;
    made.clock = clock_;
    made.entropy = internal::make_system_entropy();
    made.log = [](log_level, std::string_view) {};
    return made;
  }
  template <class Actor, class Factory>
  void host(Factory factory) {
    auto options = options_of<Actor>();
    options.idle_timeout = 0ms;
    options.mailbox_max = 0;
    parts_.system().host(
        detail::describe_actor<Actor>(options, std::function<std::unique_ptr<Actor>()>(std::move(factory))));
  }
};

TEST_F(MessageCosts, AwaitedCallOfAnIdleActorTakesNoBlock) {
  expect_within("call of a plain handler", measure<&sender::call_plain>(ref<echo>("a")));
}

TEST_F(MessageCosts, AwaitedCallOfACoroutineTakesNoBlock) {
  expect_within("call of a coroutine", measure<&sender::call_coroutine>(ref<echo>("a")));
}

TEST_F(MessageCosts, CallsMadeTogetherAreBounded) {
  expect_within("call of one of two at once", measure<&sender::call_two>(ref<echo>("a"), ref<echo>("b")));
}

TEST_F(MessageCosts, LookUpById) { expect_within("call by id", measure<&sender::call_by_id>()); }

TEST_F(MessageCosts, CallFromOutside) {
  const actor_ref<echo> a = ref<echo>("a");
  for (std::int64_t i = 0; i < window; ++i) a.call<&echo::add>(1).get();
  const reading begun = meter_.now();
  for (std::int64_t i = 0; i < measured; ++i) a.call<&echo::add>(1).get();
  expect_within("call from outside", since(begun));
}

TEST_F(MessageCosts, TellsOfATurn) { expect_within("tell", measure<&sender::tell>(echoes(1), warm_up + measured)); }

TEST_F(MessageCosts, TellsToManyActors) {
  expect_within("tell to many", measure<&sender::tell>(echoes(window), warm_up + measured));
}

TEST_F(MessageCosts, TellsThereAndBack) {
  expect_within("tell there and back", measure<&sender::back_and_forth>(ref<sender>("other"), warm_up + measured));
}

TEST_F(MessageCosts, TellsFromOutside) {
  const actor_ref<echo> a = ref<echo>("a");
  const auto tell_all = [&](std::int64_t count) {
    for (std::int64_t i = 1; i <= count; ++i) {
      a.tell<&echo::hit>();
      if (i % window == 0) a.call<&echo::add>(0).get();  // no more than a window waits
    }
  };
  tell_all(warm_up);
  const reading begun = meter_.now();
  tell_all(measured);
  expect_within("tell from outside", since(begun));
}

TEST_F(MessageCosts, MeasurementNoticesBlocksAndSubmissions) {
  EXPECT_GE(measure<&sender::call_allocating>(ref<echo>("a")).blocks, std::uint64_t{measured});
  EXPECT_GE(measure<&sender::back_and_forth>(ref<sender>("other"), warm_up + measured).submissions,
            std::uint64_t{measured});
}

}  // namespace
}  // namespace troupe::testing
