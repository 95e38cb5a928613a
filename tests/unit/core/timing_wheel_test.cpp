#include "core/timing_wheel.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using internal::timing_wheel;

struct entry final : internal::wheel_entry {};

/// A wheel beside the ordered map that it stands for.
class pair_of_both {
 public:
  void start(steady_time when) {
    entry& added = spare_.empty() ? entries_.emplace_back() : *spare_.back();
    if (!spare_.empty()) spare_.pop_back();
    wheel_.insert(added, when);
    expected_.emplace(when, &added);
    EXPECT_LE(wheel_.next(), expected_.begin()->first);
  }

  /// Cancels the entry of an index.
  void cancel(std::size_t index) {
    if (expected_.empty()) return;
    const auto which = std::next(expected_.begin(), static_cast<std::ptrdiff_t>(index % expected_.size()));
    EXPECT_TRUE(wheel_.erase(*which->second));
    EXPECT_FALSE(wheel_.erase(*which->second));
    spare_.push_back(which->second);
    expected_.erase(which);
  }

  /// Takes what is due; at most `limit`.
  void take(steady_time now, std::size_t limit) {
    for (std::size_t taken = 0; taken < limit;) {
      check_next();
      const timing_wheel::taken found = wheel_.take_due(now);
      if (found.entry == nullptr && found.more) continue;
      if (found.entry == nullptr) {
        ASSERT_TRUE(expected_.empty() || expected_.begin()->first > now) << "one that is due was not taken";
        return;
      }
      ASSERT_FALSE(expected_.empty());
      ASSERT_EQ(found.entry, expected_.begin()->second) << "another one is due before";
      ASSERT_LE(found.entry->when(), now) << "too early";
      spare_.push_back(expected_.begin()->second);
      expected_.erase(expected_.begin());
      ++taken;
    }
  }

  void check_next() const {
    ASSERT_EQ(wheel_.size(), expected_.size());
    ASSERT_EQ(wheel_.first_due().has_value(), !expected_.empty());
    if (expected_.empty()) {
      ASSERT_EQ(wheel_.next(), steady_time::max());
    } else {
      ASSERT_EQ(*wheel_.first_due(), expected_.begin()->first);
      ASSERT_LE(wheel_.next(), expected_.begin()->first);
    }
  }

  /// The wheel's own lower bound, where no entry was erased.
  [[nodiscard]] steady_time next() const { return wheel_.next(); }
  [[nodiscard]] steady_time first() const { return expected_.begin()->first; }
  [[nodiscard]] std::size_t size() const { return expected_.size(); }
  [[nodiscard]] timing_wheel& wheel() { return wheel_; }

 private:
  timing_wheel wheel_;
  std::multimap<steady_time, entry*> expected_;  // of equal times the one that was inserted first comes first
  std::deque<entry> entries_;
  std::vector<entry*> spare_;
};

/// Spans from nothing to centuries, each order of magnitude as likely as any other.
class random_span {
 public:
  explicit random_span(std::uint64_t seed) : random_(seed) {}
  std::chrono::nanoseconds operator()() {
    const unsigned bits = static_cast<unsigned>(random_() % 61);
    return std::chrono::nanoseconds(random_() & ((std::uint64_t{1} << bits) - 1));
  }
  std::uint64_t next() { return random_(); }

 private:
  std::mt19937_64 random_;
};

/// At most the last time there is, and at least the first.
steady_time moved(steady_time from, std::chrono::nanoseconds by) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(from.time_since_epoch().count(), by.count(), &sum)) {
    return steady_time(std::chrono::nanoseconds(sum));
  }
  return by.count() < 0 ? steady_time::min() : steady_time::max();
}

TEST(TimingWheel, RingsInTheOrderOfTheMapItReplaces) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_span random(seed);
    pair_of_both both;
    steady_time now = seed % 3 == 0 ? steady_time() : steady_time(random() - random());
    for (int i = 0; i < 4000 && !::testing::Test::HasFailure(); ++i) {
      switch (random.next() % 16) {
        case 0:
          both.start(steady_time::max());
          break;
        case 1:
          both.start(steady_time::min());
          break;
        case 2:
          both.start(now);
          break;
        case 3:
          both.start(moved(now, -random()));
          break;
        case 4:
        case 5:
        case 6:
          both.cancel(random.next());
          break;
        case 7:
          both.take(now, 1 + random.next() % 4);
          break;
        case 8:
        case 9: {
          const std::chrono::nanoseconds step = seed % 2 == 0 ? random() : random() % 100ms;
          now = moved(now, step);
          both.take(now, random.next() % 8 == 0 ? 3 : 100'000);
          break;
        }
        case 10:
          if (both.size() != 0 && both.first() > now) now = both.first();  // as the virtual clock does
          both.take(now, 100'000);
          break;
        case 11: {
          const steady_time at = moved(now, random() % 65'536ns);
          for (int n = 0; n < 20; ++n) both.start(moved(at, random() % 1000ns));  // in one slot, in any order
          break;
        }
        default:
          both.start(moved(now, random()));
      }
    }
    both.take(steady_time::max(), 1'000'000);
    both.check_next();
    ASSERT_EQ(both.size(), 0U);
  }
}

TEST(TimingWheel, KnowsTheExactTimeOfTheFirstUnlessOneBeforeItWasErased) {
  random_span random(7);
  pair_of_both both;
  for (int i = 0; i < 2000; ++i) both.start(steady_time(random()));
  while (both.size() != 0) {
    ASSERT_EQ(both.next(), both.first());
    both.take(both.first(), 1);
  }
}

TEST(TimingWheel, TimeOfAnErasedOneIsPassedOnce) {
  timing_wheel wheel;
  entry first;
  entry second;
  wheel.insert(first, steady_time(10h));
  wheel.insert(second, steady_time(10h + 5min));
  wheel.erase(first);
  ASSERT_EQ(wheel.next(), steady_time(10h));
  while (wheel.take_due(steady_time(10h)).more) {
  }
  EXPECT_EQ(wheel.next(), steady_time(10h + 5min));
}

TEST(TimingWheel, JumpOverYearsTouchesOnlyWhatIsThere) {
  timing_wheel wheel;
  entry lone;
  steady_time now;
  for (int i = 0; i < 1000; ++i) {
    wheel.insert(lone, now + std::chrono::hours(24 * 30));
    int steps = 0;
    now += std::chrono::hours(24 * 365 / 10);
    for (timing_wheel::taken found; found.entry == nullptr; ++steps) {
      found = wheel.take_due(now);
      ASSERT_TRUE(found.entry != nullptr || found.more);
    }
    ASSERT_LE(steps, 8);
  }
}

TEST(TimingWheel, ManyAreMovedAPortionAtATimeAndMayBeErasedMeanwhile) {
  timing_wheel wheel;
  std::deque<entry> many(10'000);
  for (std::size_t i = 0; i < many.size(); ++i) wheel.insert(many[i], steady_time(24h + i * 1ms));
  std::size_t portions = 0;
  std::size_t rung = 0;
  const steady_time now(24h + many.size() * 1ms);
  for (;;) {
    const timing_wheel::taken found = wheel.take_due(now);
    if (found.more) {
      // One from the middle goes away while the slot that it lay in is being emptied, and another comes.
      if (++portions == 3) {
        EXPECT_TRUE(wheel.erase(many[7'000]));
        wheel.insert(many[7'000], steady_time(24h + 9'999h));
      }
      continue;
    }
    if (found.entry == nullptr) break;
    if (rung == 7'000) ++rung;
    ASSERT_EQ(found.entry, &many[rung]);
    ++rung;
  }
  EXPECT_EQ(rung, many.size());
  EXPECT_GE(portions, 50U);
  EXPECT_EQ(wheel.take_any(), &many[7'000]);
  EXPECT_EQ(wheel.take_any(), nullptr);
}

}  // namespace
}  // namespace troupe::testing
