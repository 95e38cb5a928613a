#include "schedule/cron_fields.hpp"

#include <bit>

namespace troupe::internal {
namespace {

using namespace std::chrono;

/// A time of day.
struct day_time {
  int hour, minute, second;

  [[nodiscard]] seconds since_midnight() const { return hours(hour) + minutes(minute) + seconds(second); }
};

day_time split(seconds time) {
  const auto s = static_cast<int>(time.count());
  return {s / 3600, s / 60 % 60, s % 60};
}

/// The lowest bit of `bits` from `from` on; -1: none.
int first_from(std::uint64_t bits, int from) {
  if (from > 63) return -1;
  bits &= ~std::uint64_t{0} << from;
  return bits == 0 ? -1 : std::countr_zero(bits);
}

/// The highest bit of `bits` up to `to`; -1: none.
int last_to(std::uint64_t bits, int to) {
  if (to < 0) return -1;
  if (to < 63) bits &= (std::uint64_t{1} << (to + 1)) - 1;
  return bits == 0 ? -1 : 63 - std::countl_zero(bits);
}

int first_of(std::uint64_t bits) { return first_from(bits, 0); }
int last_of(std::uint64_t bits) { return last_to(bits, 63); }

std::optional<seconds> next_in_day(const cron_fields& fields, day_time from) {
  int hour = first_from(fields.hours, from.hour);
  if (hour < 0) return std::nullopt;
  if (hour == from.hour) {
    int minute = first_from(fields.minutes, from.minute);
    if (minute == from.minute) {
      const int second = first_from(fields.seconds, from.second);
      if (second >= 0) return day_time{hour, minute, second}.since_midnight();
      minute = first_from(fields.minutes, from.minute + 1);
    }
    if (minute >= 0) return day_time{hour, minute, first_of(fields.seconds)}.since_midnight();
    hour = first_from(fields.hours, from.hour + 1);
    if (hour < 0) return std::nullopt;
  }
  return day_time{hour, first_of(fields.minutes), first_of(fields.seconds)}.since_midnight();
}

std::optional<seconds> last_in_day(const cron_fields& fields, day_time to) {
  int hour = last_to(fields.hours, to.hour);
  if (hour < 0) return std::nullopt;
  if (hour == to.hour) {
    int minute = last_to(fields.minutes, to.minute);
    if (minute == to.minute) {
      const int second = last_to(fields.seconds, to.second);
      if (second >= 0) return day_time{hour, minute, second}.since_midnight();
      minute = last_to(fields.minutes, to.minute - 1);
    }
    if (minute >= 0) return day_time{hour, minute, last_of(fields.seconds)}.since_midnight();
    hour = last_to(fields.hours, to.hour - 1);
    if (hour < 0) return std::nullopt;
  }
  return day_time{hour, last_of(fields.minutes), last_of(fields.seconds)}.since_midnight();
}

bool has_month(const cron_fields& fields, year_month month) {
  return (fields.months >> static_cast<unsigned>(month.month()) & 1) != 0;
}

}  // namespace

std::uint32_t cron_fields::days_in(year_month month) const noexcept {
  const auto length = static_cast<unsigned>((month / std::chrono::last).day());
  const auto in_month = static_cast<std::uint32_t>(((std::uint64_t{1} << length) - 1) << 1);
  auto by_day = days;
  if (last_day) by_day |= 1U << length;
  if (any_day && any_weekday) return in_month;
  if (any_weekday) return by_day & in_month;

  std::uint32_t by_weekday = 0;
  auto weekday = std::chrono::weekday(sys_days(month / 1)).c_encoding();
  for (unsigned day = 1; day <= length; ++day, weekday = weekday == 6 ? 0 : weekday + 1) {
    const bool fits = (weekdays >> weekday & 1) != 0 || (nth_weekdays >> (8 * ((day - 1) / 7) + weekday) & 1) != 0 ||
                      (day + 7 > length && (last_weekdays >> weekday & 1) != 0);
    if (fits) by_weekday |= 1U << day;
  }
  return any_day ? by_weekday : (by_day | by_weekday) & in_month;
}

std::optional<local_seconds> cron_fields::next(local_seconds time) const noexcept {
  const auto today = floor<std::chrono::days>(time);
  const year_month_day date(today);
  for (auto month = date.year() / date.month(); month.year() <= year(10000); month += std::chrono::months(1)) {
    if (!has_month(*this, month)) continue;
    auto fitting = days_in(month);
    const bool is_first = month == date.year() / date.month();
    if (is_first) fitting &= ~std::uint32_t{0} << static_cast<unsigned>(date.day());
    for (; fitting != 0; fitting &= fitting - 1) {
      const local_days day(month / static_cast<int>(std::countr_zero(fitting)));
      const auto from = is_first && day == today ? split(time - today) : day_time{0, 0, 0};
      if (const auto in_day = next_in_day(*this, from)) return day + *in_day;
    }
  }
  return std::nullopt;
}

std::optional<local_seconds> cron_fields::last(local_seconds time) const noexcept {
  const auto today = floor<std::chrono::days>(time);
  const year_month_day date(today);
  for (auto month = date.year() / date.month(); month.year() >= year(0); month -= std::chrono::months(1)) {
    if (!has_month(*this, month)) continue;
    auto fitting = days_in(month);
    const bool is_last = month == date.year() / date.month();
    if (is_last) fitting &= static_cast<std::uint32_t>((std::uint64_t{2} << static_cast<unsigned>(date.day())) - 1);
    while (fitting != 0) {
      const int top = 31 - std::countl_zero(fitting);
      fitting &= ~(1U << top);
      const local_days day(month / top);
      const auto to = is_last && day == today ? split(time - today) : day_time{23, 59, 59};
      if (const auto in_day = last_in_day(*this, to)) return day + *in_day;
    }
  }
  return std::nullopt;
}

}  // namespace troupe::internal
