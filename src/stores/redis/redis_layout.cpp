#include "stores/redis/redis_layout.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/key_prefix.hpp"
#include "stores/rules/commit_rules.hpp"

namespace troupe::internal {
namespace {

constexpr std::int64_t score_max = std::int64_t{1} << 53U;

std::uint16_t crc16(std::string_view bytes) noexcept {
  std::uint16_t crc = 0;
  for (const char c : bytes) {
    crc = static_cast<std::uint16_t>(crc ^ (static_cast<unsigned char>(c) << 8U));
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U);
    }
  }
  return crc;
}

}  // namespace

unsigned redis_shard_of(const actor_id& actor) noexcept {
  // The upper bits take part: of a multiplication the lowest ones depend on the lowest ones alone.
  const std::uint64_t hash = hash_of(actor);
  return static_cast<unsigned>((hash ^ (hash >> 40U)) % redis_shard_count);
}

unsigned redis_slot_of(std::string_view key) noexcept {
  const auto open = key.find('{');
  const auto close = open == std::string_view::npos ? open : key.find('}', open);
  if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  return crc16(key) % 16384U;
}

std::string redis_layout::shard_key(unsigned shard, std::string_view what) const {
  std::string key = prefix_;
  return key.append(":{").append(std::to_string(shard)).append("}:").append(what);
}

std::string redis_layout::part_key(const actor_id& actor, std::string_view kind) const {
  return shard_key(redis_shard_of(actor), kind).append(actor.type).append("/").append(actor.key);
}

std::string redis_layout::actor_key(const actor_id& actor) const { return part_key(actor, "a:"); }

std::string redis_layout::log_key(const actor_id& actor, std::string_view log) const {
  return part_key(actor, "g:").append("/").append(log);
}

std::string redis_layout::lease_key(unsigned shard, std::string_view host) const {
  return shard_key(shard, "lease:").append(host);
}

unsigned redis_layout::slot_of(unsigned shard) const noexcept { return crc16(std::to_string(shard)) % 16384U; }

std::string redis_member_of(const actor_id& actor) {
  std::string member = actor.type;
  member += '\0';
  return member += actor.key;
}

std::optional<actor_id> redis_actor_of(std::string_view member) {
  const auto end = member.find('\0');
  if (end == std::string_view::npos || end == 0 || end + 1 == member.size()) return std::nullopt;
  return actor_id{std::string(member.substr(0, end)), std::string(member.substr(end + 1))};
}

std::optional<redis_range> redis_range_of(const spi::list_query& query) {
  redis_range range{"-", "+"};
  std::string lower;
  std::string upper;
  if (!query.type.empty()) {
    lower = redis_member_of({query.type, query.key_prefix});
    upper = end_of_prefix(lower, lower.size());
    range = {"[" + lower, "(" + upper};
  }
  if (!query.after) return range;
  const std::string after = redis_member_of(*query.after);
  if (!upper.empty() && after >= upper) return std::nullopt;
  if (after >= lower) range.from = "(" + after;
  return range;
}

bool redis_is_listed(const spi::list_query& query, const actor_id& actor) noexcept {
  return (query.type.empty() || actor.type == query.type) && actor.key.starts_with(query.key_prefix);
}

std::int64_t redis_score_of(wall_time due) noexcept {
  return std::clamp<std::int64_t>(due.time_since_epoch().count(), -score_max, score_max);
}

std::optional<wall_time> redis_time_of(std::string_view score) noexcept {
  double value = 0;
  const auto [end, problem] = std::from_chars(score.data(), score.data() + score.size(), value);
  if (problem != std::errc{} || end != score.data() + score.size() || std::isnan(value)) return std::nullopt;
  constexpr auto limit = static_cast<double>(score_max);
  return wall_time(std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(value, -limit, limit))));
}

}  // namespace troupe::internal
