#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/runtime/storm.hpp"
#include "troupe/stores/memory.hpp"

namespace troupe {
namespace {

struct purse {
  int left = 0;
  int right = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(purse, left, right)

/// Moves coins between two cells in turns that overlap; no turn may see them, or leave them, half moved.
class teller : public actor {
 public:
  static constexpr std::string_view actor_type = "teller";

  /// Edits both cells, with waits for another actor between.
  task<int> move(int coins, std::string by) {
    left_.edit().left += coins;
    co_await ref<teller>(by).call<&teller::nothing>();
    right_.edit().right -= coins;
    co_await ref<teller>(by).call<&teller::nothing>();
    co_return is_whole() ? 1 : 0;
  }
  task<int> move_then_throw(int coins, std::string by) {
    left_.edit().left += coins;
    co_await ref<teller>(by).call<&teller::nothing>();
    throw error(errc::invalid_argument, "as it was asked to");
  }
  /// The same through a chain of calls that comes back into the turn.
  task<int> move_by(int coins, std::string by) {
    left_.edit().left += coins;
    co_await ref<teller>(by).call<&teller::hand_back>(std::string(key()), coins);
    co_return is_whole() ? 1 : 0;
  }
  task<int> hand_back(std::string to, int coins) {
    co_return co_await ref<teller>(to).call<&teller::take_right>(coins);
  }
  int take_right(int coins) {
    right_.edit().right -= coins;
    return is_whole() ? 1 : 0;
  }
  /// What a read_only turn sees stays as it is, and whole.
  task<int> look(std::string by) const {
    const int before = left_->left;
    if (!is_whole()) co_return 0;
    co_await ref<teller>(by).call<&teller::nothing>();
    co_return is_whole() && left_->left == before ? 1 : 0;
  }
  int nothing() const { return 0; }
  int sum() { return is_whole() ? left_->left : -1'000'000; }

  using methods = troupe::methods<interleave<&teller::move>, interleave<&teller::move_then_throw>, &teller::move_by,
                                  &teller::hand_back, call_chain<&teller::take_right>, read_only<&teller::look>,
                                  interleave<&teller::nothing>, exclusive<&teller::sum>>;

 private:
  [[nodiscard]] bool is_whole() const { return left_->left == -right_->right; }

  state<purse> left_{*this, "left"};
  state<purse> right_{*this, "right"};
};

class OverlapThreads : public ::testing::TestWithParam<durability> {
 protected:
  void host(runtime& rt) const {
    actor_type_options options = options_of<teller>();
    options.persistence = GetParam();
    options.call_timeout = no_timeout;
    rt.host<teller>(options);
  }
  void note(const std::exception_ptr& failure, int whole, int coins) {
    if (!failure) {
      sum += coins;
      broken += whole == 1 ? 0 : 1;
    } else {
      const errc code = code_in(failure);
      if (code != errc::conflict && code != errc::invalid_argument) ++unexpected;
    }
    done->count_down();
  }
  /// One of the calls, drawn.
  void call(const actor_ref<teller>& t, storm_draws& draws) {
    const int coins = 1 + draws.below(9);
    const std::string by = "helper" + std::to_string(draws.below(3));
    const auto moved = [this, coins](const std::exception_ptr& failure, int whole) { note(failure, whole, coins); };
    const auto looked = [this](const std::exception_ptr& failure, int whole) { note(failure, whole, 0); };
    switch (draws.below(6)) {
      case 0:
      case 1:
        t.call<&teller::move>(coins, by)(moved);
        return;
      case 2:
        t.call<&teller::move_then_throw>(coins, by)(looked);
        return;
      case 3:
        t.call<&teller::move_by>(coins, by)(moved);
        return;
      default:
        t.call<&teller::look>(by)(looked);
        return;
    }
  }

  static constexpr int callers = 4;
  static constexpr int calls = 300;
  std::atomic<int> sum{0}, broken{0}, unexpected{0};
  std::unique_ptr<std::latch> done = std::make_unique<std::latch>(callers * calls);
};

TEST_P(OverlapThreads, TurnsThatOverlapLeaveNothingHalfDone) {
  const auto disk = stores::make_memory_disk();
  const auto total = [](runtime& rt) {
    int all = 0;
    for (const char* key : {"t0", "t1", "t2"}) all += rt.ref<teller>(key).call<&teller::sum>().get();
    return all;
  };
  const auto options = [&] {
    runtime_options made = on_threads(4);
    made.store_instance = stores::memory_store({.disk = disk});
    return made;
  };
  {
    runtime rt(options());
    host(rt);
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < callers; ++t) {
      threads.emplace_back([this, &rt, t] {
        storm_draws draws(t);
        for (int i = 0; i < calls; ++i) call(rt.ref<teller>("t" + std::to_string(draws.below(3))), draws);
      });
    }
    threads.clear();
    done->wait();
    EXPECT_EQ(broken, 0) << "a turn saw coins that were half moved";
    EXPECT_EQ(unexpected, 0);
    EXPECT_EQ(total(rt), sum);
  }
  if (GetParam().what() == durability::kind::none) return;
  runtime rt(options());
  host(rt);
  EXPECT_EQ(total(rt), sum) << "what was stored is not what was answered";
}

INSTANTIATE_TEST_SUITE_P(Policies, OverlapThreads,
                         ::testing::Values(durability::every_turn(),
                                           durability::write_behind(std::chrono::milliseconds(1)),
                                           durability::on_deactivate(), durability::none()));

}  // namespace
}  // namespace troupe
