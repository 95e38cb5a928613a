#include "troupe/schedule/duration.hpp"

#include <array>
#include <optional>
#include <utility>

#include "schedule/duration_text.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr long long ns_per_ms = 1'000'000;
constexpr std::string_view too_long = "longer than 1,000 years";
constexpr std::string_view notations = "a duration is written like 1h30m, 250ms or PT1H30M";

/// A sum of parts, kept exactly: whole milliseconds, and nanoseconds that do not make one yet.
struct exact_time {
  milliseconds whole{0};
  long long finer = 0;
};

/// A number as it was written: digits before and behind the point.
struct decimal {
  std::size_t at = 0;
  std::string_view digits;
  std::string_view fraction;
};

decimal take_decimal(text_reader& reader, bool comma_too) {
  decimal result{reader.at(), {}, {}};
  auto take_digits = [&] {
    const auto begin = reader.at();
    while (reader.at_digit()) reader.go_to(reader.at() + 1);
    return reader.from(begin);
  };
  result.digits = take_digits();
  if (reader.take('.') || (comma_too && reader.take(','))) {
    result.fraction = take_digits();
    if (result.digits.empty() && result.fraction.empty()) reader.fail(result.at, "a point without digits");
  }
  while (result.fraction.ends_with('0')) result.fraction.remove_suffix(1);
  return result;
}

/// The value of digits; nothing above 10^15.
std::optional<long long> value_of(std::string_view digits) {
  long long value = 0;
  for (char c : digits) {
    value = value * 10 + (c - '0');
    if (value > 1'000'000'000'000'000) return std::nullopt;
  }
  return value;
}

/// Adds `number` times a unit of `unit_ns` nanoseconds.
void add(text_reader& reader, exact_time& sum, const decimal& number, long long unit_ns) {
  const auto whole = value_of(number.digits);
  const auto whole_ms_max = duration_max.count();
  if (!whole) reader.fail(number.at, "the duration is " + std::string(too_long));
  if (unit_ns >= ns_per_ms) {
    const auto unit_ms = unit_ns / ns_per_ms;
    if (*whole > whole_ms_max / unit_ms) reader.fail(number.at, "the duration is " + std::string(too_long));
    sum.whole += milliseconds(*whole * unit_ms);
  } else {
    const auto per_ms = ns_per_ms / unit_ns;
    sum.whole += milliseconds(*whole / per_ms);
    sum.finer += *whole % per_ms * unit_ns;
  }
  auto left = unit_ns;
  for (char c : number.fraction) {
    if (left % 10 != 0) reader.fail(number.at, "the duration has a part finer than 1 ms", "round it to milliseconds");
    left /= 10;
    sum.finer += (c - '0') * left;
  }
  sum.whole += milliseconds(sum.finer / ns_per_ms);
  sum.finer %= ns_per_ms;
  if (sum.whole > duration_max) reader.fail(number.at, "the duration is " + std::string(too_long));
}

milliseconds finish(text_reader& reader, std::size_t begin, const exact_time& sum) {
  if (sum.finer != 0) reader.fail(begin, "the duration has a part finer than 1 ms", "round it to milliseconds");
  return sum.whole;
}

/// The nanoseconds of a Go unit that is next, which is stepped over.
std::optional<long long> take_go_unit(text_reader& reader) {
  // Longer names come before those that they begin with. The two micro signs are U+00B5 and U+03BC.
  static constexpr std::array<std::pair<std::string_view, long long>, 8> units{{{"ns", 1},
                                                                                {"us", 1'000},
                                                                                {"\xC2\xB5s", 1'000},
                                                                                {"\xCE\xBCs", 1'000},
                                                                                {"ms", ns_per_ms},
                                                                                {"s", 1'000'000'000},
                                                                                {"m", 60'000'000'000},
                                                                                {"h", 3'600'000'000'000}}};
  for (const auto& [name, ns] : units) {
    if (reader.take(name)) return ns;
  }
  return std::nullopt;
}

calendar_span read_go(text_reader& reader) {
  const auto begin = reader.at();
  if (reader.rest() == "0") {
    reader.take('0');
    return {};
  }
  exact_time sum;
  do {
    if (!reader.at_digit() && reader.peek() != '.') {
      reader.fail_here("a number is expected, not " + reader.seen(), std::string(notations));
    }
    const auto number = take_decimal(reader, false);
    const auto unit = take_go_unit(reader);
    if (!unit && reader.peek() == 'd') reader.fail_here("'d' is no unit here", "write days as P1D or as 24h");
    if (!unit) reader.fail_here("a unit is expected, not " + reader.seen(), "units are ns, us, ms, s, m and h");
    add(reader, sum, number, *unit);
  } while (!reader.at_end());
  return {0, 0, finish(reader, begin, sum)};
}

/// Reads an ISO 8601 duration; `reader` is behind its P.
class iso_reader {
 public:
  explicit iso_reader(text_reader& reader) : reader_(reader), begin_(reader.at()) {}

  calendar_span read() {
    while (!reader_.at_end()) {
      if (!in_time_ && reader_.take('T')) {
        in_time_ = true;
        last_unit_ = 3;
        if (reader_.at_end()) reader_.fail_here("hours, minutes or seconds are expected behind the T");
        continue;
      }
      read_part();
    }
    if (!any_) reader_.fail_here("a number is expected behind the P", std::string(notations));
    span_.time = finish(reader_, begin_, time_);
    return span_;
  }

 private:
  void read_part() {
    if (!reader_.at_digit()) {
      reader_.fail_here("a number is expected, not " + reader_.seen(),
                        reader_.peek() == '-' ? "a duration has no sign" : std::string(notations));
    }
    if (fraction_) reader_.fail_here("only the last part may have decimals");
    const auto number = take_decimal(reader_, true);
    const std::string_view units = in_time_ ? "HMS" : "YMWD";
    const auto unit = units.find(reader_.peek());
    if (reader_.at_end() || unit == std::string_view::npos) {
      reader_.fail_here("a unit is expected, not " + reader_.seen(),
                        in_time_ ? "units behind the T are H, M and S" : "units before a T are Y, M, W and D");
    }
    const int rank = static_cast<int>(unit) + (in_time_ ? 4 : 0);
    if (rank <= last_unit_) {
      reader_.fail_here("the unit " + reader_.seen() + " comes too late", "the order is Y, M, W, D, T, H, M, S");
    }
    last_unit_ = rank;
    any_ = true;
    fraction_ = !number.fraction.empty();
    if (in_time_) {
      static constexpr std::array<long long, 3> ns{3'600'000'000'000, 60'000'000'000, 1'000'000'000};
      add(reader_, time_, number, ns[unit]);
    } else {
      add_calendar(number, rank);
    }
    reader_.go_to(reader_.at() + 1);
  }

  void add_calendar(const decimal& number, int rank) {
    if (fraction_) {
      reader_.fail(number.at, "only hours, minutes and seconds may have decimals", "write PT12H for half a day");
    }
    static constexpr std::array<int, 4> factors{12, 1, 7, 1};
    const auto value = value_of(number.digits);
    if (!value || *value > 400'000) reader_.fail(number.at, "the duration is " + std::string(too_long));
    auto& target = rank < 2 ? span_.months : span_.days;
    target += static_cast<int>(*value) * factors[static_cast<std::size_t>(rank)];
    if (is_too_long(span_)) reader_.fail(number.at, "the duration is " + std::string(too_long));
  }

  text_reader& reader_;
  std::size_t begin_;
  calendar_span span_;
  exact_time time_;
  int last_unit_ = -1;
  bool in_time_ = false;
  bool any_ = false;
  bool fraction_ = false;
};

void append_seconds(std::string& to, milliseconds time) {
  to += std::to_string(time.count() / 1000);
  if (const auto rest = time.count() % 1000; rest != 0) {
    auto digits = std::to_string(1000 + rest).substr(1);
    while (digits.ends_with('0')) digits.pop_back();
    to += '.' + digits;
  }
  to += 'S';
}

std::string time_part(milliseconds time) {
  std::string result;
  if (const auto hours = time / std::chrono::hours(1); hours != 0) result += std::to_string(hours) + 'H';
  time %= std::chrono::hours(1);
  if (const auto minutes = time / std::chrono::minutes(1); minutes != 0) result += std::to_string(minutes) + 'M';
  time %= std::chrono::minutes(1);
  if (time.count() != 0) append_seconds(result, time);
  return result;
}

void refuse_bad(const calendar_span& span) {
  if (auto fault = span_fault(span); !fault.empty()) throw error(errc::invalid_argument, "duration: " + fault);
}

}  // namespace

calendar_span read_calendar_span(text_reader& reader) {
  const auto begin = reader.at();
  if (reader.peek() == '-' || reader.peek() == '+') {
    reader.fail_here("a duration has no sign", "it is 0 or more");
  }
  if (reader.at_end()) reader.fail_here("a duration is missing", std::string(notations));
  const auto span = reader.take('P') ? iso_reader(reader).read() : read_go(reader);
  if (is_too_long(span)) reader.fail(begin, "the duration is " + std::string(too_long));
  return span;
}

bool is_too_long(const calendar_span& span) noexcept {
  if (span.months > 12'000 || span.days > 365'243 || span.time > duration_max) return true;
  return std::chrono::months(span.months) + std::chrono::days(span.days) + span.time > duration_max;
}

std::string span_fault(const calendar_span& span) {
  if (span.months < 0 || span.days < 0 || span.time < milliseconds(0)) return "it is negative; it must be 0 or more";
  return is_too_long(span) ? "it is " + std::string(too_long) : "";
}

}  // namespace troupe::internal

namespace troupe {

std::chrono::milliseconds parse_duration(std::string_view text) {
  internal::text_reader reader("duration", text);
  const auto span = internal::read_calendar_span(reader);
  if (span.months != 0) {
    reader.fail(text.find_first_of("YM"), "years and months have no fixed length",
                "write days, or take a schedule with a time zone");
  }
  return std::chrono::days(span.days) + span.time;
}

calendar_span parse_calendar_span(std::string_view text) {
  internal::text_reader reader("duration", text);
  return internal::read_calendar_span(reader);
}

std::string to_iso_duration(std::chrono::milliseconds duration) {
  return to_iso_duration(calendar_span{0, 0, duration});
}

std::string to_iso_duration(const calendar_span& span) {
  internal::refuse_bad(span);
  std::string result = "P";
  if (const int years = span.months / 12; years != 0) result += std::to_string(years) + 'Y';
  if (const int months = span.months % 12; months != 0) result += std::to_string(months) + 'M';
  if (span.days != 0) result += std::to_string(span.days) + 'D';
  if (const auto time = internal::time_part(span.time); !time.empty()) result += 'T' + time;
  return result.size() == 1 ? "PT0S" : result;
}

}  // namespace troupe
