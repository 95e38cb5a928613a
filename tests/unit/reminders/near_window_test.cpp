#include "reminders/near_window.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "reminders/pace.hpp"

namespace troupe::internal {
namespace {

using namespace std::chrono_literals;

constexpr wall_time dawn{std::chrono::sys_days{std::chrono::year(2026) / 1 / 1} + 6h};
constexpr std::size_t page_size = 10;

/// The store's calendar, and the loop that reads it into a window.
class calendar {
 public:
  explicit calendar(near_window& window) : window_(window) {}

  void put(const std::string& key, wall_time due) { due_[key] = due; }
  void remove(const std::string& key) { due_.erase(key); }
  [[nodiscard]] bool holds(const std::string& key) const { return due_.contains(key); }

  /// Returns how many entries were read.
  std::size_t scan(near_window::scan what, wall_time now) {
    spi::due_query query = window_.begin_scan(what, now, page_size);
    std::size_t read = 0;
    for (bool more = true; more;) {
      const auto page = page_of(query);
      read += page.size();
      more = page.size() == query.limit;
      const wall_time read_to = page.empty() ? query.until : page.back().due;
      if (more) query.after = page.back();
      more = window_.take(page, read_to) && more;
    }
    window_.end_scan();
    return read;
  }

 private:
  [[nodiscard]] std::vector<spi::due_actor> page_of(const spi::due_query& query) const {
    std::vector<spi::due_actor> found;
    for (const auto& [key, due] : due_) {
      const spi::due_actor entry{{"seller", key}, due};
      const bool behind = !query.after || std::pair(due, entry.actor) > std::pair(query.after->due, query.after->actor);
      if (due <= query.until && behind) found.push_back(entry);
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return std::pair(a.due, a.actor) < std::pair(b.due, b.actor); });
    if (found.size() > query.limit) found.resize(query.limit);
    return found;
  }

  near_window& window_;
  std::map<std::string, wall_time> due_;
};

std::string name(int n) { return std::to_string(1000 + n); }

TEST(NearWindow, KnowsWhatIsDueWithinItsSpan) {
  near_window window({.span = 60s, .actors_max = 100});
  calendar store(window);
  store.put("near", dawn + 59s);
  store.put("far", dawn + 61s);
  EXPECT_EQ(store.scan(near_window::scan::all, dawn), 1U);
  EXPECT_EQ(window.next(), dawn + 59s);
  window.set({"seller", "soon"}, dawn + 1s);
  window.set({"seller", "later"}, dawn + 1h);
  EXPECT_EQ(window.size(), 2U) << "what is due behind the horizon is left to a scan";
}

TEST(NearWindow, ChangeDuringAScanIsNotLost) {
  near_window window({.span = 60s, .actors_max = 100});
  static_cast<void>(window.begin_scan(near_window::scan::all, dawn, page_size));
  window.set({"seller", "new"}, dawn + 30s);
  static_cast<void>(window.take({}, dawn + 60s));
  window.end_scan();
  EXPECT_EQ(window.next(), dawn + 30s);
}

TEST(NearWindow, HoldsTheNearestOfTooMany) {
  near_window window({.span = 60s, .actors_max = 20});
  calendar store(window);
  for (int n = 0; n < 1000; ++n) store.put(name(n), dawn + n * 10ms);
  EXPECT_LE(store.scan(near_window::scan::all, dawn), 40U) << "it read on after it was full";
  EXPECT_EQ(window.size(), 20U);
  EXPECT_FALSE(window.runs_low());
  EXPECT_EQ(window.take_due(dawn + 150ms, 99).size(), 16U);
  EXPECT_TRUE(window.runs_low());
}

TEST(NearWindow, ManyThatAreDueAtOneTimeAreAllFound) {
  near_window window({.span = 60s, .actors_max = 20});
  calendar store(window);
  for (int n = 0; n < 100; ++n) store.put(name(n), dawn);
  std::size_t fired = 0;
  for (int round = 0; round < 40 && fired < 100; ++round) {
    static_cast<void>(store.scan(window.runs_low() ? near_window::scan::rest : near_window::scan::all, dawn));
    for (const actor_id& actor : window.take_due(dawn, 7)) {
      store.remove(actor.key);
      ++fired;
    }
  }
  EXPECT_EQ(fired, 100U);
}

TEST(NearWindow, FiresEverythingInTimeWhateverIsSetAndRead) {
  // Seeded: registrations by this process and by others, scans of both kinds, a window that is much too small.
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    near_window window({.span = 2s, .actors_max = 8});
    calendar store(window);
    std::map<std::string, wall_time> waiting;
    wall_time now = dawn;
    wall_time scanned = dawn - 1h;
    for (int step = 0; step < 2000; ++step, now += 10ms) {
      if (random() % 2 == 0) {
        const std::string key = name(static_cast<int>(random() % 300));
        const wall_time due = now + std::chrono::milliseconds(random() % 5000);
        store.put(key, due);
        waiting[key] = due;
        window.set({"seller", key}, due);
      }
      if (now - scanned >= 500ms) {
        store.scan(near_window::scan::all, now);
        scanned = now;
      }
      for (int reads = 0; window.runs_low() && reads < 5; ++reads) store.scan(near_window::scan::rest, now);
      for (const actor_id& actor : window.take_due(now, 100)) {
        const auto due = waiting.find(actor.key);
        if (due == waiting.end() || due->second > now) continue;  // a knock on a door that nobody is behind
        waiting.erase(due);
        store.remove(actor.key);
      }
      for (const auto& [key, due] : waiting) {
        ASSERT_LE(now - due, 600ms) << "seed " << seed << ": " << key << " was forgotten in step " << step;
      }
    }
  }
}

TEST(Pace, LetsAsManyBeginAsTheRateSays) {
  pace rate(1000);
  steady_time now{1h};
  std::size_t begun = 0;
  for (int n = 0; n < 1000; ++n, now += 1ms) {
    const std::size_t ready = rate.ready(now);
    rate.take(ready);
    begun += ready;
  }
  EXPECT_GE(begun, 999U);
  EXPECT_LE(begun, 1051U) << "50 ms are saved up at most";
  EXPECT_EQ(rate.ready(now), 1U);
  rate.take(1);
  EXPECT_EQ(rate.ready(now), 0U);
  EXPECT_EQ(rate.next(), now + 1ms);
}

}  // namespace
}  // namespace troupe::internal
