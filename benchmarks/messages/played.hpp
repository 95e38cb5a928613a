#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "countdown.hpp"
#include "messages/script.hpp"
#include "messages/workload.hpp"

namespace bench {

/// Plays the workloads with a library's `Cast`: `Cast(threads, actors, done, options...)` makes actors 0 to `actors -
/// 1`; its members send from outside, each taken in at once. `ask` has actor 0 call others one after the other
/// (`way::pair`: two and two), so many times, then finish; `grow` makes a tree, whose sum is `tree_sum` afterwards.
template <class Cast>
class played final : public contestant {
 public:
  template <class... Options>
  played(std::size_t threads, std::size_t wide, const Options&... options)
      : wide_(static_cast<std::uint32_t>(wide)), cast_(threads, base_actors + wide_, done_, options...) {}

  std::int64_t run(workload what, std::int64_t operations) override {
    const std::int64_t done = play(what, operations);
    done_.wait();
    if (what == workload::skynet && cast_.tree_sum() != done * (done - 1) / 2) {
      throw std::runtime_error("the sum of the tree is wrong");
    }
    return done;
  }

 private:
  std::int64_t play(workload what, std::int64_t operations) {
    done_.begin(1);
    switch (what) {
      case workload::ping_pong:
        cast_.hop(pair_group.first, 2 * operations);
        return operations;
      case workload::call:
        return ask(way::plain, {1, 1}, operations);
      case workload::call_coroutine:
        return ask(way::coroutine, {1, 1}, operations);
      case workload::call_queued:
        return ask(way::pair, {ring_group.first, 2}, (operations + 1) / 2 * 2);
      case workload::burst:
        cast_.expect(counters.first, operations, 0, 0);
        cast_.produce(producers.first, counters.first, operations);
        return operations;
      case workload::windows: {
        constexpr std::int64_t window = 1000;
        const std::int64_t whole = std::max<std::int64_t>(1, operations / window) * window;
        cast_.expect(counters.first, whole, window, producers.first);
        cast_.produce(producers.first, counters.first, window);
        return whole;
      }
      case workload::many_to_one: {
        const std::int64_t each = std::max<std::int64_t>(1, operations / producers.count);
        cast_.expect(counters.first, each * producers.count, 0, 0);
        for (std::uint32_t i = 0; i < producers.count; ++i) cast_.produce(producers.first + i, counters.first, each);
        return each * producers.count;
      }
      case workload::fan_out:
        return spread({base_actors, wide_}, 1, false);
      case workload::ring:
        cast_.hop(ring_group.first, operations);
        return operations;
      case workload::big: {
        const std::int64_t each = std::max<std::int64_t>(1, operations / big_group.count);
        done_.begin(big_group.count);
        for (std::uint32_t i = 0; i < big_group.count; ++i) cast_.volley(big_group.first + i, each, big_group);
        return each * big_group.count;
      }
      case workload::fork_join: {
        constexpr group of{big_group.first, 60};
        return spread(of, std::max<std::int64_t>(1, operations / of.count), false);
      }
      case workload::work:
        return spread(ring_group, std::max<std::int64_t>(1, operations / ring_group.count), true);
      case workload::create:
        done_.begin(operations);
        cast_.create(operations);
        return operations;
      case workload::skynet: {
        std::int64_t leaves = 1;
        while (leaves * tree_branches <= operations) leaves *= tree_branches;
        cast_.grow(leaves);
        return leaves;
      }
      case workload::by_id:
      case workload::by_id_warm:
        return ask(way::by_id, {}, operations);
      case workload::random_calls:
        return ask(way::plain, {base_actors, wide_}, operations);
      case workload::random_tells:
        done_.begin(operations);
        cast_.scatter(producers.first, {base_actors, wide_}, operations);
        return operations;
    }
    return 0;
  }

  std::int64_t ask(way by, group whom, std::int64_t operations) {
    cast_.ask(by, whom, operations);
    return operations;
  }
  std::int64_t spread(group to, std::int64_t each, bool hard) {
    done_.begin(to.count);
    for (std::uint32_t i = to.first; i != to.first + to.count; ++i) cast_.expect(i, each, 0, 0);
    cast_.spread(producers.first, to, each, hard);
    return each * to.count;
  }

  const std::uint32_t wide_;
  countdown done_;
  Cast cast_;
};

}  // namespace bench
