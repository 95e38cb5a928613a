#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace troupe {

/// Longest key of an actor, in bytes. A key is any sequence of 1 to this many bytes.
inline constexpr std::size_t actor_key_bytes_max = 512;

/// Longest stable type name, in bytes: `[A-Za-z0-9_.-]`, beginning with a letter.
inline constexpr std::size_t actor_type_bytes_max = 64;

/// Names one actor for ever: the stable name of its type and its key within that type.
struct actor_id {
  std::string type;  ///< stable type name, 1 to `actor_type_bytes_max` bytes
  std::string key;   ///< any bytes, 1 to `actor_key_bytes_max`

  friend bool operator==(const actor_id&, const actor_id&) = default;
  friend auto operator<=>(const actor_id&, const actor_id&) = default;
};

/// Throws `error{errc::invalid_argument}` naming the rule that `type` breaks. Effects: none.
void check_actor_type(std::string_view type);

/// Throws `error{errc::invalid_argument}` naming the rule that `key` breaks. Effects: none.
void check_actor_key(std::string_view type, std::string_view key);

/// Returns `type/key` for people: bytes outside printable ASCII as `\xNN`, keys past 80 bytes cut with `...`.
[[nodiscard]] std::string to_string(const actor_id& id);
[[nodiscard]] std::string to_display(std::string_view type, std::string_view key);

}  // namespace troupe

template <>
struct std::hash<troupe::actor_id> {
  std::size_t operator()(const troupe::actor_id& id) const noexcept {
    const std::size_t key = std::hash<std::string_view>{}(id.key);
    return key ^ (std::hash<std::string_view>{}(id.type) + 0x9e3779b97f4a7c15U + (key << 6U) + (key >> 2U));
  }
};
