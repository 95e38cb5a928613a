#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include <unistd.h>

#include "troupe/troupe.hpp"

namespace troupe::bell_test {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

inline constexpr int bells = 6;

/// A periodic reminder that every bell has.
struct strike {
  std::string_view name;
  milliseconds shortest_period;  ///< the first bell's
  missed_ticks missed;
  std::uint64_t repetitions;  ///< 0: until it is cancelled
  bool fails;                 ///< every fourth tick fails twice before it is handled

  [[nodiscard]] milliseconds period(int bell) const { return shortest_period + bell * 7ms; }
};

inline constexpr std::array<strike, 5> strikes{{
    {"every", 20ms, missed_ticks::all, 0, false},
    {"outage", 25ms, missed_ticks::once, 0, false},
    {"cross", 60ms, missed_ticks::all, 0, true},
    {"counted", 65ms, missed_ticks::all, 40, false},
    {"rationed", 50ms, missed_ticks::once, 60, true},
}};

/// Every so many ticks of "every" set a reminder that fires once.
inline constexpr std::int64_t ticks_per_echo = 5;

/// The reminders that fire once: the odd ones have a handler of their own, the others fail twice.
inline std::string echo_name(std::uint64_t number) {
  return (number % 2 == 1 ? "echo/" : "stubborn/") + std::to_string(number);
}

/// What a bell keeps in one place; each tick is in its log besides.
struct book {
  std::int64_t first = 0;                         ///< when the first ticks are due, in ms since 1970
  std::map<std::string, std::uint64_t> ticks;     ///< handled so far, by reminder
  std::uint64_t echoes = 0;                       ///< reminders set that fire once
  std::map<std::string, std::int64_t> cancelled;  ///< when the next tick was due of those that were cancelled
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(book, first, ticks, echoes, cancelled)

/// A tick as it was handled.
struct heard_tick {
  std::string name;
  std::int64_t due = 0;
  unsigned missed = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(heard_tick, name, due, missed)

inline std::int64_t in_milliseconds(wall_time at) { return at.time_since_epoch() / 1ms; }

/// Sets its reminders once, and writes down each tick. Tells standard output of each that it handles: '.', or 'x' where
/// it fails.
class bell : public actor {
 public:
  static constexpr std::string_view actor_type = "bell";

  void begin() {
    const int number = std::stoi(std::string(key()));
    const wall_time first = now() + 20ms;
    book_.edit().first = in_milliseconds(first);
    for (const strike& each : strikes) {
      schedule_reminder(each.name, {.due_at = first,
                                    .period = each.period(number),
                                    .repetitions = each.repetitions,
                                    .missed = each.missed,
                                    .retry = tick_retry::constant(20ms, 5)});
    }
  }

  task<void> on_reminder(reminder_tick tick) override {
    hear({tick.name, in_milliseconds(tick.due), tick.missed}, fails(tick));
    co_return;
  }

  void echo(std::uint64_t number) { hear({echo_name(number)}, false); }

  /// Cancels what goes on without end as soon as none of it is overdue. Returns whether no reminder is left.
  bool end() {
    const auto list = reminders();
    if (!book_->cancelled.empty()) return list.empty();
    for (const reminder_info& each : list) {
      if (each.period != 0ms && !each.left && (each.due <= now() || each.failed != 0)) return false;
    }
    for (const reminder_info& each : list) {
      if (each.period == 0ms || each.left) continue;
      book_.edit().cancelled[each.name] = in_milliseconds(each.due);
      cancel_reminder(each.name);
    }
    return false;
  }

  using methods = troupe::methods<&bell::begin, &bell::echo, &bell::end>;

 private:
  [[nodiscard]] bool fails(const reminder_tick& tick) const {
    if (tick.attempt > 2) return false;
    if (tick.name.starts_with("stubborn/")) return true;
    const strike* of = find(tick.name);
    return of->fails && number_of(*of, in_milliseconds(tick.due)) % 4 == 3;
  }

  void hear(const heard_tick& tick, bool fails) {
    ++book_.edit().ticks[tick.name.substr(0, tick.name.find('/'))];
    heard_.append(tick);
    const strike* of = find(tick.name);
    if (of == &strikes[0] && number_of(*of, tick.due) % ticks_per_echo == 0) set_echo(++book_.edit().echoes);
    static_cast<void>(!::write(STDOUT_FILENO, fails ? "x" : ".", 1));
    if (fails) throw std::runtime_error("not now");
  }

  void set_echo(std::uint64_t number) {
    const reminder_schedule soon{.due_in = 30ms, .retry = tick_retry::constant(20ms, 5)};
    if (number % 2 == 1) {
      schedule_reminder<&bell::echo>(echo_name(number), soon, number);
    } else {
      schedule_reminder(echo_name(number), soon);
    }
  }

  static const strike* find(std::string_view name) {
    for (const strike& each : strikes) {
      if (each.name == name) return &each;
    }
    return nullptr;
  }

  /// Which tick of the reminder it is, from 0.
  [[nodiscard]] std::int64_t number_of(const strike& of, std::int64_t due) const {
    return (due - book_->first) / of.period(std::stoi(std::string(key()))).count();
  }

  state<book> book_{*this, "book"};
  log<heard_tick> heard_{*this, "heard"};
};

}  // namespace troupe::bell_test
