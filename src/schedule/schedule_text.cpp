#include "schedule/schedule_text.hpp"

#include <array>
#include <utility>

#include "schedule/cron_fields.hpp"
#include "schedule/duration_text.hpp"
#include "schedule/zone_shelf.hpp"
#include "troupe/base/error.hpp"
#include "troupe/schedule/schedule.hpp"

namespace troupe::internal {
namespace {

constexpr long long repetitions_max = 1'000'000'000;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames{{{"@yearly", "0 0 1 1 *"},
                                                                                  {"@annually", "0 0 1 1 *"},
                                                                                  {"@monthly", "0 0 1 * *"},
                                                                                  {"@weekly", "0 0 * * 0"},
                                                                                  {"@daily", "0 0 * * *"},
                                                                                  {"@midnight", "0 0 * * *"},
                                                                                  {"@hourly", "0 * * * *"}}};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

calendar_span read_period(text_reader& reader) {
  const auto begin = reader.at();
  const auto span = read_calendar_span(reader);
  if (span == calendar_span{}) reader.fail(begin, "the period is 0", "the shortest is 1 ms");
  return span;
}

/// "R5/PT1H"; `reader` is before the R.
void read_repeated(text_reader& reader, schedule_text& result) {
  reader.take('R');
  if (reader.peek() == '-') {
    reader.fail_here("the number of ticks is negative", "R5/ is for five ticks, R/ for ticks without end");
  }
  if (reader.at_digit()) {
    const auto at = reader.at();
    result.repetitions = static_cast<std::uint64_t>(reader.take_number("the number of ticks", repetitions_max));
    if (result.repetitions == 0)
      reader.fail(at, "the number of ticks is 0", "it is at least 1; R/ is for ticks without end");
  }
  if (!reader.take('/'))
    reader.fail_here("a '/' is expected, not " + reader.seen(), "R5/PT1H is five ticks an hour apart");
  if (reader.rest().find('/') != std::string_view::npos) {
    reader.fail_here("a start or an end has no place here", "give the first time beside the schedule");
  }
  result.span = read_period(reader);
}

void read_nickname(text_reader& reader, schedule_text& result) {
  const auto begin = reader.at();
  if (reader.take("@every")) {
    if (!is_blank(reader.peek()))
      reader.fail_here("a blank and a duration are expected behind @every", "as in @every 1h30m");
    reader.skip_blanks();
    result.span = read_period(reader);
    return;
  }
  for (const auto& [name, expression] : nicknames) {
    if (reader.rest() == name) {
      result.cron = expression;
      return;
    }
  }
  if (reader.rest() == "@reboot") reader.fail(begin, "@reboot is no time", "do it when the service starts");
  reader.fail(begin, "there is no such name",
              "there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every");
}

/// "CRON_TZ=Europe/Berlin " before the rest.
void read_zone(text_reader& reader, schedule_text& result) {
  if (!reader.take("CRON_TZ=") && !reader.take("TZ=")) return;
  const auto begin = reader.at();
  while (!reader.at_end() && !is_blank(reader.peek())) reader.go_to(reader.at() + 1);
  result.zone = reader.from(begin);
  try {
    static_cast<void>(find_zone(result.zone));
  } catch (const error& unknown) {
    reader.fail(begin, unknown.what());
  }
  reader.skip_blanks();
}

}  // namespace

schedule_text read_schedule(std::string_view text, std::string_view zone) {
  const auto kept = trimmed(text);
  text_reader reader("schedule", text.substr(0, static_cast<std::size_t>(kept.data() - text.data()) + kept.size()),
                     schedule_text_bytes_max);
  reader.skip_blanks();
  schedule_text result;
  result.zone = zone;
  read_zone(reader, result);
  const auto rest = reader.rest();
  const bool has_blanks = rest.find_first_of(" \t") != std::string_view::npos;
  if (rest.starts_with('@')) {
    read_nickname(reader, result);
  } else if (rest.starts_with('R') &&
             (rest.find('/') != std::string_view::npos || rest.find('P') != std::string_view::npos)) {
    read_repeated(reader, result);
  } else if (has_blanks) {
    static_cast<void>(read_cron(reader));
    result.cron = rest;
  } else if (rest.starts_with('P') || rest.find_first_of("0123456789+-.") == 0) {
    result.span = read_period(reader);
  } else {
    reader.fail_here(rest.empty() ? "it is empty" : "neither a duration, a cron expression nor a name begins like this",
                     "write 1h30m, PT1H30M, five cron fields such as 0 9 * * MON, or @daily");
  }
  return result;
}

}  // namespace troupe::internal
