#include "schedule/zone_rule.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {
namespace {

using std::chrono::seconds;

/// Reads a TZ string from its begin. Source: POSIX, "Other Environment Variables", TZ; RFC 8536, 3.3.1.
class rule_reader {
 public:
  explicit rule_reader(std::string_view text) : text_(text) {}

  std::optional<zone_rule> read() {
    zone_rule rule;
    auto standard = skip_name() ? take_time(24) : std::nullopt;
    if (!standard) return std::nullopt;
    rule.standard = -*standard;
    if (text_.empty()) return rule;
    if (!skip_name()) return std::nullopt;
    rule.changes = true;
    rule.daylight = rule.standard + std::chrono::hours(1);
    if (!text_.starts_with(',')) {
      auto daylight = take_time(24);
      if (!daylight) return std::nullopt;
      rule.daylight = -*daylight;
    }
    if (!take_change(rule.to_daylight) || !take_change(rule.to_standard) || !text_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::optional<int> take_number(int min, int max) {
    int number = 0;
    std::size_t digits = 0;
    for (; digits < std::min<std::size_t>(text_.size(), 4); ++digits) {
      if (text_[digits] < '0' || text_[digits] > '9') break;
      number = number * 10 + (text_[digits] - '0');
    }
    text_.remove_prefix(digits);
    if (digits == 0 || number < min || number > max) return std::nullopt;
    return number;
  }

  bool skip_name() {
    const bool bracketed = take('<');
    auto is_part = [bracketed](char c) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      return letter || (bracketed && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
    };
    const auto size = static_cast<std::size_t>(std::find_if_not(text_.begin(), text_.end(), is_part) - text_.begin());
    text_.remove_prefix(size);
    return size >= 3 && (!bracketed || take('>'));
  }

  /// [+-]hh[:mm[:ss]]
  std::optional<seconds> take_time(int hours_max) {
    const bool negative = take('-');
    if (!negative) take('+');
    const auto hours = take_number(0, hours_max);
    if (!hours) return std::nullopt;
    seconds result = std::chrono::hours(*hours);
    for (int unit : {60, 1}) {
      if (!take(':')) break;
      const auto part = take_number(0, 59);
      if (!part) return std::nullopt;
      result += seconds(*part * unit);
    }
    return negative ? -result : result;
  }

  bool take_change(yearly_change& change) {
    return take(',') && (take('M') ? take_weekday(change) : take_day(change)) && take_time_of(change);
  }

  bool take_weekday(yearly_change& change) {
    const auto month = take_number(1, 12);
    const auto week = month && take('.') ? take_number(1, 5) : std::nullopt;
    const auto weekday = week && take('.') ? take_number(0, 6) : std::nullopt;
    if (!weekday) return false;
    change.month = static_cast<unsigned>(*month);
    change.week = static_cast<unsigned>(*week);
    change.weekday = static_cast<unsigned>(*weekday);
    return true;
  }

  bool take_day(yearly_change& change) {
    const bool without_leap = take('J');
    const auto day = take_number(without_leap ? 1 : 0, 365);
    if (!day) return false;
    change.by = without_leap ? yearly_change::kind::day_without_leap : yearly_change::kind::day_with_leap;
    change.day = *day;
    return true;
  }

  bool take_time_of(yearly_change& change) {
    if (!take('/')) return true;
    const auto time = take_time(167);
    if (time) change.time = *time;
    return time.has_value();
  }

  std::string_view text_;
};

}  // namespace

std::chrono::local_seconds yearly_change::in(std::chrono::year year) const noexcept {
  using namespace std::chrono;
  local_days date{};
  switch (by) {
    case kind::weekday_of_month:
      if (week == 5) {
        date = local_days(year / std::chrono::month(month) / std::chrono::weekday(weekday)[last]);
      } else {
        date = local_days(year / std::chrono::month(month) / std::chrono::weekday(weekday)[week]);
      }
      break;
    case kind::day_without_leap:  // 1 to 365, February 29 is not counted
      date = local_days(year / January / 1) + days(day - 1 + (year.is_leap() && day >= 60 ? 1 : 0));
      break;
    case kind::day_with_leap:  // 0 to 365
      date = local_days(year / January / 1) + days(day);
      break;
  }
  return date + time;
}

std::array<offset_change, 2> zone_rule::in(std::chrono::year year) const noexcept {
  const auto begin = to_daylight.in(year).time_since_epoch() - standard;
  const auto end = to_standard.in(year).time_since_epoch() - daylight;
  std::array<offset_change, 2> result{offset_change{std::chrono::sys_seconds(begin), daylight},
                                      offset_change{std::chrono::sys_seconds(end), standard}};
  if (end < begin) std::swap(result[0], result[1]);
  return result;
}

std::optional<zone_rule> parse_zone_rule(std::string_view text) { return rule_reader(text).read(); }

}  // namespace troupe::internal
