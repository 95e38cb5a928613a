#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/spi/state_store.hpp"

/// Where things are in a Redis database: docs/formats/redis.md.
namespace troupe::internal {

/// Number of the layout, kept under `redis_layout::format_key`.
inline constexpr unsigned redis_format = 1;

/// The actors are spread over this many shards, each of which lies in one hash slot of a cluster.
inline constexpr unsigned redis_shard_count = 64;

/// How many erasures each shard remembers: all shards together more than the 65,536 that are promised, by so much that
/// an uneven spread does not matter.
inline constexpr unsigned redis_erasures_per_shard = 2048;

/// Returns the shard of an actor: the same in every build, since it is part of the keys.
[[nodiscard]] unsigned redis_shard_of(const actor_id& actor) noexcept;

/// Returns the slot of Redis Cluster that a key lies in. Source: the Redis Cluster specification.
[[nodiscard]] unsigned redis_slot_of(std::string_view key) noexcept;

/// Names keys. Thread-safety: constant.
class redis_layout {
 public:
  /// Requires: `prefix` has no brace.
  explicit redis_layout(std::string prefix) : prefix_(std::move(prefix)) {}

  [[nodiscard]] std::string actor_key(const actor_id& actor) const;
  [[nodiscard]] std::string due_key(unsigned shard) const { return shard_key(shard, "due"); }
  [[nodiscard]] std::string index_key(unsigned shard) const { return shard_key(shard, "index"); }
  [[nodiscard]] std::string erased_key(unsigned shard) const { return shard_key(shard, "erased"); }
  [[nodiscard]] std::string log_key(const actor_id& actor, std::string_view log) const;
  [[nodiscard]] std::string item_values_key(const actor_id& actor) const { return part_key(actor, "i:"); }
  [[nodiscard]] std::string item_names_key(const actor_id& actor) const { return part_key(actor, "n:"); }

  /// A lease stands in every shard, since a script sees one slot of a cluster.
  [[nodiscard]] std::string lease_key(unsigned shard, std::string_view host) const;

  [[nodiscard]] std::string format_key() const { return prefix_ + ":format"; }

  /// Returns the slot that all keys of a shard lie in.
  [[nodiscard]] unsigned slot_of(unsigned shard) const noexcept;

 private:
  [[nodiscard]] std::string shard_key(unsigned shard, std::string_view what) const;
  [[nodiscard]] std::string part_key(const actor_id& actor, std::string_view kind) const;

  std::string prefix_;
};

/// Returns how an actor is named in the sorted sets: members in the order of their bytes are actors by type, then key.
[[nodiscard]] std::string redis_member_of(const actor_id& actor);

/// Returns whom a member names; nothing: nobody.
[[nodiscard]] std::optional<actor_id> redis_actor_of(std::string_view member);

/// Highest sequence of a log entry: scripts count in doubles.
inline constexpr std::uint64_t redis_sequence_max = (std::uint64_t{1} << 53U) - 1;

/// What `ZRANGEBYLEX` is given.
struct redis_range {
  std::string from;
  std::string to;
};

/// Returns the members that may be in a list: all that come behind `query.after`, are of `query.type` and, where a type
/// is given, begin with `query.key_prefix`. Nothing: there are none.
[[nodiscard]] std::optional<redis_range> redis_range_of(const spi::list_query& query);

/// Whether an actor of that range is one that the query asks for.
[[nodiscard]] bool redis_is_listed(const spi::list_query& query, const actor_id& actor) noexcept;

/// Returns the score of a due time. Scores are doubles, exact over 285,000 years; what lies beyond is put at their end.
[[nodiscard]] std::int64_t redis_score_of(wall_time due) noexcept;

/// Returns the time that a score of the server stands for; nothing: it is no number.
[[nodiscard]] std::optional<wall_time> redis_time_of(std::string_view score) noexcept;

}  // namespace troupe::internal
