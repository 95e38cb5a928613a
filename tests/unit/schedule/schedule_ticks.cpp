// Answers questions about schedules, a line each, for schedule_oracle_test.py.
//   ticks|TEXT|ZONE|ANCHOR|AFTER|N   the first N ticks after AFTER, by the rule TEXT; all times in ms since 1970
//   offset|ZONE|T,T,...              the offset in seconds at each of these seconds
// The answers: numbers with blanks between them, or "error: ..." and what was wrong.

#include <charconv>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/zone_shelf.hpp"
#include "troupe/base/error.hpp"
#include "troupe/schedule/schedule.hpp"

namespace {

using troupe::wall_time;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

long long number(std::string_view text) {
  long long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

wall_time time_of(std::string_view text) { return wall_time(std::chrono::milliseconds(number(text))); }

[[noreturn]] void disagree(wall_time at) {
  throw std::runtime_error("next, last and count disagree at " + std::to_string(at.time_since_epoch().count()));
}

/// The other functions of a schedule must agree with the chain that `next` makes.
void check(const troupe::schedule& rule, wall_time anchor, wall_time after, const std::vector<wall_time>& ticks) {
  constexpr std::chrono::milliseconds ms(1);
  auto before = after;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const auto tick = ticks[i];
    const auto none_between = rule.last(anchor, before, tick - ms);
    const bool right = rule.last(anchor, before, tick) == tick && !none_between &&
                       rule.last(anchor, after, tick + ms) == tick && rule.next(anchor, tick - ms) == tick &&
                       rule.count(anchor, after, tick, 1'000'000) == i + 1 && rule.count(anchor, before, tick, 9) == 1;
    if (!right) disagree(tick);
    for (int part : {1, 5, 9}) {  // between two ticks, also in an hour that happens twice
      const auto moment = before + (tick - before) * part / 10;
      if (i > 0 && rule.last(anchor, after, moment) != before) disagree(moment);
    }
    before = tick;
  }
  if (!(troupe::schedule::parse(rule.text(), rule.zone()) == rule))
    throw std::runtime_error("the text is another rule");
}

void answer(const std::vector<std::string_view>& question) {
  if (question.at(0) == "offset") {
    const auto zone = troupe::internal::find_zone(question.at(1));
    for (auto time : split(question.at(2), ',')) {
      std::cout << zone->at(std::chrono::sys_seconds(std::chrono::seconds(number(time)))).offset.count() << ' ';
    }
    return;
  }
  const auto rule = troupe::schedule::parse(question.at(1), question.at(2));
  const auto anchor = time_of(question.at(3));
  const auto after = time_of(question.at(4));
  std::vector<wall_time> ticks;
  for (auto tick = rule.next(anchor, after); tick && std::ssize(ticks) < number(question.at(5));
       tick = rule.next(anchor, *tick)) {
    ticks.push_back(*tick);
  }
  check(rule, anchor, after, ticks);
  for (auto tick : ticks) std::cout << tick.time_since_epoch().count() << ' ';
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    try {
      answer(split(line, '|'));
    } catch (const std::exception& failed) {
      std::cout << "error: " << failed.what();
    }
    std::cout << '\n';
  }
}
