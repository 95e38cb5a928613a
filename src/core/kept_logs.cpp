#include "core/kept_logs.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::internal {
namespace {

/// Adds without passing the largest number, which means "all".
std::uint64_t plus(std::uint64_t count, std::uint64_t more) noexcept {
  return count > log_effect::all - more ? log_effect::all : count + more;
}

}  // namespace

log_effect& effect_on(std::vector<log_effect>& effects, std::string_view name) {
  for (log_effect& effect : effects) {
    if (effect.name == name) return effect;
  }
  effects.emplace_back().name = name;
  return effects.back();
}

void add_effects(std::vector<log_effect>& to, std::vector<log_effect>&& more) {
  for (log_effect& effect : more) {
    log_effect& sum = effect_on(to, effect.name);
    sum.newest = std::min(plus(sum.newest, effect.added.size()), effect.newest);
    sum.first_min = std::max(sum.first_min, effect.first_min);
    std::move(effect.added.begin(), effect.added.end(), std::back_inserter(sum.added));
  }
}

spi::log_head after(spi::log_head head, const log_effect& effect) {
  head.next += effect.added.size();
  if (head.next - head.first > effect.newest) head.first = head.next - effect.newest;
  head.first = std::max(head.first, std::min(effect.first_min, head.next));
  return head;
}

void kept_logs::load(const std::vector<spi::log_head>& heads) {
  logs_.clear();
  for (const spi::log_head& head : heads) logs_.push_back({head, {}});
}

const kept_logs::known_log* kept_logs::find(std::string_view name) const noexcept {
  const auto found = std::find_if(logs_.begin(), logs_.end(), [&](const auto& log) { return log.head.name == name; });
  return found == logs_.end() ? nullptr : &*found;
}

spi::log_head kept_logs::head(std::string_view name) const {
  const known_log* log = find(name);
  return log != nullptr ? log->head : spi::log_head{std::string(name), 1, 1};
}

std::vector<spi::log_changes> kept_logs::describe(std::span<const log_effect> effects) const {
  std::vector<spi::log_changes> changes;
  for (const known_log& log : logs_) changes.push_back({log.head, log.head.first, {}});
  for (const log_effect& effect : effects) {
    const spi::log_head before = head(effect.name);
    auto change = std::find_if(changes.begin(), changes.end(),
                               [&](const spi::log_changes& each) { return each.head.name == effect.name; });
    if (change == changes.end()) change = changes.insert(changes.end(), {before, before.first, {}});
    change->head = after(before, effect);
    std::uint64_t sequence = before.next;
    for (const spi::log_entry_image& entry : effect.added) {
      if (sequence++ < change->head.first) continue;  // came and went in one turn
      change->added.push_back(entry);
      change->added.back().sequence = sequence - 1;
    }
  }
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.head.name < b.head.name; });
  return changes;
}

std::vector<spi::log_changes> kept_logs::describe_emptied() const {
  std::vector<spi::log_changes> changes;
  for (const known_log& log : logs_) {
    changes.push_back({{log.head.name, log.head.next, log.head.next}, log.head.first, {}});
  }
  return changes;
}

void kept_logs::apply(const std::vector<spi::log_changes>& changes, std::uint64_t record) {
  std::vector<known_log> now;
  for (const spi::log_changes& change : changes) {
    known_log& log = now.emplace_back();
    log.head = change.head;
    if (const known_log* before = find(change.head.name)) log.recent = before->recent;
    for (const spi::log_entry_image& entry : change.added) log.recent.push_back({record, entry});
    std::erase_if(log.recent, [&](const recent_entry& each) { return each.entry.sequence < log.head.first; });
  }
  logs_ = std::move(now);
}

void kept_logs::forget(std::uint64_t record) noexcept {
  for (known_log& log : logs_) {
    std::erase_if(log.recent, [&](const recent_entry& each) { return each.record <= record; });
  }
}

std::vector<spi::log_entry_image> kept_logs::recent(std::string_view name) const {
  std::vector<spi::log_entry_image> entries;
  if (const known_log* log = find(name)) {
    for (const recent_entry& each : log->recent) entries.push_back(each.entry);
  }
  return entries;
}

}  // namespace troupe::internal
