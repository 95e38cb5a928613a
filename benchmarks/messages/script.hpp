#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "countdown.hpp"
#include "messages/workload.hpp"

namespace bench {

/// Some neighbouring actors.
struct group {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

inline constexpr group pair_group{0, 2};
inline constexpr group ring_group{2, 100};
inline constexpr group counters{102, 1};
inline constexpr group producers{103, 8};
inline constexpr group big_group{111, 120};
inline constexpr std::uint32_t base_actors = 231;  ///< those of `fan_out` follow, then those that `create` makes

inline constexpr std::uint32_t next_of(std::uint32_t index) noexcept {
  const group in = index < pair_group.count ? pair_group : ring_group;
  return index + 1 == in.first + in.count ? in.first : index + 1;
}

/// Computes for about 0.4 us.
inline void toil() noexcept {
  std::uint64_t x = 88172645463325252ULL;
  for (int i = 0; i < 190; ++i) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    asm volatile("" : "+r"(x));
  }
}

/// What an actor does with a message, whichever library brings it. `Out` sends messages: each is the member of `script`
/// of the same name, with the receiver's index first.
class script {
 public:
  script(std::uint32_t index, countdown& done) noexcept : index_(index), done_(done) {}

  void expect(std::int64_t count, std::int64_t window, std::uint32_t source) noexcept {
    left_ = count;
    window_ = window;
    source_ = source;
  }
  template <class Out>
  void hop(Out&& out, std::int64_t left) {
    if (left == 0) {
      done_.one_done();
    } else {
      out.hop(next_of(index_), left - 1);
    }
  }
  template <class Out>
  void item(Out&& out) {
    if (--left_ == 0) {
      done_.one_done();
    } else if (window_ != 0 && left_ % window_ == 0) {
      out.produce(source_, index_, window_);
    }
  }
  template <class Out>
  void hard_item(Out&& out) {
    toil();
    item(out);
  }
  template <class Out>
  void produce(Out&& out, std::uint32_t to, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) out.item(to);
  }
  template <class Out>
  void spread(Out&& out, group to, std::int64_t each, bool hard) {
    for (std::int64_t n = 0; n < each; ++n) {
      for (std::uint32_t i = to.first; i != to.first + to.count; ++i) {
        if (hard) {
          out.hard_item(i);
        } else {
          out.item(i);
        }
      }
    }
  }
  template <class Out>
  void volley(Out&& out, std::int64_t trips, group with) {
    left_ = trips;
    with_ = with;
    random_ = index_ + 1;
    out.ping(drawn(), index_);
  }
  template <class Out>
  void ping(Out&& out, std::uint32_t from) {
    out.pong(from);
  }
  template <class Out>
  void pong(Out&& out) {
    if (--left_ == 0) {
      done_.one_done();
    } else {
      out.ping(drawn(), index_);
    }
  }
  void finish() noexcept { done_.one_done(); }

 private:
  [[nodiscard]] std::uint32_t drawn() noexcept {
    random_ = random_ * 1664525U + 1013904223U;
    return with_.first + static_cast<std::uint32_t>((std::uint64_t{random_} * with_.count) >> 32U);
  }

  const std::uint32_t index_;
  std::uint32_t source_ = 0;
  std::uint32_t random_ = 1;
  group with_{};
  std::int64_t left_ = 1;
  std::int64_t window_ = 0;
  countdown& done_;
};

/// Plays the workloads with a library's `Cast`: `Cast(threads, actors, done)` makes actors 0 to `actors - 1`; its
/// members send from outside, each taken in at once; `ask` has actor 0 call actor 1 so many times, then finish.
template <class Cast>
class played final : public contestant {
 public:
  played(std::size_t threads, std::size_t wide)
      : wide_(static_cast<std::uint32_t>(wide)), cast_(threads, base_actors + wide_, done_) {}

  std::int64_t run(workload what, std::int64_t operations) override {
    const std::int64_t done = play(what, operations);
    done_.wait();
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
        cast_.ask(operations);
        return operations;
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
    }
    return 0;
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
