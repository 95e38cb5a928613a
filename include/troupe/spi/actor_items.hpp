#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "troupe/base/actor_id.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::spi {

/// Longest key of an item, in bytes.
inline constexpr std::size_t item_key_bytes_max = 512;

/// One value that an actor keeps by key, beside its cells: read when asked for, not with the actor.
struct item_image {
  std::string key{};                   ///< 1 to 512 bytes, any bytes
  std::string json{};                  ///< one JSON value, UTF-8, valid
  std::uint64_t version = 0;           ///< of this value of the key; at most that of its record's `next` stamp
  std::optional<wall_time> expires{};  ///< from then on it does not count any more; a store gives it back all the same

  friend bool operator==(const item_image&, const item_image&) = default;
};

/// What one or several turns changed of an actor's items. Erasures come before sets; erasing what is not there is no
/// fault.
struct item_changes {
  /// When the earliest item of the actor expires, this record included; nullopt: none ever does. Kept with the actor.
  std::optional<wall_time> expire_next{};

  bool erase_all = false;             ///< every item that there is leaves; `erased` is empty
  std::vector<std::string> erased{};  ///< keys
  std::vector<item_image> set{};      ///< new items, and those that replace one of the same key; keys are unique

  friend bool operator==(const item_changes&, const item_changes&) = default;
};

/// Some items of one actor: those of `keys`, or where that is empty those whose keys begin with `prefix`.
struct item_query {
  actor_id actor{};
  std::vector<std::string> keys{};     ///< up to 1,000; the page has them all
  std::string prefix{};                ///< empty: every item
  std::optional<std::string> after{};  ///< continue behind this key
  std::size_t limit = 1000;            ///< items, 1 to 10,000; not for `keys`
  std::size_t bytes_max =
      std::size_t{1} << 20U;  ///< of keys and JSON; one item is returned all the same; not for `keys`
};

/// Returns the bytes that these count for against `store_limits::record_bytes_max`: keys and JSON.
[[nodiscard]] inline std::size_t bytes_of(const item_changes& changes) noexcept {
  std::size_t bytes = 0;
  for (const auto& item : changes.set) bytes += item.key.size() + item.json.size();
  return bytes;
}

}  // namespace troupe::spi
