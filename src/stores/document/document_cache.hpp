#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "stores/document/document.hpp"

namespace troupe::internal {

/// A document as the database held it when it was seen last.
struct held_document {
  document content{};
  std::string tag{};  ///< what the database calls this state of it, where it has a name for that
};

/// The documents seen last, up to a number of bytes: so that most writes need no read before.
/// Thread-safety: one thread at a time.
class document_cache {
 public:
  explicit document_cache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Returns what was put in last, or null. Valid until the next call that changes the cache.
  [[nodiscard]] const held_document* find(const actor_id& actor);

  void put(held_document held);
  void drop(const actor_id& actor);

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct entry {
    held_document held;
    std::size_t bytes;
  };

  const std::size_t bytes_max_;
  std::list<entry> entries_;  ///< the latest first
  std::unordered_map<actor_id, std::list<entry>::iterator> by_actor_;
  std::size_t bytes_ = 0;
};

/// Returns about how much memory a document takes.
[[nodiscard]] std::size_t memory_of(const document& content) noexcept;

}  // namespace troupe::internal
