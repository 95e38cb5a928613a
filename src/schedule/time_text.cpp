#include "troupe/schedule/time_text.hpp"

#include <array>
#include <cstdio>
#include <optional>

#include "schedule/calendar_limits.hpp"
#include "schedule/text_reader.hpp"
#include "schedule/zone_shelf.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view form = "a time is written like 2026-12-24T18:00:00Z or 2026-12-24T18:00[Europe/Berlin]";

/// Reads exactly `digits` digits, a number from `min` to `max`.
int take_digits(text_reader& reader, int digits, const char* name, int min, int max) {
  const auto begin = reader.at();
  int number = 0;
  for (int i = 0; i < digits; ++i) {
    if (!reader.at_digit()) {
      reader.fail_here("the " + std::string(name) + " must have " + std::to_string(digits) + " digits",
                       std::string(form));
    }
    number = number * 10 + (reader.peek() - '0');
    reader.go_to(reader.at() + 1);
  }
  if (number < min || number > max) {
    reader.fail(begin, "the " + std::string(name) + ' ' + std::string(reader.from(begin)) + " is not in " +
                           std::to_string(min) + " to " + std::to_string(max));
  }
  return number;
}

void expect(text_reader& reader, char c, const char* behind) {
  if (!reader.take(c)) {
    reader.fail_here(std::string("a '") + c + "' is expected behind " + behind + ", not " + reader.seen(),
                     std::string(form));
  }
}

std::chrono::local_days take_date(text_reader& reader) {
  using namespace std::chrono;
  const auto y = take_digits(reader, 4, "year", 1, 9999);
  expect(reader, '-', "the year");
  const auto m = take_digits(reader, 2, "month", 1, 12);
  expect(reader, '-', "the month");
  const auto begin = reader.at();
  const auto d = take_digits(reader, 2, "day", 1, 31);
  const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
  if (!date.ok()) {
    const auto last = static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day());
    reader.fail(begin, "the month has no day " + std::to_string(d), "its last is " + std::to_string(last));
  }
  return local_days(date);
}

milliseconds take_fraction(text_reader& reader) {
  const auto begin = reader.at();
  if (!reader.at_digit()) reader.fail_here("digits are expected behind the point, not " + reader.seen());
  milliseconds result{0};
  for (int unit = 100; reader.at_digit(); unit /= 10) {
    result += milliseconds((reader.peek() - '0') * unit);
    if (unit == 0 && reader.peek() != '0')
      reader.fail(begin, "the time is finer than 1 ms", "round it to milliseconds");
    reader.go_to(reader.at() + 1);
  }
  return result;
}

milliseconds take_time_of_day(text_reader& reader) {
  using namespace std::chrono;
  milliseconds result = hours(take_digits(reader, 2, "hour", 0, 23));
  expect(reader, ':', "the hour");
  result += minutes(take_digits(reader, 2, "minute", 0, 59));
  if (!reader.take(':')) return result;
  if (reader.rest().starts_with("60"))
    reader.fail_here("leap seconds are not counted", "write second 59, or the next minute");
  result += seconds(take_digits(reader, 2, "second", 0, 59));
  if (reader.take('.')) result += take_fraction(reader);
  return result;
}

/// What stands behind the time of day: nothing, `Z`, or an offset.
struct offset_text {
  std::size_t at = 0;
  std::optional<std::chrono::seconds> offset{};
  bool binds_zone = false;  ///< the zone must have it. RFC 9557, 2.2: not so for Z and -00:00
};

offset_text take_offset(text_reader& reader) {
  using namespace std::chrono;
  offset_text result{reader.at()};
  if (reader.take('Z') || reader.take('z')) {
    result.offset = seconds(0);
  } else if (reader.peek() == '+' || reader.peek() == '-') {
    const bool west = reader.take('-');
    if (!west) reader.take('+');
    seconds offset = hours(take_digits(reader, 2, "offset's hour", 0, 23));
    expect(reader, ':', "the offset's hour");
    offset += minutes(take_digits(reader, 2, "offset's minute", 0, 59));
    result.offset = west ? -offset : offset;
    result.binds_zone = !(west && offset == seconds(0));
  }
  return result;
}

/// The zone in brackets, if there is one.
std::shared_ptr<const zone> take_zone(text_reader& reader) {
  if (!reader.take('[')) return nullptr;
  reader.take('!');
  const auto begin = reader.at();
  while (!reader.at_end() && reader.peek() != ']') reader.go_to(reader.at() + 1);
  const auto name = reader.from(begin);
  if (!reader.take(']')) reader.fail_here("a ']' is missing");
  if (name.find('=') != std::string_view::npos) reader.fail(begin, "only a time zone is understood in brackets");
  try {
    return find_zone(name);
  } catch (const error& unknown) {
    reader.fail(begin, unknown.what());
  }
}

std::string offset_in_words(std::chrono::seconds offset) {
  std::array<char, 16> text{};
  const auto minutes = std::chrono::abs(offset).count() / 60;
  std::snprintf(text.data(), text.size(), "%c%02d:%02d", offset.count() < 0 ? '-' : '+',
                static_cast<int>(minutes / 60 % 100), static_cast<int>(minutes % 60));
  return text.data();
}

std::string local_in_words(local_ms time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string result = text.data();
  if (clock.subseconds().count() != 0) {
    std::snprintf(text.data(), text.size(), ".%03d", static_cast<int>(clock.subseconds().count()));
    result += text.data();
  }
  return result;
}

}  // namespace
}  // namespace troupe::internal

namespace troupe {

wall_time parse_time(std::string_view text, std::string_view zone_name) {
  using namespace internal;
  text_reader reader("time", text);
  auto zone = find_zone(zone_name);
  local_ms local = take_date(reader);
  offset_text offset;
  if (reader.take('T') || reader.take('t') || reader.take(' ')) {
    local += take_time_of_day(reader);
    offset = take_offset(reader);
  }
  if (auto own = take_zone(reader)) {
    zone = std::move(own);
  } else if (offset.offset) {
    zone = find_zone("UTC");
    offset.binds_zone = false;
  }
  if (!reader.at_end()) reader.fail_here("nothing is expected here, but there is " + reader.seen(), std::string(form));
  const auto result = offset.offset ? wall_time(local.time_since_epoch() - *offset.offset) : zone->find(local).at;
  if (offset.binds_zone) {
    const auto actual = zone->at(std::chrono::floor<std::chrono::seconds>(result)).offset;
    if (actual != *offset.offset) {
      reader.fail(offset.at, zone->name() + " has the offset " + offset_in_words(actual) + " then",
                  "leave the offset out, or the zone");
    }
  }
  if (result < time_min || result > time_max) reader.fail(0, "the time is outside the years 0001 to 9999 in UTC");
  return result;
}

std::string format_time(wall_time time, std::string_view zone_name) {
  using namespace internal;
  const auto zone = find_zone(zone_name);
  if (time < time_min || time > time_max) {
    throw error(errc::invalid_argument, "time: " + std::to_string(time.time_since_epoch().count()) +
                                            " ms since 1970 is outside the years 0001 to 9999");
  }
  if (zone->name() == "UTC") return local_in_words(local_ms(time.time_since_epoch())) + 'Z';
  const auto suffix = '[' + zone->name() + ']';
  const auto local = zone->to_local(time);
  const auto offset = zone->at(std::chrono::floor<std::chrono::seconds>(time)).offset;
  // RFC 9557: an offset with seconds, as local mean time had it, or a year beyond 9999, cannot be written; UTC with the
  // zone can.
  const bool writable = offset.count() % 60 == 0 && local_ms(time_min.time_since_epoch()) <= local &&
                        local <= local_ms(time_max.time_since_epoch());
  if (!writable) return local_in_words(local_ms(time.time_since_epoch())) + 'Z' + suffix;
  return local_in_words(local) + offset_in_words(offset) + suffix;
}

}  // namespace troupe
