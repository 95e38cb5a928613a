#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "core/activation.hpp"
#include "core/light_mutex.hpp"

namespace troupe::internal {

/// Every actor that is activated, has messages or is referred to, by type and key: 8 bytes and a little per actor.
/// Thread-safety: any thread.
class directory {
 public:
  directory() = default;
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;
  ~directory() = default;

  /// Returns the actor's place with a reference counted for the caller; makes it when there is none.
  [[nodiscard]] activation* find_or_make(actor_system& system, const hosted_type& type, std::string_view key);

  /// Drops what may be the last reference; removes and frees the place when it is.
  void release_last(activation& place) noexcept;

  [[nodiscard]] std::size_t size() const;

  /// Every place, each with a reference counted for the caller.
  [[nodiscard]] std::vector<activation*> snapshot() const;

 private:
  struct name {
    const hosted_type* type;
    std::string_view key;
    std::size_t hash;
  };
  struct hasher {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const activation* place) const noexcept { return spread(place->hash()); }
    std::size_t operator()(const name& n) const noexcept { return spread(n.hash); }
    /// A table takes the upper bits, and a place keeps 32.
    [[nodiscard]] static std::size_t spread(std::size_t hash) noexcept { return hash * 0x9e3779b97f4a7c15U; }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(const activation* a, const activation* b) const noexcept { return a == b; }
    bool operator()(const name& n, const activation* a) const noexcept {
      return &a->type() == n.type && a->key() == n.key;
    }
    bool operator()(const activation* a, const name& n) const noexcept { return (*this)(n, a); }
  };
  struct alignas(64) shard {
    mutable light_mutex mutex;
    boost::unordered_flat_set<activation*, hasher, equal> places;  // guarded by mutex
  };
  static constexpr std::size_t shard_count = 64;  // 2^6, and a hash has 32 bits

  [[nodiscard]] static std::size_t hash_of(const hosted_type& type, std::string_view key) noexcept;
  /// By other bits than those that a table keeps of each entry, so that few look alike there.
  [[nodiscard]] shard& shard_of(std::size_t hash) noexcept { return shards_[hash >> 26U]; }

  std::array<shard, shard_count> shards_;
};

}  // namespace troupe::internal
