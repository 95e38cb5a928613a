#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "troupe/core/actor_type.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// The idempotency keys an actor remembers, with their replies: bounded by count and age, oldest first.
/// Only on the owning strand.
class request_history {
 public:
  explicit request_history(request_window window) noexcept : window_(window) {}

  struct entry : spi::request_image {
    std::uint64_t sequence = 0;  ///< the record that carries it; 0: it was loaded
  };

  void load(std::vector<spi::request_image> stored);

  /// The stored reply of `key`; null when it is not remembered, or is older than the window at `now`.
  [[nodiscard]] const entry* find(std::string_view key, wall_time now) const;

  /// Remembers a request that was not; returns the keys that leave the window for it, the same key included when it
  /// was there but too old.
  [[nodiscard]] std::vector<std::string> add(spi::request_image request, std::uint64_t sequence);

  /// Forgets every key and returns them.
  [[nodiscard]] std::vector<std::string> clear();

 private:
  struct contents {
    std::deque<entry> order;                                    // oldest first
    std::unordered_map<std::string_view, const entry*> by_key;  // views into order
  };

  [[nodiscard]] bool too_old(const spi::request_image& request, wall_time now) const noexcept;

  request_window window_;
  std::unique_ptr<contents> known_;  // null until there is something: most actors never see a key
};

}  // namespace troupe::internal
