#include "runtime/reminder_desk.hpp"

#include <memory>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/current_strand.hpp"
#include "core/failure_text.hpp"
#include "core/reminder_plan.hpp"
#include "runtime/store_question.hpp"
#include "runtime/turn_group.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

constexpr const char* about = "reminders";

/// Calls `take` with each page of actors that the filter may mean; it returns whether to go on.
template <class Take>
void for_each_page(parts& of, spi::list_query query, Take take) {
  for (bool more = true; more;) {
    auto page = ask_store<spi::list_result>(
        of, [&](spi::state_store& store, auto done) { store.async_list(query, std::move(done)); });
    if (page.status == spi::read_status::unavailable) {
      throw error(errc::unavailable, "reminders: the store could not be listed behind " +
                                         (query.after ? to_string(*query.after) : "its beginning") + ": " +
                                         page.message);
    }
    more = page.actors.size() == query.limit;
    if (more) query.after = page.actors.back().actor;
    more = take(std::move(page.actors), more) && more;
  }
}

bool is_meant(const spi::reminder_image& reminder, const reminder_filter& filter) {
  return reminder.name.starts_with(filter.name_prefix);
}

bool is_any_meant(const spi::actor_image& actor, const reminder_filter& filter) {
  for (const auto& reminder : actor.reminders) {
    if (is_meant(reminder, filter)) return true;
  }
  return false;
}

spi::list_query query_of(const reminder_filter& filter, std::optional<actor_id> after, std::size_t limit) {
  return {.type = filter.type, .key_prefix = filter.key_prefix, .after = std::move(after), .limit = limit};
}

/// What became of an actor's reminders.
struct changes {
  std::uint64_t made = 0;
  std::string problem{};  // of the first one that is as it was
};

/// A turn of an actor that changes those of its reminders that are meant.
task<void> change(actor&, reminder_change what, std::string prefix, changes* done) {
  activation& mine = *this_strand;
  if (what == reminder_change::cancel) {
    done->made = mine.cancel_reminders(prefix);
    co_return;
  }
  std::vector<std::string> names;
  for (const auto& reminder : mine.reminders()) {
    if (!reminder.name.starts_with(prefix)) continue;
    const reminder_info known = describe(reminder);
    if (!known.problem.empty()) {
      if (done->problem.empty()) done->problem = known.problem;
    } else if (known.paused == (what == reminder_change::resume)) {
      names.push_back(reminder.name);
    }
  }
  for (const std::string& name : names) {
    what == reminder_change::pause ? mine.pause_reminder(name) : mine.resume_reminder(name);
  }
  done->made = names.size();
}

void change_page(parts& of, const std::vector<actor_id>& actors, const reminder_filter& filter, reminder_change what,
                 reminder_report& report) {
  std::vector<changes> done(actors.size());
  const auto failures = run_turns(of, "a change of its reminders", actors, [&](actor& self, std::size_t n) {
    return change(self, what, filter.name_prefix, &done[n]);
  });
  for (std::size_t n = 0; n < actors.size(); ++n) {
    if (!failures[n]) report.changed += done[n].made;
    if (!failures[n] && done[n].problem.empty()) continue;
    ++report.failed;
    if (report.failures.size() < reminder_report::failures_max) {
      report.failures.push_back({actors[n], failures[n] ? describe(failures[n]) : done[n].problem});
    }
  }
}

}  // namespace

reminder_page list_reminders(parts& of, const reminder_filter& filter, std::optional<actor_id> after,
                             std::size_t limit) {
  refuse_on_own_thread(of, about);
  if (limit < 1 || limit > 10'000) {
    throw error(errc::invalid_argument,
                "reminders: the limit is " + std::to_string(limit) + "; 1 to 10,000 is asked for");
  }
  reminder_page found;
  for_each_page(of, query_of(filter, std::move(after), 1'000), [&](std::vector<spi::actor_image> actors, bool more) {
    for (const spi::actor_image& actor : actors) {
      if (found.reminders.size() >= limit) return false;
      found.next = actor.actor;
      for (const auto& reminder : actor.reminders) {
        if (is_meant(reminder, filter)) found.reminders.push_back({actor.actor, describe(reminder)});
      }
    }
    if (!more) found.next.reset();
    return true;
  });
  return found;
}

std::uint64_t count_reminders(parts& of, const reminder_filter& filter) {
  refuse_on_own_thread(of, about);
  std::uint64_t count = 0;
  for_each_page(of, query_of(filter, std::nullopt, 1'000), [&](std::vector<spi::actor_image> actors, bool) {
    for (const spi::actor_image& actor : actors) {
      for (const auto& reminder : actor.reminders) count += is_meant(reminder, filter) ? 1 : 0;
    }
    return true;
  });
  return count;
}

reminder_report change_reminders(parts& of, const reminder_filter& filter, reminder_change what,
                                 const reminder_change_options& options) {
  refuse_on_own_thread(of, about);
  if (options.actors_at_once < 1 || options.actors_at_once > 10'000) {
    throw error(errc::invalid_argument, "reminders: actors_at_once is " + std::to_string(options.actors_at_once) +
                                            "; 1 to 10,000 is asked for");
  }
  reminder_report report;
  const auto query = query_of(filter, std::nullopt, options.actors_at_once);
  for_each_page(of, query, [&](std::vector<spi::actor_image> page, bool) {
    std::vector<actor_id> actors;
    for (spi::actor_image& actor : page) {
      ++report.seen;
      // One that cannot be read may have some: what is wrong with it is then said.
      if (actor.stamp.version == 0 || is_any_meant(actor, filter)) actors.push_back(std::move(actor.actor));
    }
    change_page(of, actors, filter, what, report);
    if (options.progress) options.progress(report);
    return true;
  });
  return report;
}

}  // namespace troupe::internal
