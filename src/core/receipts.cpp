#include "core/receipts.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace troupe::internal {

std::size_t receipts::hash::operator()(const actor_id& actor) const noexcept {
  const std::hash<std::string_view> of{};
  return of(actor.key) * 31 + of(actor.type);
}

void receipts::load(std::vector<spi::mark_image> stored) {
  by_age_.clear();
  by_sender_.clear();
  std::stable_sort(stored.begin(), stored.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  for (spi::mark_image& mark : stored) {
    by_age_.push_back({{std::move(mark)}, 0});
    by_sender_[by_age_.back().from] = std::prev(by_age_.end());
  }
}

receipts::judgement receipts::judge(const delivery_name& name) const {
  const std::uint64_t last = arrived(name.from, name.stream);
  if (name.sequence <= last) return judgement::repeated;
  return name.after > last ? judgement::early : judgement::fresh;
}

std::uint64_t receipts::arrived(const actor_id& from, std::uint64_t stream) const {
  const auto known = by_sender_.find(from);
  return known != by_sender_.end() && known->second->stream == stream ? known->second->sequence : 0;
}

std::uint64_t receipts::record_of(const actor_id& from) const {
  const auto known = by_sender_.find(from);
  return known == by_sender_.end() ? 0 : known->second->record;
}

void receipts::drop_oldest(spi::message_changes& changes) {
  changes.marks_dropped.push_back(by_age_.front().from);
  by_sender_.erase(by_age_.front().from);
  by_age_.pop_front();
}

void receipts::note(const delivery_name& name, wall_time now, std::uint64_t record, spi::message_changes& changes) {
  if (const auto known = by_sender_.find(name.from); known != by_sender_.end()) {
    by_age_.erase(known->second);
    by_sender_.erase(known);
  }
  const auto too_old = [&] {
    return options_.senders_age_max.count() > 0 && now - by_age_.front().at > options_.senders_age_max;
  };
  while (!by_age_.empty() && (by_age_.size() >= options_.senders_max || too_old())) drop_oldest(changes);
  by_age_.push_back({{name.from, name.stream, name.sequence, now}, record});
  by_sender_[name.from] = std::prev(by_age_.end());
  changes.marks_set.push_back(by_age_.back());
}

void receipts::clear(spi::message_changes& changes) {
  while (!by_age_.empty()) drop_oldest(changes);
}

}  // namespace troupe::internal
