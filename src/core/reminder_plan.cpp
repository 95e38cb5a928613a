#include "core/reminder_plan.hpp"

#include <utility>

#include "core/later.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

std::int64_t count_of(wall_time at) { return at.time_since_epoch().count(); }

wall_time time_of(const json& value) {
  return std::clamp(wall_time(milliseconds(value.get<std::int64_t>())), wall_time{}, wall_time{} + reminder_span_max);
}

milliseconds span_of(const json& value) {
  return std::clamp(milliseconds(value.get<std::int64_t>()), milliseconds{}, reminder_span_max);
}

missed_ticks policy_of(const std::string& text) {
  if (text == "all") return missed_ticks::all;
  if (text == "skip") return missed_ticks::skip;
  throw std::invalid_argument("its policy for missed ticks is \"" + text + "\"; known are \"all\" and \"skip\"");
}

tick_retry retry_of(const json& value) {
  tick_retry retry;
  retry.attempts_max = value.value("attempts", retry.attempts_max);
  if (value.contains("first")) retry.first_pause = std::max(milliseconds(1), span_of(value["first"]));
  if (value.contains("longest")) retry.longest_pause = std::max(retry.first_pause, span_of(value["longest"]));
  if (value.value("drop", false)) retry.then = tick_retry::end::drop;
  return retry;
}

json retry_json(const tick_retry& retry) {
  json out = json::object();
  if (retry.attempts_max != 0) out["attempts"] = retry.attempts_max;
  out["first"] = retry.first_pause.count();
  out["longest"] = retry.longest_pause.count();
  if (retry.then == tick_retry::end::drop) out["drop"] = true;
  return out;
}

reminder_plan read_plan(const json& object) {
  reminder_plan plan;
  plan.method = object.value("method", std::string());
  if (object.contains("repeat")) {
    plan.repeat = schedule::parse(object["repeat"].get<std::string>(), object.value("zone", std::string("UTC")));
    plan.anchor = time_of(object.at("anchor"));
  }
  if (object.contains("left")) plan.left = std::max<std::uint64_t>(1, object["left"].get<std::uint64_t>());
  if (object.contains("until")) plan.until = time_of(object["until"]);
  if (object.contains("missed")) plan.missed = policy_of(object["missed"].get<std::string>());
  if (object.contains("grace")) plan.grace = span_of(object["grace"]);
  if (object.contains("retry")) plan.retry = retry_of(object["retry"]);
  plan.failed = object.value("failed", plan.failed);
  if (object.contains("tick")) plan.tick = time_of(object["tick"]);
  plan.paused = object.value("paused", false);
  return plan;
}

}  // namespace

wall_time paused_until() noexcept { return wall_time{} + reminder_span_max; }

reminder_plan plan_of(const spi::reminder_image& reminder) {
  if (reminder.plan == "null") return {};
  try {
    return read_plan(json::parse(reminder.plan));
  } catch (const std::exception& failure) {
    throw error(errc::bad_state,
                "the plan of reminder \"" + reminder.name + "\" cannot be read: " + std::string(failure.what()));
  }
}

std::string text_of(const reminder_plan& plan) {
  static const reminder_plan usual;
  json out = json::object();
  if (!plan.method.empty()) out["method"] = plan.method;
  if (plan.repeat) {
    out["repeat"] = plan.repeat->text();
    if (plan.repeat->zone() != "UTC") out["zone"] = plan.repeat->zone();
    out["anchor"] = count_of(plan.anchor);
  }
  if (plan.left) out["left"] = *plan.left;
  if (plan.until) out["until"] = count_of(*plan.until);
  if (plan.missed != missed_ticks::once) out["missed"] = plan.missed == missed_ticks::all ? "all" : "skip";
  if (plan.grace != usual.grace) out["grace"] = plan.grace.count();
  if (plan.retry != usual.retry) out["retry"] = retry_json(plan.retry);
  if (plan.failed != 0) out["failed"] = plan.failed;
  if (plan.tick) out["tick"] = count_of(*plan.tick);
  if (plan.paused) out["paused"] = true;
  return out.empty() ? "null" : out.dump();
}

reminder_info describe(const spi::reminder_image& reminder) {
  reminder_info info;
  info.name = reminder.name;
  info.due = reminder.due;
  reminder_plan plan;
  try {
    plan = plan_of(reminder);
  } catch (const error& unreadable) {
    info.problem = unreadable.what();
    return info;
  }
  info.due = plan.tick.value_or(reminder.due);
  info.period = reminder.period;
  info.repeat = plan.repeat;
  info.left = plan.left;
  if (!info.left && !plan.repeat && reminder.period.count() == 0) info.left = 1;
  info.until = plan.until;
  info.method = plan.method;
  info.paused = plan.paused;
  info.failed = plan.failed;
  if (plan.failed != 0 && !plan.paused) info.retry_at = reminder.due;
  return info;
}

}  // namespace troupe::internal
