#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "schedule/text_reader.hpp"

namespace troupe::internal {

/// What the fields of a cron expression allow, a bit for each value.
struct cron_fields {
  std::uint64_t seconds = 1;
  std::uint64_t minutes = 0;
  std::uint32_t hours = 0;
  std::uint32_t days = 0;           ///< bits 1 to 31
  std::uint32_t months = 0;         ///< bits 1 to 12
  std::uint32_t weekdays = 0;       ///< bit 0 is Sunday
  std::uint32_t last_weekdays = 0;  ///< the last such day of the month
  std::uint64_t nth_weekdays = 0;   ///< bit 8 * (n - 1) + weekday: the n-th such day of the month
  bool last_day = false;            ///< the last day of the month
  bool any_day = false;             ///< the day of month is `*`
  bool any_weekday = false;         ///< the day of week is `*`

  friend bool operator==(const cron_fields&, const cron_fields&) = default;

  /// Whether all hours of the day are allowed.
  [[nodiscard]] bool every_hour() const noexcept { return hours == (1U << 24) - 1; }

  /// The days of a month that fit, bits 1 to 31.
  [[nodiscard]] std::uint32_t days_in(std::chrono::year_month month) const noexcept;

  /// The first local time not before `time` that fits; nullopt: none up to the year 10000.
  [[nodiscard]] std::optional<std::chrono::local_seconds> next(std::chrono::local_seconds time) const noexcept;

  /// The last local time not after `time` that fits; nullopt: none from the year 0 on.
  [[nodiscard]] std::optional<std::chrono::local_seconds> last(std::chrono::local_seconds time) const noexcept;
};

/// Reads an expression of five or six fields up to the end of the text; refuses one that never fits.
[[nodiscard]] cron_fields read_cron(text_reader& reader);

/// The expression as it was written, but with single blanks and capital letters.
[[nodiscard]] std::string tidy_cron(std::string_view expression);

}  // namespace troupe::internal
