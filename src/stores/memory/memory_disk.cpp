#include "stores/memory/memory_disk.hpp"

#include <algorithm>
#include <utility>

namespace troupe::stores {
namespace {

wall_time earliest_due(const std::vector<spi::reminder_image>& reminders) {
  return std::min_element(reminders.begin(), reminders.end(),
                          [](const auto& a, const auto& b) { return a.due < b.due; })
      ->due;
}

void update_requests(std::vector<spi::request_image>& requests, const spi::turn_record& record) {
  const auto remove = [&](std::string_view key) {
    std::erase_if(requests, [&](const spi::request_image& request) { return request.key == key; });
  };
  for (const std::string& key : record.requests_dropped) remove(key);
  for (const spi::request_image& request : record.requests_added) {
    remove(request.key);
    const auto behind = std::upper_bound(requests.begin(), requests.end(), request.at,
                                         [](wall_time at, const spi::request_image& other) { return at < other.at; });
    requests.insert(behind, request);
  }
}

/// The first actor a list may return: behind `after`, and not before what the filters select.
actor_id lower_end(const spi::list_query& query) {
  const actor_id selected{query.type, query.type.empty() ? std::string() : query.key_prefix};
  return query.after && *query.after > selected ? *query.after : selected;
}

}  // namespace

internal::held_actor memory_disk::held(const spi::turn_record& record) const {
  internal::held_actor held;
  if (const auto it = actors_.find(record.actor); it != actors_.end()) {
    held.stamp = it->second.stamp;
    held.epoch = it->second.epoch;
  } else if (record.erase) {
    held.erased_by_record =
        std::find(erasures_.rbegin(), erasures_.rend(), internal::erasure_of(record)) != erasures_.rend();
  }
  return held;
}

spi::load_result memory_disk::load(const actor_id& actor) const {
  const std::lock_guard lock(mutex_);
  const auto it = actors_.find(actor);
  if (it != actors_.end()) return {spi::read_status::ok, {}, it->second};
  return internal::load_of_nothing(actor, spi::read_status::ok);
}

spi::commit_result memory_disk::commit(const spi::turn_record& record, const spi::store_limits& limits) {
  if (auto bad = internal::refusal(record, limits)) return {spi::commit_status::rejected, *std::move(bad)};
  const std::lock_guard lock(mutex_);
  const internal::held_actor now = held(record);
  switch (internal::judge(now, record)) {
    case internal::commit_verdict::conflict:
      return {spi::commit_status::conflict, internal::conflict_message(now, record)};
    case internal::commit_verdict::apply:
      record.erase ? erase(record) : apply(record);
      break;
    case internal::commit_verdict::repeated:
      break;
  }
  return {spi::commit_status::committed, {}};
}

void memory_disk::apply(const spi::turn_record& record) {
  spi::actor_image& image = actors_[record.actor];
  image.actor = record.actor;
  image.epoch = record.epoch;
  image.stamp = record.next;
  image.cells = record.cells;
  if (record.reminders) {
    if (!image.reminders.empty()) due_.erase({earliest_due(image.reminders), record.actor});
    image.reminders = *record.reminders;
    if (!image.reminders.empty()) due_.insert({earliest_due(image.reminders), record.actor});
  }
  update_requests(image.requests, record);
}

void memory_disk::erase(const spi::turn_record& record) {
  if (const auto it = actors_.find(record.actor); it != actors_.end()) {
    if (!it->second.reminders.empty()) due_.erase({earliest_due(it->second.reminders), record.actor});
    actors_.erase(it);
  }
  erasures_.push_back(internal::erasure_of(record));
  if (erasures_.size() > internal::erasures_remembered) erasures_.pop_front();
}

spi::list_result memory_disk::list(const spi::list_query& query) const {
  const std::lock_guard lock(mutex_);
  spi::list_result result{spi::read_status::ok, {}, {}};
  for (auto it = actors_.lower_bound(lower_end(query)); it != actors_.end(); ++it) {
    const auto& [actor, image] = *it;
    if (result.actors.size() == query.limit) break;
    if (!query.type.empty() && actor.type != query.type) break;
    if (query.after && actor == *query.after) continue;
    if (!actor.key.starts_with(query.key_prefix)) continue;
    result.actors.push_back({actor, image.epoch, image.stamp, image.cells, image.reminders, {}});
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

}  // namespace troupe::stores
