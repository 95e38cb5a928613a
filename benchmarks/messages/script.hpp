#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "countdown.hpp"
#include "messages/ids.hpp"

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
inline constexpr std::uint32_t base_actors = 231;  ///< those of `fan_out` follow, then those that are made

/// How an actor asks others, and they answer.
enum class way : std::uint8_t {
  plain,
  coroutine,  ///< the answering handler is one
  pair,       ///< two at a time
  by_id,      ///< one that is found by its id
};

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

/// One of a group, at random.
class draw {
 public:
  explicit draw(std::uint32_t seed) noexcept : random_(seed) {}
  [[nodiscard]] std::uint32_t from(group of) noexcept {
    random_ = random_ * 1664525U + 1013904223U;
    return of.first + static_cast<std::uint32_t>((std::uint64_t{random_} * of.count) >> 32U);
  }

 private:
  std::uint32_t random_;
};

/// What an actor does with a message, whichever library brings it. `Out` sends messages: each is the member of `script`
/// of the same name, with the receiver's index first; `ping_id` has the receiver's id there.
class script {
 public:
  script(std::uint32_t index, countdown& done) noexcept : index_(index), random_(index + 1), done_(done) {}

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
  void hit() noexcept { done_.one_done(); }
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
  void scatter(Out&& out, group to, std::int64_t left) {
    const std::int64_t now = std::min<std::int64_t>(left, 1'000);
    for (std::int64_t i = 0; i < now; ++i) out.hit(random_.from(to));
    if (left == now) return;
    // Another goes on, behind those that were told.
    const std::uint32_t next = index_ + 1 == producers.first + producers.count ? producers.first : index_ + 1;
    out.scatter(next, to, left - now);
  }
  template <class Out>
  void volley(Out&& out, std::int64_t trips, group with, way by) {
    left_ = trips;
    window_ = trips;
    with_ = with;
    ask(out, by);
  }
  template <class Out>
  void ping(Out&& out, std::uint32_t from, way by) {
    out.pong(from, by);
  }
  template <class Out>
  void pong(Out&& out, way by) {
    if (--left_ == 0) {
      done_.one_done();
    } else if (by != way::pair || left_ % 2 == 0) {
      ask(out, by);
    }
  }
  void finish() noexcept { done_.one_done(); }

 private:
  template <class Out>
  void ask(Out&& out, way by) {
    switch (by) {
      case way::plain:
      case way::coroutine:
        return out.ping(random_.from(with_), index_, by);
      case way::pair:
        out.ping(with_.first, index_, by);
        return out.ping(with_.first + 1, index_, by);
      case way::by_id:
        return out.ping_id(id_of(window_ - left_, window_).view(), index_);
    }
  }

  const std::uint32_t index_;
  std::uint32_t source_ = 0;
  draw random_;
  group with_{};
  std::int64_t left_ = 1;
  std::int64_t window_ = 0;
  countdown& done_;
};

inline constexpr std::int64_t tree_branches = 10;

/// What an actor of the tree does. `Out` makes its children (`grow_child`) and answers its parent (`answer`).
class tree_script {
 public:
  template <class Out>
  void grow(Out&& out, std::int64_t first, std::int64_t leaves) {
    if (leaves == 1) return out.answer(first);
    left_ = tree_branches;
    const std::int64_t each = leaves / tree_branches;
    for (std::int64_t i = 0; i < tree_branches; ++i) out.grow_child(first + i * each, each);
  }
  template <class Out>
  void add(Out&& out, std::int64_t value) {
    sum_ += value;
    if (--left_ == 0) out.answer(sum_);
  }

 private:
  std::int64_t left_ = 0;
  std::int64_t sum_ = 0;
};

}  // namespace bench
