#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace troupe {

/// Longest duration that is read or written: 1,000 years of 365.2425 days.
inline constexpr std::chrono::milliseconds duration_max = std::chrono::years(1000);

/// A span with calendar units, as ISO 8601 has it. Months and days are added by the calendar of a time zone, `time` by
/// the clock: a day may have 23 hours, a month 28 days. A year is 12 months, a week 7 days.
struct calendar_span {
  int months = 0;
  int days = 0;
  std::chrono::milliseconds time{0};

  friend bool operator==(const calendar_span&, const calendar_span&) = default;
};

/// Reads "1h30m", "1.5s", "250ms" (units ns, us, µs, ms, s, m, h, as Go writes them; "0" needs none), or ISO 8601
/// without years and months: "PT1H30M", "PT0.25S", "P1DT2H", "P2W". A day is 24 hours here. Throws
/// `error{errc::invalid_argument}`, whose message points at the character: no duration, a sign, a part finer than 1 ms,
/// more than `duration_max`. Thread-safety: any thread.
[[nodiscard]] std::chrono::milliseconds parse_duration(std::string_view text);

/// Reads what `parse_duration` does, and years and months as well: "P1Y2M3DT4H5M6.789S". Days and weeks stay days.
[[nodiscard]] calendar_span parse_calendar_span(std::string_view text);

/// Writes a duration in hours, minutes and seconds: "PT26H", "PT0.25S", "PT0S"; `parse_duration` reads it back.
/// Throws `error{errc::invalid_argument}` for one that is negative or beyond `duration_max`.
[[nodiscard]] std::string to_iso_duration(std::chrono::milliseconds duration);

/// Writes a span: "P1Y2M3DT4H5M6.789S"; `parse_calendar_span` reads it back. Throws as above.
[[nodiscard]] std::string to_iso_duration(const calendar_span& span);

}  // namespace troupe
