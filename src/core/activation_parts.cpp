#include <algorithm>
#include <coroutine>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/part_reads.hpp"
#include "core/record_merging.hpp"
#include "core/resident.hpp"
#include "troupe/base/error.hpp"
#include "troupe/detail/log_base.hpp"

// What an actor keeps beside its cells: logs and items, as its turns see them.

namespace troupe::internal {

turn& activation::turn_with_parts(const char* what) {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error(std::string(what) + " outside a turn of " + display());
  if (!is_loaded()) {
    throw std::logic_error(std::string(what) + " by " + display() +
                           ", and the durability of its type is none: nothing of it is stored");
  }
  return *t;
}

part_effects& activation::effects_on_parts(const char* what) {
  turn& t = turn_with_parts(what);
  check_may_change(t, what);
  t.plain = false;
  t.has_extras = true;
  if (!t.parts) t.parts = std::make_unique<part_effects>();
  return *t.parts;
}

void activation::hand_over_parts(turn& from, turn& to) {
  if (!from.parts) return;
  to.has_extras = true;
  if (!to.parts) to.parts = std::make_unique<part_effects>();
  to.parts->add(std::move(*from.parts));
  from.parts.reset();
}

template <class Visit>
void activation::for_each_effect(const turn& t, Visit visit) const {
  if (t.overlap && t.overlap->outer != nullptr) for_each_effect(*t.overlap->outer, visit);
  if (t.parts) visit(*t.parts);
}

log_view activation::view_log(const turn& t, std::string_view name) const {
  log_view view;
  const kept_parts* known = resident_->store->parts();
  view.head = known != nullptr ? known->logs.head(name) : spi::log_head{std::string(name), 1, 1};
  if (known != nullptr) view.recent = known->logs.recent(name);
  view.stored_end = view.recent.empty() ? view.head.next : view.recent.front().sequence;
  for_each_effect(t, [&](const part_effects& effects) {
    for (const log_effect& effect : effects.logs) {
      if (effect.name != name) continue;
      std::uint64_t sequence = view.head.next;
      for (const spi::log_entry_image& entry : effect.added) {
        view.recent.push_back(entry);
        view.recent.back().sequence = sequence++;
      }
      view.head = after(std::move(view.head), effect);
    }
  });
  return view;
}

spi::log_head activation::log_head_here(std::string_view name) {
  const turn& t = turn_with_parts("troupe::log: used");
  const kept_parts* known = resident_->store->parts();
  spi::log_head head = known != nullptr ? known->logs.head(name) : spi::log_head{std::string(name), 1, 1};
  for_each_effect(t, [&](const part_effects& effects) {
    for (const log_effect& effect : effects.logs) {
      if (effect.name == name) head = after(std::move(head), effect);
    }
  });
  return head;
}

void activation::append_with_turn(const detail::log_base& log, std::string json) {
  log_effect& effect = effect_on(effects_on_parts("troupe::log: appended to").logs, log.name());
  effect.added.push_back({0, system().clock().wall_now(), std::move(json)});
  if (effect.newest != log_effect::all) ++effect.newest;
  if (log.entries_max() != 0) effect.newest = std::min<std::uint64_t>(effect.newest, log.entries_max());
}

void activation::trim_with_turn(std::string_view name, std::uint64_t first_min, std::uint64_t newest) {
  // What is appended later in the turn is not meant.
  first_min = std::min(first_min, log_head_here(name).next);
  log_effect& effect = effect_on(effects_on_parts("troupe::log: trimmed").logs, name);
  effect.first_min = std::max(effect.first_min, first_min);
  effect.newest = std::min(effect.newest, newest);
}

void activation::change_item(std::string_view key, std::optional<spi::item_image> item) {
  item_effects& items = effects_on_parts("troupe::storage: changed").items;
  std::optional<spi::item_image>& changed = items.changed[std::string(key)];
  if (changed && changed->version != 0) items.told_next = 0;  // another value is another version
  changed = std::move(item);
}

std::uint64_t activation::newest_record() {
  static_cast<void>(turn_with_parts("troupe::storage: read"));
  return resident_->store->recorded();
}

void activation::rely_on_item(std::string_view key, std::uint64_t record) {
  effects_on_parts("troupe::storage: changed").items.compared.try_emplace(std::string(key), record);
}

void activation::put_changed_items(const turn& t, const key_bounds& keys, item_overlay& overlay) {
  if (const kept_parts* known = resident_->store->parts()) known->items.put_recent(keys.lower, keys.end, overlay);
  for_each_effect(t, [&](part_effects& effects) {
    item_effects& items = effects.items;
    for (auto it = items.changed.lower_bound(keys.lower); it != items.changed.end() && it->first < keys.end; ++it) {
      if (it->second && it->second->version == 0) {
        if (items.told_next == 0) items.told_next = resident_->store->take_version();
        it->second->version = items.told_next;
      }
      overlay.insert_or_assign(it->first, it->second);
    }
  });
}

task<found_items> activation::read_items(spi::item_query query, key_bounds keys) {
  turn& t = turn_with_parts("troupe::storage: read");
  query.actor = id();
  // Both what was changed before the store reads and what is changed meanwhile: it may read before a commit under way
  // is applied, and that commit may be over when the answer comes.
  item_overlay before;
  put_changed_items(t, keys, before);
  found_items found;
  bool more = resident_->store->stamp().version != 0;
  while (more) {
    item_read read(*this, query);
    spi::item_result page = co_await std::move(read);
    more = page.more && query.keys.empty();
    for (spi::item_image& item : page.items) {
      query.after = item.key;
      const auto changed = before.find(item.key);
      std::string key = item.key;
      found.items.insert_or_assign(std::move(key), changed != before.end() ? changed->second : std::move(item));
    }
    if (more) found.read_up_to = query.after;
    if (!more) found.read_up_to.reset();
    const auto is_there = [](const auto& each) { return each.second.has_value(); };
    if (std::count_if(found.items.begin(), found.items.end(), is_there) >= static_cast<std::ptrdiff_t>(keys.wanted)) {
      break;
    }
  }
  if (found.read_up_to) keys.end = *found.read_up_to + '\0';
  for (auto& [key, item] : before) {
    if (key < keys.end) found.items.insert_or_assign(key, std::move(item));
  }
  put_changed_items(t, keys, found.items);
  const wall_time now = system().clock().wall_now();
  std::erase_if(found.items, [&](const auto& each) {
    return !each.second || (each.second->expires && *each.second->expires <= now);
  });
  co_return found;
}

/// Leaves what has expired beyond a part of what a record may take away to the next turn, which is due at once.
task<void> activation::purge_items() {
  const wall_time now = system().clock().wall_now();
  std::optional<wall_time> next;
  std::vector<std::string> expired;
  std::chrono::milliseconds rest{0};  // one for each item that is read: with many of them this is not done too often
  // What earlier turns have set is not to be touched: the store may answer with what it held before their commits,
  // which may be over when the answer comes.
  item_overlay recent;
  const key_bounds all{{}, std::string(spi::item_key_bytes_max + 1, '\xff'), 0};
  const auto put_recent = [&] {
    if (const kept_parts* known = resident_->store->parts()) known->items.put_recent(all.lower, all.end, recent);
  };
  put_recent();
  spi::item_query query;
  query.actor = id();
  constexpr std::size_t at_once_max = record_entries_max / 5;
  for (bool more = true; more;) {
    item_read read(*this, query);
    const spi::item_result page = co_await std::move(read);
    more = page.more;
    if (expired.size() >= at_once_max) {
      next = now;
      rest = {};
      break;
    }
    rest += std::chrono::milliseconds(page.items.size());
    for (const spi::item_image& item : page.items) {
      query.after = item.key;
      if (!item.expires) continue;
      if (*item.expires <= now) {
        expired.push_back(item.key);
      } else {
        next = std::min(next.value_or(*item.expires), *item.expires);
      }
    }
  }
  put_recent();
  part_effects& effects = effects_on_parts("troupe::storage: purged");
  for (const std::string& key : expired) {
    if (!recent.contains(key)) effects.items.changed.emplace(key, std::nullopt);
  }
  for (const auto& [key, item] : recent) {
    if (item && item->expires) next = std::min(next.value_or(*item->expires), *item->expires);
  }
  effects.items.expire_next = next;
  resident_->store->rest_from_expiry(now + rest);
}

}  // namespace troupe::internal
