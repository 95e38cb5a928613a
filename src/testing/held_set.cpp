#include "testing/held_set.hpp"

namespace troupe::testing {

void faulty_store::held_set::set_plan(fault_plan plan) {
  const std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
}

fault faulty_store::held_set::choose(operation_info info) {
  const std::lock_guard lock(mutex_);
  info.number =
      counts_.loads + counts_.commits + counts_.lists + counts_.due_scans + counts_.log_reads + counts_.item_reads;
  switch (info.kind) {
    case store_operation::load:
      info.number_of_kind = counts_.loads++;
      counts_.actors_loaded += info.actors.size();
      break;
    case store_operation::commit:
      info.number_of_kind = counts_.commits++;
      counts_.records_committed += info.records.size();
      break;
    case store_operation::list:
      info.number_of_kind = counts_.lists++;
      break;
    case store_operation::scan_due:
      info.number_of_kind = counts_.due_scans++;
      break;
    case store_operation::read_log:
      info.number_of_kind = counts_.log_reads++;
      break;
    case store_operation::read_items:
      info.number_of_kind = counts_.item_reads++;
      break;
  }
  fault chosen = plan_ ? plan_(info) : fault{};
  if (chosen.what != fault::outcome::none || chosen.when != fault::hold::no) ++counts_.faults;
  return chosen;
}

void faulty_store::held_set::run_or_hold(bool hold, held_operation what, std::function<void()> next) {
  if (!hold) {
    next();
    return;
  }
  const std::lock_guard lock(mutex_);
  const std::uint64_t ticket = next_ticket_++;
  what.ticket = ticket;
  waiting_.emplace(ticket, waiting{std::move(what), std::move(next)});
}

std::vector<held_operation> faulty_store::held_set::held() const {
  const std::lock_guard lock(mutex_);
  std::vector<held_operation> held;
  held.reserve(waiting_.size());
  for (const auto& [ticket, one] : waiting_) held.push_back(one.what);
  return held;
}

operation_counts faulty_store::held_set::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::function<void()> faulty_store::held_set::take(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  auto node = waiting_.extract(ticket);
  return node.empty() ? std::function<void()>{} : std::move(node.mapped().next);
}

std::function<void()> faulty_store::held_set::take_first() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return {};
  return std::move(waiting_.extract(waiting_.begin()).mapped().next);
}

std::size_t faulty_store::held_set::clear() {
  std::map<std::uint64_t, waiting> dropped;  // destroyed without the lock: callers' completions go with it
  const std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  return dropped.size();
}

}  // namespace troupe::testing
