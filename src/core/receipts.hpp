#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "troupe/core/durable.hpp"
#include "troupe/spi/durable_messages.hpp"

namespace troupe::internal {

/// Which message of which sender is delivered.
struct delivery_name {
  actor_id from;
  std::uint64_t stream = 0;
  std::uint64_t sequence = 0;
  std::uint64_t after = 0;  ///< the message of this sender that must have arrived before; 0: none
};

/// How far an actor has got with the durable messages of each sender: bounded by count and age, the sender that wrote
/// longest ago leaves first. Only on the owning strand.
class receipts {
 public:
  explicit receipts(const message_options& options) noexcept : options_(options) {}

  void load(std::vector<spi::mark_image> stored);

  enum class judgement : std::uint8_t {
    fresh,     ///< it is to take effect
    repeated,  ///< it has had its effect
    early,     ///< one before it has not arrived
  };
  [[nodiscard]] judgement judge(const delivery_name& name) const;

  /// The last message of `from`, as the stream is now, that has had its effect; 0: none.
  [[nodiscard]] std::uint64_t arrived(const actor_id& from, std::uint64_t stream) const;

  /// The record that carries the mark of `from`; 0: it was loaded, or there is none.
  [[nodiscard]] std::uint64_t record_of(const actor_id& from) const;

  /// Notes that a message has had its effect, by record `record`; says so in `changes`.
  void note(const delivery_name& name, wall_time now, std::uint64_t record, spi::message_changes& changes);

  [[nodiscard]] std::size_t size() const noexcept { return by_age_.size(); }

  /// Drops everything, and says so in `changes`.
  void clear(spi::message_changes& changes);

 private:
  struct entry : spi::mark_image {
    std::uint64_t record = 0;
  };
  struct hash {
    [[nodiscard]] std::size_t operator()(const actor_id& actor) const noexcept;
  };
  using list = std::list<entry>;

  void drop_oldest(spi::message_changes& changes);

  message_options options_;
  list by_age_;  // oldest first
  std::unordered_map<actor_id, list::iterator, hash> by_sender_;
};

}  // namespace troupe::internal
