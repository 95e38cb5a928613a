#include "stores/document/document_names.hpp"

#include <algorithm>
#include <cstdint>

namespace troupe::internal {
namespace {

constexpr std::string_view key_hex_digits = "0123456789ABCDEF";

bool is_plain(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
}

std::uint64_t fnv(std::string_view bytes, std::uint64_t hash) noexcept {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// Returns how many bytes follow a lead byte, and the bounds of the first of them; nothing: it is no lead byte.
struct sequence {
  std::size_t following;
  unsigned char low;
  unsigned char high;
};

std::optional<sequence> sequence_after(unsigned char lead) noexcept {
  if (lead < 0x80) return sequence{0, 0, 0};
  if (lead >= 0xc2 && lead <= 0xdf) return sequence{1, 0x80, 0xbf};
  if (lead == 0xe0) return sequence{2, 0xa0, 0xbf};
  if (lead == 0xed) return sequence{2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return sequence{2, 0x80, 0xbf};
  if (lead == 0xf0) return sequence{3, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return sequence{3, 0x80, 0xbf};
  if (lead == 0xf4) return sequence{3, 0x80, 0x8f};
  return std::nullopt;
}

}  // namespace

std::string document_name(const actor_id& actor) {
  std::string name = actor.type;
  name += '!';
  for (const char c : actor.key) {
    if (is_plain(c)) {
      name += c;
    } else {
      name += '~';
      name += key_hex_digits[static_cast<unsigned char>(c) >> 4U];
      name += key_hex_digits[static_cast<unsigned char>(c) & 0xfU];
    }
  }
  return name;
}

std::optional<actor_id> actor_of_name(std::string_view name) {
  const auto mark = name.find('!');
  if (mark == std::string_view::npos || mark == 0) return std::nullopt;
  actor_id actor{std::string(name.substr(0, mark)), {}};
  for (std::size_t i = mark + 1; i < name.size(); ++i) {
    if (name[i] != '~') {
      actor.key += name[i];
      continue;
    }
    if (i + 2 >= name.size()) return std::nullopt;
    const std::size_t high = key_hex_digits.find(name[i + 1]);
    const std::size_t low = key_hex_digits.find(name[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    actor.key += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return actor;
}

std::size_t shard_of(const actor_id& actor, std::size_t shards) noexcept {
  const std::uint64_t type = fnv(std::string_view("\0", 1), fnv(actor.type, 0xcbf29ce484222325U));
  const std::uint64_t hash = fnv(actor.key, type);
  return static_cast<std::size_t>((hash ^ hash >> 32U) % shards);
}

std::string sortable(wall_time due) {
  // With the sign bit turned around, negative times sort before others.
  const auto bits = static_cast<std::uint64_t>(due.time_since_epoch().count()) ^ std::uint64_t{1} << 63U;
  std::string bytes;
  for (unsigned shift = 64; shift != 0; shift -= 8) bytes += static_cast<char>(bits >> (shift - 8) & 0xffU);
  return bytes;
}

std::optional<wall_time> time_of_sortable(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  std::uint64_t bits = 0;
  for (const char c : bytes) bits = bits << 8U | static_cast<unsigned char>(c);
  return wall_time(std::chrono::milliseconds(static_cast<std::int64_t>(bits ^ std::uint64_t{1} << 63U)));
}

bool is_utf8(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto sequence = sequence_after(static_cast<unsigned char>(bytes[i]));
    if (!sequence || bytes.size() - i <= sequence->following) return false;
    for (std::size_t n = 1; n <= sequence->following; ++n) {
      const auto byte = static_cast<unsigned char>(bytes[i + n]);
      if (byte < (n == 1 ? sequence->low : 0x80) || byte > (n == 1 ? sequence->high : 0xbf)) return false;
    }
    i += sequence->following;
  }
  return true;
}

}  // namespace troupe::internal
