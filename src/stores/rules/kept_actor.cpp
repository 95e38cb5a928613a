#include "stores/rules/kept_actor.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "stores/rules/cell_content.hpp"
#include "stores/rules/commit_rules.hpp"

namespace troupe::internal {
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

auto find_cell(const std::vector<spi::cell_image>& cells, std::string_view name) {
  return std::find_if(cells.begin(), cells.end(), [&](const spi::cell_image& each) { return each.name == name; });
}

void update_cells(std::vector<spi::cell_image>& cells, const spi::turn_record& record, std::size_t large_cell_bytes) {
  std::vector<spi::cell_image> now = record.cells;
  for (spi::cell_image& cell : now) {
    if (!cell.kept) {
      cell.kept = is_large(cell, large_cell_bytes);
    } else if (const auto before = find_cell(cells, cell.name); before != cells.end()) {
      cell = *before;
    }
  }
  cells = std::move(now);
}

void update_logs(kept_actor& kept, const std::vector<spi::log_changes>& changes) {
  kept.image.logs.clear();
  for (const spi::log_changes& change : changes) {
    kept.image.logs.push_back(change.head);
    auto& entries = kept.logs[change.head.name];
    for (const spi::log_entry_image& entry : change.added) entries.insert_or_assign(entry.sequence, entry);
    entries.erase(entries.begin(), entries.lower_bound(change.head.first));
  }
}

void update_items(kept_actor& kept, const spi::item_changes& changes) {
  kept.image.items_expire = changes.expire_next;
  if (changes.erase_all) kept.items.clear();
  for (const std::string& key : changes.erased) kept.items.erase(key);
  for (const spi::item_image& item : changes.set) kept.items.insert_or_assign(item.key, item);
}

void update_messages(spi::actor_image& image, const spi::message_changes& changes) {
  if (changes.stream != 0) image.stream = changes.stream;
  update_numbered(image.messages, changes.sent_dropped, changes.sent_added,
                  [](const spi::message_image& message) { return message.sequence; });
  update_marks(image.marks, changes);
  update_numbered(image.letters, changes.letters_dropped, changes.letters_added,
                  [](const spi::letter_image& letter) { return letter.id; });
}

}  // namespace

std::optional<std::string> wrongly_kept(const spi::actor_image& held, const spi::turn_record& record) {
  for (const spi::cell_image& cell : record.cells) {
    if (!cell.kept) continue;
    const auto before = find_cell(held.cells, cell.name);
    if (before == held.cells.end() || !before->kept) return wrongly_kept(record.actor, cell.name);
  }
  return std::nullopt;
}

void apply(kept_actor& kept, const spi::turn_record& record, std::size_t large_cell_bytes) {
  spi::actor_image& image = kept.image;
  image.actor = record.actor;
  image.epoch = record.epoch;
  image.stamp = record.next;
  if (!record.keeps_cells) update_cells(image.cells, record, large_cell_bytes);
  if (record.reminders) image.reminders = *record.reminders;
  update_requests(image.requests, record);
  if (record.messages) update_messages(image, *record.messages);
  if (record.logs) update_logs(kept, *record.logs);
  if (record.items) update_items(kept, *record.items);
}

spi::log_result read_log(const kept_actor& kept, const spi::log_query& query) {
  spi::log_result result{spi::read_status::ok, {}, {}};
  const auto log = kept.logs.find(query.log);
  if (log == kept.logs.end() || query.from > query.to) return result;
  const auto& entries = log->second;
  std::size_t bytes = 0;
  const auto take = [&](const spi::log_entry_image& entry) {
    bytes += entry.json.size();
    if (result.entries.size() == query.limit || (bytes > query.bytes_max && !result.entries.empty())) return false;
    result.entries.push_back(entry);
    return true;
  };
  auto low = entries.lower_bound(query.from);
  auto high = entries.upper_bound(query.to);
  if (query.newest_first) {
    while (high != low && take(std::prev(high)->second)) --high;
  } else {
    while (low != high && take(low->second)) ++low;
  }
  return result;
}

spi::item_result read_items(const kept_actor& kept, const spi::item_query& query) {
  spi::item_result result{spi::read_status::ok, {}, {}, false};
  if (!query.keys.empty()) {
    for (const std::string& key : query.keys) {
      if (const auto item = kept.items.find(key); item != kept.items.end()) result.items.push_back(item->second);
    }
    std::sort(result.items.begin(), result.items.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    result.items.erase(std::unique(result.items.begin(), result.items.end()), result.items.end());
    return result;
  }
  const bool behind = query.after && *query.after >= query.prefix;
  auto it = behind ? kept.items.upper_bound(*query.after) : kept.items.lower_bound(query.prefix);
  std::size_t bytes = 0;
  for (; it != kept.items.end() && it->first.starts_with(query.prefix); ++it) {
    bytes += it->first.size() + it->second.json.size();
    result.more = result.items.size() == query.limit || (bytes > query.bytes_max && !result.items.empty());
    if (result.more) break;
    result.items.push_back(it->second);
  }
  return result;
}

}  // namespace troupe::internal
