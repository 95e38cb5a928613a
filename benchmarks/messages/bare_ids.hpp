#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace bench {

/// Actors by id as the machine allows it: open addressing in shards of a lock each, words that hold a pointer and 16
/// bits of the hash, the id in the actor (`Actor::id()`). Owns the actors.
/// Thread-safety: any thread.
template <class Actor>
class bare_ids {
 public:
  bare_ids() = default;
  bare_ids(const bare_ids&) = delete;
  bare_ids& operator=(const bare_ids&) = delete;
  ~bare_ids() {
    for (shard& each : shards_) {
      for (const std::uint64_t word : each.words) delete actor_in(word);
    }
  }

  template <class Make>
  [[nodiscard]] Actor& find_or_make(std::string_view id, const Make& make) {
    const std::uint64_t hash = std::hash<std::string_view>()(id);
    shard& in = shards_[hash % shards_.size()];
    const std::scoped_lock lock(in.mutex);
    if (in.words.size() * 3 <= in.used * 4) grow(in);
    std::uint64_t& place = find(in, id, hash);
    if (place == 0) {
      place = tag_of(hash) | reinterpret_cast<std::uintptr_t>(make().release());
      ++in.used;
    }
    return *actor_in(place);
  }

 private:
  struct alignas(64) shard {
    std::mutex mutex;
    std::vector<std::uint64_t> words;  // guarded by mutex, as the rest; a power of two
    std::size_t used = 0;
  };
  static constexpr std::uint64_t address_bits = (std::uint64_t{1} << 48U) - 1;

  [[nodiscard]] static std::uint64_t tag_of(std::uint64_t hash) noexcept { return hash & ~address_bits; }
  [[nodiscard]] static Actor* actor_in(std::uint64_t word) noexcept {
    return reinterpret_cast<Actor*>(word & address_bits);
  }
  /// The word of that id, or the free one where it belongs.
  [[nodiscard]] static std::uint64_t& find(shard& in, std::string_view id, std::uint64_t hash) noexcept {
    const std::size_t mask = in.words.size() - 1;
    for (std::size_t at = (hash >> 6U) & mask;; at = (at + 1) & mask) {
      std::uint64_t& word = in.words[at];
      if (word == 0) return word;
      if ((word & ~address_bits) == tag_of(hash) && actor_in(word)->id() == id) return word;
    }
  }
  static void grow(shard& in) {
    std::vector<std::uint64_t> old(std::max<std::size_t>(64, in.words.size() * 2));
    old.swap(in.words);
    const std::size_t mask = in.words.size() - 1;
    for (const std::uint64_t word : old) {
      if (word == 0) continue;
      std::size_t at = (std::hash<std::string_view>()(actor_in(word)->id()) >> 6U) & mask;
      while (in.words[at] != 0) at = (at + 1) & mask;
      in.words[at] = word;
    }
  }

  std::array<shard, 64> shards_;
};

}  // namespace bench
