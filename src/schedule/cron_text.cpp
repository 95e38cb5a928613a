#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <vector>

#include "schedule/cron_fields.hpp"

namespace troupe::internal {
namespace {

using names_of = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/// What a field may hold.
struct field_kind {
  std::string_view name;
  std::string_view plural;
  int min;
  int max;
  names_of names{};
};

constexpr field_kind second_field{"second", "seconds", 0, 59};
constexpr field_kind minute_field{"minute", "minutes", 0, 59};
constexpr field_kind hour_field{"hour", "hours", 0, 23};
constexpr field_kind day_field{"day of month", "days of month", 1, 31};
constexpr field_kind month_field{"month", "months", 1, 12, month_names};
constexpr field_kind weekday_field{"day of week", "days of week", 0, 7, weekday_names};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Reads one field of an expression.
class field_reader {
 public:
  field_reader(text_reader& reader, const field_kind& kind, cron_fields& fields)
      : reader_(reader), kind_(kind), fields_(fields) {}

  /// The values of the field; `any_` then says whether it is `*`.
  std::uint64_t read() {
    do {
      if (at_field_end()) reader_.fail_here("a " + std::string(kind_.name) + " is expected, not " + seen(), range());
      read_item();
    } while (reader_.take(','));
    if (!at_field_end())
      reader_.fail_here(reader_.seen() + " is not expected in a " + std::string(kind_.name), range());
    return bits_;
  }

  [[nodiscard]] bool any() const noexcept { return any_; }

 private:
  [[nodiscard]] bool at_field_end() const {
    return reader_.at_end() || reader_.peek() == ' ' || reader_.peek() == '\t' || reader_.peek() == ',';
  }
  [[nodiscard]] bool is_day() const { return &kind_ == &day_field; }
  [[nodiscard]] bool is_weekday() const { return &kind_ == &weekday_field; }
  [[nodiscard]] std::string seen() const {
    return reader_.at_end() || reader_.peek() == ',' ? reader_.seen() : "a blank";
  }

  [[nodiscard]] std::string range() const {
    return std::string(kind_.plural) + " are " + std::to_string(kind_.min) + '-' + std::to_string(kind_.max) +
           (kind_.names.empty() ? ""
                                : " or " + std::string(kind_.names.front()) + '-' + std::string(kind_.names.back()));
  }

  void read_item() {
    const auto begin = reader_.at();
    if (reader_.take('*') || reader_.take('?')) {
      const int step = take_step(kind_.max);
      any_ |= step == 1;
      add(kind_.min, is_weekday() ? 6 : kind_.max, step);
      return;
    }
    if (upper(reader_.peek()) == 'L') return read_last(begin);
    const int low = take_value();
    if (is_weekday() && (upper(reader_.peek()) == 'L' || reader_.peek() == '#')) return read_placed(low);
    if (is_day() && upper(reader_.peek()) == 'W') refuse_nearest();
    if (!reader_.take('-')) {
      const bool stepped = reader_.peek() == '/';
      const int step = take_step(kind_.max);
      add(low, stepped ? (is_weekday() ? std::max(low, 6) : kind_.max) : low, step);
      return;
    }
    int high = take_value();
    if (is_weekday() && high == 0 && low > 0) high = 7;  // FRI-SUN
    if (low > high) refuse_backwards(begin, low, high);
    add(low, high, take_step(kind_.max));
  }

  int take_value() {
    const auto begin = reader_.at();
    if (reader_.at_digit()) {
      int value = 0;
      while (reader_.at_digit()) {
        value = std::min(value * 10 + (reader_.peek() - '0'), 1'000'000);
        reader_.go_to(reader_.at() + 1);
      }
      check_value(begin, value);
      return value;
    }
    std::string word(reader_.take_letters().substr(0, 16));
    std::transform(word.begin(), word.end(), word.begin(), upper);
    if (is_weekday() && word.size() == 4 && word.ends_with('L')) {  // FRIL
      word.pop_back();
      reader_.go_to(reader_.at() - 1);
    }
    const auto found = std::find(kind_.names.begin(), kind_.names.end(), word);
    if (found != kind_.names.end()) return static_cast<int>(std::distance(kind_.names.begin(), found)) + kind_.min;
    if (!word.empty()) reader_.fail(begin, "'" + word + "' is no " + std::string(kind_.name), range());
    reader_.fail_here(
        "a " + std::string(kind_.name) + " is expected, not " + (at_field_end() ? seen() : reader_.seen()), range());
  }

  void check_value(std::size_t begin, int value) {
    if (value >= kind_.min && value <= kind_.max) return;
    const bool above = value > kind_.max;
    reader_.fail(begin,
                 "the " + std::string(kind_.name) + ' ' + std::string(reader_.from(begin).substr(0, 24)) + " is " +
                     (above ? "above " : "below ") + std::to_string(above ? kind_.max : kind_.min),
                 range());
  }

  int take_step(int max) {
    if (!reader_.take('/')) return 1;
    const auto begin = reader_.at();
    if (!reader_.at_digit())
      reader_.fail_here("a step is expected behind the '/', not " + (at_field_end() ? seen() : reader_.seen()));
    int step = 0;
    while (reader_.at_digit()) {
      step = std::min(step * 10 + (reader_.peek() - '0'), 1'000'000);
      reader_.go_to(reader_.at() + 1);
    }
    if (step == 0) reader_.fail(begin, "a step of 0 goes nowhere", "steps begin at 1");
    if (step > max) {
      reader_.fail(begin,
                   "the step " + std::string(reader_.from(begin).substr(0, 24)) + " is longer than the field, whose " +
                       std::string(kind_.plural) + " end at " + std::to_string(max),
                   "for longer periods write a duration, such as 90m");
    }
    return step;
  }

  void add(int low, int high, int step) {
    for (int value = low; value <= high; value += step) bits_ |= std::uint64_t{1} << (is_weekday() ? value % 7 : value);
  }

  /// `L`, the last day of the month.
  void read_last(std::size_t begin) {
    reader_.go_to(begin + 1);
    if (is_weekday())
      reader_.fail(begin, "L alone is no day of week", "write SAT, or FRIL for the last Friday of the month");
    if (!is_day()) reader_.fail(begin, "L is for days only", range());
    if (upper(reader_.peek()) == 'W') refuse_nearest();
    if (reader_.peek() == '-') reader_.fail_here("days before the last one are not supported", "write L");
    fields_.last_day = true;
  }

  /// `FRI#2` and `FRIL`; `reader_` is behind the day of the week.
  void read_placed(int weekday) {
    weekday %= 7;
    if (!reader_.take('#')) {
      reader_.go_to(reader_.at() + 1);
      fields_.last_weekdays |= 1U << weekday;
      return;
    }
    const int place = reader_.peek() - '0';
    if (place < 1 || place > 5) {
      reader_.fail_here(
          "a number from 1 to 5 is expected behind the '#', not " + (at_field_end() ? seen() : reader_.seen()),
          "FRI#2 is the second Friday of the month");
    }
    reader_.go_to(reader_.at() + 1);
    fields_.nth_weekdays |= std::uint64_t{1} << (8 * (place - 1) + weekday);
  }

  [[noreturn]] void refuse_nearest() const {
    reader_.fail_here("W, the nearest weekday, is not supported", "write the days themselves");
  }

  [[noreturn]] void refuse_backwards(std::size_t begin, int low, int high) const {
    auto name = [&](int value) {
      const auto index = static_cast<std::size_t>(is_weekday() ? value % 7 : value - kind_.min);
      return kind_.names.empty() ? std::to_string(value) : std::string(kind_.names[index]);
    };
    auto part = [&](int from, int to) { return from == to ? name(from) : name(from) + '-' + name(to); };
    // A week ends with its Sunday, which is no part of what follows.
    const int first = is_weekday() ? 1 : kind_.min;
    reader_.fail(begin, "the range " + std::string(reader_.from(begin).substr(0, 24)) + " runs backwards",
                 "write " + part(low, kind_.max) + ',' + part(first, high));
  }

  text_reader& reader_;
  const field_kind& kind_;
  cron_fields& fields_;
  std::uint64_t bits_ = 0;
  bool any_ = false;
};

std::size_t count_fields(std::string_view text) {
  std::size_t fields = 0;
  bool in_field = false;
  for (char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank && !in_field) ++fields;
    in_field = !blank;
  }
  return fields;
}

/// Whether some month that fits has a day that fits, in some year.
bool ever_fits(const cron_fields& fields) {
  if (!fields.any_weekday || fields.last_day) return true;
  for (unsigned month = 1; month <= 12; ++month) {
    const std::chrono::year leap_year(2000);
    const bool wanted = (fields.months >> month & 1) != 0;
    if (wanted && fields.days_in(leap_year / static_cast<int>(month)) != 0) return true;
  }
  return false;
}

}  // namespace

cron_fields read_cron(text_reader& reader) {
  const auto begin = reader.at();
  const auto count = count_fields(reader.rest());
  if (count < 5 || count > 6) {
    reader.fail(begin, "a cron expression has 5 fields or 6, this has " + std::to_string(count),
                count == 7 ? "years are not supported"
                           : "minute, hour, day of month, month, day of week; with 6, the second first");
  }
  cron_fields fields;
  std::size_t days_at = 0;
  auto read = [&](const field_kind& kind, bool* any = nullptr) {
    reader.skip_blanks();
    if (&kind == &day_field) days_at = reader.at();
    field_reader field(reader, kind, fields);
    const auto bits = field.read();
    if (any) *any = field.any();
    return bits;
  };
  if (count == 6) fields.seconds = read(second_field);
  fields.minutes = read(minute_field);
  fields.hours = static_cast<std::uint32_t>(read(hour_field));
  fields.days = static_cast<std::uint32_t>(read(day_field, &fields.any_day));
  fields.months = static_cast<std::uint32_t>(read(month_field));
  fields.weekdays = static_cast<std::uint32_t>(read(weekday_field, &fields.any_weekday));
  reader.skip_blanks();
  if (!ever_fits(fields)) {
    reader.fail(days_at, "no month that it names has such a day, so it never happens", "L is the last day of a month");
  }
  return fields;
}

std::string tidy_cron(std::string_view expression) {
  std::string result;
  for (char c : expression) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && (result.empty() || result.back() == ' ')) continue;
    result += blank ? ' ' : upper(c);
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace troupe::internal
