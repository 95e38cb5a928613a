#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

namespace troupe::internal {

/// The day and time at which a zone's clock changes each year.
struct yearly_change {
  enum class kind { weekday_of_month, day_without_leap, day_with_leap };
  kind by = kind::weekday_of_month;
  unsigned month = 1;    ///< 1 to 12
  unsigned week = 1;     ///< 1 to 5; 5 is the last
  unsigned weekday = 0;  ///< 0 is Sunday
  int day = 0;           ///< day of the year
  std::chrono::seconds time = std::chrono::hours(2);

  /// The local time of the change.
  [[nodiscard]] std::chrono::local_seconds in(std::chrono::year year) const noexcept;
};

/// A change of a zone's offset.
struct offset_change {
  std::chrono::sys_seconds at;
  std::chrono::seconds offset;
};

/// What holds for a zone after the last change that its file has: the footer of RFC 8536, which is a POSIX TZ string.
struct zone_rule {
  std::chrono::seconds standard{0};
  std::chrono::seconds daylight{0};
  bool changes = false;  ///< whether there is daylight saving
  yearly_change to_daylight{};
  yearly_change to_standard{};

  /// The changes of a year, in order. Requires: `changes`.
  [[nodiscard]] std::array<offset_change, 2> in(std::chrono::year year) const noexcept;
};

/// Reads a TZ string; nullopt: it is not one.
[[nodiscard]] std::optional<zone_rule> parse_zone_rule(std::string_view text);

}  // namespace troupe::internal
