#include <algorithm>
#include <string>
#include <utility>

#include "core/later.hpp"
#include "core/reminder_rules.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_span = std::chrono::hours(24) * 365 * 1000;
constexpr milliseconds longest_retry_pause = std::chrono::hours(24);

/// Says what is wrong with a reminder that is being set.
class refusal {
 public:
  refusal(std::string_view actor, std::string_view name) : actor_(actor), name_(name.substr(0, 200)) {}

  [[noreturn]] void say(const std::string& rule, errc code = errc::invalid_argument) const {
    throw error(code, "actor " + actor_ + ": reminder \"" + name_ + "\": " + rule);
  }

  void check_span(milliseconds span, const char* what, const char* meant) const {
    if (span.count() < 0) {
      say(std::string(what) + " is negative (" + std::to_string(span.count()) + " ms); " + meant + " is asked for");
    }
    if (span > longest_span) say(std::string(what) + " is longer than 1,000 years");
  }

 private:
  std::string actor_;
  std::string name_;
};

void check_times(const refusal& refuse, const reminder_schedule& asked, wall_time now) {
  refuse.check_span(asked.due_in, "due_in", "0 or more");
  refuse.check_span(asked.period, "the period", "0, which fires once, or more");
  refuse.check_span(asked.ttl, "the ttl", "0, which is none, or more");
  refuse.check_span(asked.grace, "the grace", "0 or more");
  const auto in_range = [&](wall_time at) { return at >= wall_time{} && at <= now + longest_span; };
  if (asked.due_at && !in_range(*asked.due_at)) {
    refuse.say("due_at lies before 1970 or more than 1,000 years ahead");
  }
  if (asked.repeat && asked.period.count() != 0) {
    refuse.say("it has a period and a rule (repeat); give one of them");
  }
  if (asked.until && asked.ttl.count() != 0) refuse.say("it has a ttl and an end (until); give one of them");
  if (asked.until && *asked.until > now + longest_span) refuse.say("until lies more than 1,000 years ahead");
}

void check_retry(const refusal& refuse, const tick_retry& retry) {
  if (retry.first_pause < milliseconds(1) || retry.longest_pause > longest_retry_pause ||
      retry.longest_pause < retry.first_pause) {
    refuse.say("the pauses of its retry are " + std::to_string(retry.first_pause.count()) + " and " +
               std::to_string(retry.longest_pause.count()) +
               " ms; 1 ms to 1 day is asked for, and the longest is not shorter than the first");
  }
}

/// When the first tick is due.
wall_time first_tick(const refusal& refuse, const reminder_schedule& asked, wall_time now) {
  if (asked.due_at) return *asked.due_at;
  if (!asked.repeat || asked.due_in.count() != 0) return now + asked.due_in;
  const auto first = asked.repeat->first(now);
  if (!first) refuse.say("its rule \"" + asked.repeat->text() + "\" has no tick any more");
  return *first;
}

std::optional<std::uint64_t> ticks_in_all(const refusal& refuse, const reminder_schedule& asked) {
  const bool repeats = asked.repeat || asked.period.count() != 0;
  if (asked.repetitions != 0 && !repeats && asked.repetitions != 1) {
    refuse.say("it has repetitions, and neither a period nor a rule (repeat) to repeat it by");
  }
  const auto of_rule = asked.repeat ? asked.repeat->repetitions() : std::nullopt;
  if (asked.repetitions != 0 && of_rule && *of_rule != asked.repetitions) {
    refuse.say("it has " + std::to_string(asked.repetitions) + " repetitions, and its rule \"" + asked.repeat->text() +
               "\" says otherwise; give one of them");
  }
  if (asked.repetitions != 0) return repeats ? std::optional(asked.repetitions) : std::nullopt;
  return of_rule;
}

}  // namespace

planned_reminder make_reminder(std::string_view actor, std::string_view name, const reminder_schedule& asked,
                               wall_time now) {
  const refusal refuse(actor, name);
  if (name.empty() || name.size() > reminder_name_bytes_max) {
    refuse.say("a name has 1 to " + std::to_string(reminder_name_bytes_max) + " bytes");
  }
  check_times(refuse, asked, now);
  check_retry(refuse, asked.retry);
  planned_reminder made{spi::reminder_image{}};
  reminder_plan& plan = made.plan;
  made.image.name = name;
  made.image.due = first_tick(refuse, asked, now);
  made.image.period = asked.period;
  if (asked.repeat && asked.repeat->period()) {
    made.image.period = *asked.repeat->period();
  } else if (asked.repeat) {
    plan.repeat = asked.repeat;
    plan.anchor = made.image.due;
  }
  plan.left = ticks_in_all(refuse, asked);
  plan.until = asked.until;
  if (asked.ttl.count() != 0) plan.until = now + asked.ttl;
  if (plan.until && *plan.until <= now) refuse.say("its end (until) has passed; it would never fire");
  if (plan.until && *plan.until <= made.image.due) {
    refuse.say("it ends before its first tick is due: it would never fire; give it a longer ttl, or a later until");
  }
  plan.missed = asked.missed;
  plan.grace = asked.grace;
  plan.retry = asked.retry;
  try {
    made.image.data = asked.data.dump();
  } catch (const std::exception& failure) {
    refuse.say(std::string("its data cannot be written as JSON: ") + failure.what(), errc::not_encodable);
  }
  return made;
}

}  // namespace troupe::internal
