#include "reminders/near_window.hpp"

#include <algorithm>

namespace troupe::internal {

using std::chrono::milliseconds;

void near_window::set(const actor_id& actor, std::optional<wall_time> due) {
  if (due && *due > horizon_) due.reset();
  list_.set(actor, due);
  // While a scan is under way, the pages it brings are what cuts.
  if (!scanning_ && list_.size() > limits_.actors_max + limits_.actors_max / 4) cut();
}

spi::due_query near_window::begin_scan(scan what, wall_time now, std::size_t page) {
  scanning_ = true;
  spi::due_query query{.until = now + limits_.span, .after = std::nullopt, .limit = page};
  if (what == scan::rest) {
    query.after = spi::due_actor{{}, horizon_};
    query.until = std::max(query.until, horizon_);
  } else if (is_cut_ && !runs_low()) {
    query.until = std::min(query.until, horizon_);  // there is no room for more
    return query;
  }
  is_cut_ = false;
  horizon_ = std::max(horizon_, query.until);
  return query;
}

bool near_window::take(const std::vector<spi::due_actor>& page, wall_time read_to) {
  for (const spi::due_actor& found : page) list_.add(found.actor, found.due);
  if (list_.size() <= limits_.actors_max) return true;
  cut();
  horizon_ = std::min(horizon_, read_to - milliseconds(1));  // of those due just then some may not have been read
  return false;
}

void near_window::cut() {
  if (const auto first_gone = list_.cut(limits_.actors_max)) {
    horizon_ = std::min(horizon_, *first_gone - milliseconds(1));
    is_cut_ = true;
  }
}

}  // namespace troupe::internal
