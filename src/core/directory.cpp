#include "core/directory.hpp"

#include "core/actor_system.hpp"

namespace troupe::internal {
namespace {

/// Entries of a shard's table that is not made smaller.
constexpr std::size_t table_kept = 256;

}  // namespace

std::size_t directory::hash_of(const hosted_type& type, std::string_view key) noexcept {
  // std::hash of the standard library is murmur, which is good in the low bits only; a multiplication spreads it.
  std::uint64_t h = std::hash<std::string_view>{}(key) + type.index * 0x9e3779b97f4a7c15U;
  h ^= h >> 32U;
  h *= 0xd6e8feb86659fd93U;
  h ^= h >> 32U;
  return h >> 32U;
}

activation* directory::find_or_make(actor_system& system, const hosted_type& type, std::string_view key) {
  const std::size_t hash = hash_of(type, key);
  shard& s = shard_of(hash);
  const std::scoped_lock lock(s.mutex);
  if (const auto found = s.places.find(name{&type, key, hash}); found != s.places.end()) {
    (*found)->retain();
    return *found;
  }
  activation* made = activation::make(type, key, hash);
  if (system.halted()) made->close();
  system.hold();
  s.places.insert(made);
  return made;
}

void directory::release_last(activation& place) noexcept {
  shard& s = shard_of(place.hash());
  actor_system& system = place.system();
  {
    const std::scoped_lock lock(s.mutex);
    if (place.references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    s.places.erase(&place);
    activation::destroy(&place);
    // Actors that are gone cost nothing: a table that few are left in gives its memory back.
    if (s.places.bucket_count() > table_kept && s.places.size() < s.places.bucket_count() / 8) {
      s.places.rehash(s.places.size() * 2);
    }
  }
  system.drop();  // may be the end of this directory
}

std::size_t directory::size() const {
  std::size_t total = 0;
  for (const shard& s : shards_) {
    const std::scoped_lock lock(s.mutex);
    total += s.places.size();
  }
  return total;
}

std::vector<activation*> directory::snapshot() const {
  std::vector<activation*> all;
  for (const shard& s : shards_) {
    const std::scoped_lock lock(s.mutex);
    for (activation* place : s.places) {
      place->retain();
      all.push_back(place);
    }
  }
  return all;
}

}  // namespace troupe::internal
