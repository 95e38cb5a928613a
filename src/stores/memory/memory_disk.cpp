#include "stores/memory/memory_disk.hpp"

#include <algorithm>
#include <utility>

namespace troupe::stores {
namespace {

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

/// Drops, then adds or replaces, in a list sorted by the number that `number_of` gives.
template <typename Images, typename Number>
void update_numbered(Images& images, const std::vector<std::uint64_t>& dropped, const Images& added, Number number_of) {
  const auto place_of = [&](std::uint64_t number) {
    return std::lower_bound(images.begin(), images.end(), number,
                            [&](const auto& image, std::uint64_t n) { return number_of(image) < n; });
  };
  std::erase_if(images, [&](const auto& image) {
    return std::find(dropped.begin(), dropped.end(), number_of(image)) != dropped.end();
  });
  for (const auto& image : added) {
    const auto place = place_of(number_of(image));
    if (place != images.end() && number_of(*place) == number_of(image)) {
      *place = image;
    } else {
      images.insert(place, image);
    }
  }
}

void update_marks(std::vector<spi::mark_image>& marks, const spi::message_changes& changes) {
  const auto remove = [&](const actor_id& from) {
    std::erase_if(marks, [&](const spi::mark_image& mark) { return mark.from == from; });
  };
  for (const actor_id& from : changes.marks_dropped) remove(from);
  for (const spi::mark_image& mark : changes.marks_set) {
    remove(mark.from);
    const auto behind =
        std::upper_bound(marks.begin(), marks.end(), mark.from,
                         [](const actor_id& from, const spi::mark_image& other) { return from < other.from; });
    marks.insert(behind, mark);
  }
}

void update_messages(spi::actor_image& image, const spi::message_changes& changes) {
  if (changes.stream != 0) image.stream = changes.stream;
  update_numbered(image.messages, changes.sent_dropped, changes.sent_added,
                  [](const spi::message_image& message) { return message.sequence; });
  update_marks(image.marks, changes);
  update_numbered(image.letters, changes.letters_dropped, changes.letters_added,
                  [](const spi::letter_image& letter) { return letter.id; });
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
  kept_actor& kept = actors_[record.actor];
  spi::actor_image& image = kept.image;
  image.actor = record.actor;
  image.epoch = record.epoch;
  image.stamp = record.next;
  if (!record.keeps_cells) image.cells = record.cells;
  if (record.reminders) image.reminders = *record.reminders;
  update_requests(image.requests, record);
  if (record.messages) update_messages(image, *record.messages);
  const auto due = internal::due_after(record, kept.due);
  if (due == kept.due) return;
  if (kept.due) due_.erase({*kept.due, record.actor});
  if (due) due_.insert({*due, record.actor});
  kept.due = due;
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

}  // namespace troupe::stores
