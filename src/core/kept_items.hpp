#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/spi/turn_record.hpp"

namespace troupe::internal {

/// Items by key; null: erased.
using item_overlay = std::map<std::string, std::optional<spi::item_image>, std::less<>>;

/// What a turn does to the actor's items; part of its record.
struct item_effects {
  /// An item gets its version with the record, unless the turn was told one before: then it keeps that.
  item_overlay changed;
  std::uint64_t told_next = 0;  ///< what the turn is told as the version of the others; 0: nobody has asked

  /// For a turn that has looked at every item: when the earliest of those that stay expires, what `changed` sets apart.
  std::optional<std::optional<wall_time>> expire_next;

  /// Keys whose version decided what the turn did, and the newest record before it was read.
  std::map<std::string, std::uint64_t, std::less<>> compared;
};

/// Adds what a later part of the same turn did.
void add_effects(item_effects& to, item_effects&& more);

/// The items of one actor, as far as the store may not have them yet, and when those that expire are to be removed.
/// Only on the owning strand.
class kept_items {
 public:
  void load(std::optional<wall_time> expire_next);

  /// Says what the record that makes version `version` must say for `effects`, whose items get that version or have
  /// been told an earlier one. Changes nothing.
  [[nodiscard]] spi::item_changes describe(const item_effects& effects, std::uint64_t version) const;

  /// Takes over what `describe` said, now that it is in the record `record`. With `alone` no other turn is under way.
  void apply(const spi::item_changes& changes, std::uint64_t record, bool alone);

  /// Returns a key of `effects.compared` that a later record has changed; null: there is none.
  [[nodiscard]] const std::string* changed_since(const item_effects& effects) const noexcept;

  /// Forgets the items of records up to `record`: the store has them.
  void forget(std::uint64_t record) noexcept;

  /// Puts the items that the store may not have yet, and whose keys are from `lower` to before `end`, into `overlay`.
  void put_recent(std::string_view lower, std::string_view end, item_overlay& overlay) const;

  /// The actor is not woken before `until` to look for items that have expired: that reads them all.
  void rest(wall_time until) noexcept { rest_until_ = until; }

  [[nodiscard]] std::optional<wall_time> expire_next() const noexcept { return expire_next_; }

 private:
  struct recent_item {
    std::uint64_t record = 0;
    std::optional<spi::item_image> item;
  };
  void note_change(const std::string& key, std::uint64_t record);

  std::map<std::string, recent_item, std::less<>> recent_;
  /// Which record changed a key last, while turns overlap, and for the keys that are not in it any more.
  std::map<std::string, std::uint64_t, std::less<>> changed_at_;
  std::uint64_t others_changed_at_ = 0;
  std::optional<wall_time> expire_next_;
  wall_time rest_until_{};
};

}  // namespace troupe::internal
