#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/schedule/duration.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {
struct calendar_rule;
}

namespace troupe {

/// Longest text of a schedule, in bytes.
inline constexpr std::size_t schedule_text_bytes_max = 1024;

/// A rule that says when ticks are due, once the first one is known: a fixed period, a calendar span, or a cron
/// expression in a time zone. It reads no clock.
///
/// The ticks of a schedule are its `anchor`, which is the first one, and all times of the rule after it, up to the end
/// of the year 9999. Functions that take an anchor count no repetitions: that is left to who fires the ticks.
///
/// A local time that the zone's clock skips is the end of the gap, and several of those are one tick; one that happens
/// twice is the first. A cron expression for every hour goes by what the clock shows instead, see `cron`.
/// Thread-safety: any thread. Size: 32 bytes, a copy allocates nothing.
class schedule {
 public:
  /// Every `period`, in real time. Throws `error{errc::invalid_argument}` unless it is from 1 ms to `duration_max`.
  [[nodiscard]] static schedule every(std::chrono::milliseconds period);

  /// Every `span` by the calendar of `zone`: months and days keep the local time of the anchor, and a day that a month
  /// does not have is its last one. The n-th tick is n spans from the anchor: January 31, February 28, March 31.
  /// Throws as above, also for an unknown zone.
  [[nodiscard]] static schedule every(const calendar_span& span, std::string_view zone = "UTC");

  /// By five fields (minute, hour, day of month, month, day of week) or six (second first), in the local time of
  /// `zone`.
  ///
  /// A field is a list of `*`, a value or a range `a-b`, each with a step behind `/` if wanted; `a/n` is from a on. `?`
  /// is `*`. Months and days of the week have English names of three letters; Sunday is 0 and 7. `L` is the last day of
  /// the month, `FRI#2` the second Friday, `FRIL` the last. When day of month and day of week are both restricted (are
  /// not `*`), either is enough. Where the hour field has every hour, ticks are whenever the local clock shows a time
  /// that fits: none in a gap, and in both of two hours that look alike.
  /// Throws `error{errc::invalid_argument}`, whose message points at the character, also for what never happens.
  /// Source: Vixie cron; for daylight saving, what its man page in Debian says of jobs at a specific time and of
  /// others.
  [[nodiscard]] static schedule cron(std::string_view expression, std::string_view zone = "UTC");

  /// Reads any of: a duration or span ("1h30m", "PT90M", "P1M"); one with a number of ticks, the first one included
  /// ("R5/PT1H", "R/P1D" without end; as Dapr reads it, where ISO 8601 may mean one more); a cron expression;
  /// "@every 1h30m"; "@yearly" or "@annually", "@monthly", "@weekly", "@daily" or "@midnight", "@hourly".
  /// "CRON_TZ=Europe/Berlin " or "TZ=..." before it takes the place of `zone`.
  /// Throws `error{errc::invalid_argument}`, whose message points at the character.
  [[nodiscard]] static schedule parse(std::string_view text, std::string_view zone = "UTC");

  schedule(const schedule&) = default;
  schedule& operator=(const schedule&) = default;
  ~schedule() = default;

  /// How many ticks the text asked for in all, the first one included; nullopt: without end.
  [[nodiscard]] std::optional<std::uint64_t> repetitions() const noexcept;

  /// The first tick when nobody gives one: the first one of the rule later than `now`; for a period, `now` and a
  /// period.
  [[nodiscard]] std::optional<wall_time> first(wall_time now) const;

  /// The first tick later than `after`; nullopt: there is none up to the year 9999.
  /// Complexity: constant for a fixed period, for others a few microseconds; never by the time that lies between.
  [[nodiscard]] std::optional<wall_time> next(wall_time anchor, wall_time after) const;

  /// The latest tick at or before `at` that is later than `from`. Complexity: as `next`.
  [[nodiscard]] std::optional<wall_time> last(wall_time anchor, wall_time from, wall_time at) const;

  /// How many ticks are later than `from` and not later than `to`; counts to `limit` at most.
  /// Complexity: constant for a fixed period, for others that of `next` for each tick counted.
  [[nodiscard]] std::uint64_t count(wall_time anchor, wall_time from, wall_time to, std::uint64_t limit) const;

  /// The rule in words that `parse(text(), zone())` reads back as an equal schedule.
  [[nodiscard]] std::string text() const;

  /// The time zone of the rule; "UTC" for a fixed period. Lifetime: that of this schedule.
  [[nodiscard]] std::string_view zone() const noexcept;

  /// The time between ticks, where it is always the same: periods, and spans of days in UTC.
  [[nodiscard]] std::optional<std::chrono::milliseconds> period() const noexcept;

  /// Whether both were made from the same rule, however it was written.
  friend bool operator==(const schedule& a, const schedule& b);

 private:
  schedule(std::chrono::milliseconds period, std::uint64_t repetitions,
           std::shared_ptr<const internal::calendar_rule> rule) noexcept;

  std::chrono::milliseconds period_;                     ///< 0: the ticks are not evenly apart
  std::uint64_t repetitions_;                            ///< 0: without end
  std::shared_ptr<const internal::calendar_rule> rule_;  ///< null: a fixed period
};

}  // namespace troupe
