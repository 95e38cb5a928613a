#include "core/kept_items.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {
namespace {

void note_expiry(std::optional<wall_time>& earliest, std::optional<wall_time> expires) {
  if (expires && (!earliest || *expires < *earliest)) earliest = expires;
}

}  // namespace

void add_effects(item_effects& to, item_effects&& more) {
  if (!more.changed.empty()) to.told_next = 0;  // it may have been told of a value that is replaced
  for (auto& [key, item] : more.changed) to.changed.insert_or_assign(key, std::move(item));
  if (more.expire_next) to.expire_next = more.expire_next;
  for (const auto& [key, record] : more.compared) to.compared.try_emplace(key, record);  // the earlier one decides
}

void kept_items::load(std::optional<wall_time> expire_next) {
  recent_.clear();
  expire_next_ = expire_next;
  rest_until_ = {};
}

spi::item_changes kept_items::describe(const item_effects& effects, std::uint64_t version) const {
  spi::item_changes changes;
  changes.expire_next = effects.expire_next ? *effects.expire_next : expire_next_;
  for (const auto& [key, item] : effects.changed) {
    if (!item) {
      changes.erased.push_back(key);
      continue;
    }
    changes.set.push_back(*item);
    if (item->version == 0) changes.set.back().version = version;
    note_expiry(changes.expire_next, item->expires);
  }
  if (changes.expire_next) changes.expire_next = std::max(*changes.expire_next, rest_until_);
  return changes;
}

void kept_items::apply(const spi::item_changes& changes, std::uint64_t record, bool alone) {
  if (alone) {
    changed_at_.clear();
    others_changed_at_ = 0;
  } else {
    for (const std::string& key : changes.erased) note_change(key, record);
    for (const spi::item_image& item : changes.set) note_change(item.key, record);
  }
  expire_next_ = changes.expire_next;
  if (changes.erase_all) recent_.clear();
  for (const std::string& key : changes.erased) recent_.insert_or_assign(key, recent_item{record, std::nullopt});
  for (const spi::item_image& item : changes.set) recent_.insert_or_assign(item.key, recent_item{record, item});
}

void kept_items::note_change(const std::string& key, std::uint64_t record) {
  constexpr std::size_t keys_max = 4096;
  if (changed_at_.size() >= keys_max) {
    // Turns overlap without a break: from here on a few too many fail.
    for (const auto& [unused, changed] : changed_at_) others_changed_at_ = std::max(others_changed_at_, changed);
    changed_at_.clear();
  }
  changed_at_.insert_or_assign(key, record);
}

const std::string* kept_items::changed_since(const item_effects& effects) const noexcept {
  for (const auto& [key, record] : effects.compared) {
    const auto changed = changed_at_.find(key);
    if ((changed == changed_at_.end() ? others_changed_at_ : changed->second) > record) return &key;
  }
  return nullptr;
}

void kept_items::forget(std::uint64_t record) noexcept {
  std::erase_if(recent_, [&](const auto& each) { return each.second.record <= record; });
}

void kept_items::put_recent(std::string_view lower, std::string_view end, item_overlay& overlay) const {
  for (auto it = recent_.lower_bound(lower); it != recent_.end() && it->first < end; ++it) {
    overlay.insert_or_assign(it->first, it->second.item);
  }
}

}  // namespace troupe::internal
