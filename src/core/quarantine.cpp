#include "core/quarantine.hpp"

#include <algorithm>
#include <cstdio>
#include <tuple>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/failure_text.hpp"

namespace troupe::internal {

std::string to_text(wall_time when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  char text[48];
  std::snprintf(text, sizeof text, "%d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

std::exception_ptr quarantine::refusal(const activation& target) {
  if (size_.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::scoped_lock lock(mutex_);
  const auto found = by_actor_.find(target.id());
  if (found == by_actor_.end() || !refuses(found->second->streak, system_.now())) return nullptr;
  const quarantined_actor& seen = found->second->seen;
  return make_error(errc::quarantined, "actor " + target.display() + " is quarantined since " + to_text(seen.since) +
                                           " until " + to_text(seen.until) + ", because it could not be activated " +
                                           std::to_string(seen.failures) + " times: " + seen.why +
                                           "; it is tried again then, or when runtime::release is called");
}

void quarantine::note_failure(const activation& target, const std::exception_ptr& why) {
  const quarantine_policy& policy = target.type().info.options.quarantine;
  if (policy.failures_max == 0) return;
  std::string line;
  {
    const std::scoped_lock lock(mutex_);
    const auto [place, is_new] = by_actor_.try_emplace(target.id());
    if (is_new) {
      entries_.emplace_front();
      entries_.front().seen.actor = place->first;
    } else {
      entries_.splice(entries_.begin(), entries_, place->second);
    }
    place->second = entries_.begin();
    entry& mine = entries_.front();
    const bool was_in = is_quarantined(mine.streak);
    mine.streak = after_failure(mine.streak, policy, system_.now());
    const wall_time now = system_.clock().wall_now();
    mine.seen.failures = mine.streak.failures;
    mine.seen.why = describe(why);
    if (is_quarantined(mine.streak)) {
      if (!was_in) mine.seen.since = now;
      mine.seen.until = now + mine.streak.pause;
      line = "actor " + target.display() + (was_in ? " stays quarantined until " : " is quarantined until ") +
             to_text(mine.seen.until) + ": it could not be activated " + std::to_string(mine.seen.failures) +
             " times, the last time because " + mine.seen.why;
    }
    if (entries_.size() > quarantine_actors_max) {
      by_actor_.erase(entries_.back().seen.actor);
      entries_.pop_back();
    }
    size_.store(entries_.size(), std::memory_order_relaxed);
  }
  if (!line.empty()) system_.log(log_level::warning, line);
}

void quarantine::note_success(const activation& target) {
  if (size_.load(std::memory_order_relaxed) == 0) return;
  const auto gone = forget(target.id());
  if (!gone || !is_quarantined(gone->streak)) return;
  system_.log(log_level::info, "actor " + target.display() + " is activated again, after " +
                                   std::to_string(gone->seen.failures) + " failures");
}

bool quarantine::release(const actor_id& actor) {
  const auto gone = forget(actor);
  if (!gone || !is_quarantined(gone->streak)) return false;
  system_.log(log_level::info, "actor " + to_string(actor) + " was released from quarantine");
  return true;
}

std::vector<quarantined_actor> quarantine::list() const {
  std::vector<quarantined_actor> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const entry& each : entries_) {
      if (is_quarantined(each.streak)) all.push_back(each.seen);
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.actor < b.actor; });
  return all;
}

std::optional<quarantine::entry> quarantine::forget(const actor_id& actor) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_actor_.find(actor);
  if (found == by_actor_.end()) return std::nullopt;
  entry gone = std::move(*found->second);
  entries_.erase(found->second);
  by_actor_.erase(found);
  size_.store(entries_.size(), std::memory_order_relaxed);
  return gone;
}

}  // namespace troupe::internal
