#include "stores/memory/memory_disk.hpp"

#include <algorithm>
#include <utility>

namespace troupe::stores {
namespace {

/// The first actor a list may return: behind `after`, and not before what the filters select.
actor_id lower_end(const spi::list_query& query) {
  const actor_id selected{query.type, query.type.empty() ? std::string() : query.key_prefix};
  return query.after && *query.after > selected ? *query.after : selected;
}

}  // namespace

internal::held_actor memory_disk::held(const spi::turn_record& record) const {
  internal::held_actor held;
  if (const auto it = actors_.find(record.actor); it != actors_.end()) {
    held.stamp = it->second.image.stamp;
    held.epoch = it->second.image.epoch;
  } else if (record.erase) {
    held.erased_by_record =
        std::find(erasures_.rbegin(), erasures_.rend(), internal::erasure_of(record)) != erasures_.rend();
  }
  return held;
}

spi::load_result memory_disk::load(const actor_id& actor) const {
  const std::lock_guard lock(mutex_);
  const auto it = actors_.find(actor);
  if (it != actors_.end()) return {spi::read_status::ok, {}, it->second.image};
  return internal::load_of_nothing(actor, spi::read_status::ok);
}

spi::commit_result memory_disk::commit(const spi::turn_record& record, const spi::store_limits& limits,
                                       const held_lease& lease) {
  if (auto bad = internal::refusal(record, limits)) return {spi::commit_status::rejected, *std::move(bad)};
  const std::lock_guard lock(mutex_);
  if (lease.epoch != 0) {
    if (const std::uint64_t now = leases_.find(lease.host)->second; now != lease.epoch) {
      return {spi::commit_status::conflict, internal::lease_message(record.actor, lease.host, lease.epoch, now)};
    }
  }
  const internal::held_actor now = held(record);
  switch (internal::judge(now, record)) {
    case internal::commit_verdict::conflict:
      return {spi::commit_status::conflict, internal::conflict_message(now, record)};
    case internal::commit_verdict::apply:
      if (auto bad = record.erase ? std::nullopt : apply(record, limits)) {
        return {spi::commit_status::rejected, *std::move(bad)};
      }
      if (record.erase) erase(record);
      break;
    case internal::commit_verdict::repeated:
      break;
  }
  return {spi::commit_status::committed, {}};
}

/// As strict as the stores that lose a cell which is kept and does not stand apart.
std::optional<std::string> memory_disk::apply(const spi::turn_record& record, const spi::store_limits& limits) {
  static const spi::actor_image nothing;
  const auto held = actors_.find(record.actor);
  if (auto bad = internal::wrongly_kept(held != actors_.end() ? held->second.image : nothing, record)) return bad;
  internal::kept_actor& kept = actors_[record.actor];
  internal::apply(kept, record, limits.large_cell_bytes);
  const auto due = internal::due_after(record, kept.due);
  if (due == kept.due) return std::nullopt;
  if (kept.due) due_.erase({*kept.due, record.actor});
  if (due) due_.insert({*due, record.actor});
  kept.due = due;
  return std::nullopt;
}

void memory_disk::erase(const spi::turn_record& record) {
  if (const auto it = actors_.find(record.actor); it != actors_.end()) {
    if (it->second.due) due_.erase({*it->second.due, record.actor});
    actors_.erase(it);
  }
  erasures_.push_back(internal::erasure_of(record));
  if (erasures_.size() > internal::erasures_remembered) erasures_.pop_front();
}

spi::list_result memory_disk::list(const spi::list_query& query) const {
  const std::lock_guard lock(mutex_);
  spi::list_result result{spi::read_status::ok, {}, {}};
  for (auto it = actors_.lower_bound(lower_end(query)); it != actors_.end(); ++it) {
    const auto& [actor, kept] = *it;
    if (result.actors.size() == query.limit) break;
    if (!query.type.empty() && actor.type != query.type) break;
    if (query.after && actor == *query.after) continue;
    if (!actor.key.starts_with(query.key_prefix)) continue;
    spi::actor_image& listed = result.actors.emplace_back();
    listed.actor = actor;
    listed.epoch = kept.image.epoch;
    listed.stamp = kept.image.stamp;
    listed.cells = kept.image.cells;
    listed.reminders = kept.image.reminders;
  }
  return result;
}

spi::due_result memory_disk::scan_due(const spi::due_query& query) const {
  const std::lock_guard lock(mutex_);
  spi::due_result result{spi::read_status::ok, {}, {}};
  auto it = query.after ? due_.upper_bound({query.after->due, query.after->actor}) : due_.begin();
  for (; it != due_.end() && result.actors.size() < query.limit; ++it) {
    const auto& [due, actor] = *it;
    if (due > query.until) break;
    result.actors.push_back({actor, due});
  }
  return result;
}

spi::log_result memory_disk::read_log(const spi::log_query& query) const {
  const std::lock_guard lock(mutex_);
  const auto it = actors_.find(query.actor);
  return it == actors_.end() ? spi::log_result{spi::read_status::ok, {}, {}} : internal::read_log(it->second, query);
}

spi::item_result memory_disk::read_items(const spi::item_query& query) const {
  const std::lock_guard lock(mutex_);
  const auto it = actors_.find(query.actor);
  return it == actors_.end() ? spi::item_result{spi::read_status::ok, {}, {}, false}
                             : internal::read_items(it->second, query);
}

std::uint64_t memory_disk::take_lease(const std::string& host) {
  const std::lock_guard lock(mutex_);
  return ++leases_[host];
}

}  // namespace troupe::stores
