#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stores/redis/redis_answer.hpp"
#include "stores/redis/redis_reply.hpp"

namespace troupe::internal {

/// Which server of a cluster serves a slot, as far as is known. Thread-safety: one thread.
class redis_slots {
 public:
  redis_slots() : owners_(16384, 0) {}

  /// Returns the server of a slot; null: not known.
  [[nodiscard]] const redis_address* find(unsigned slot) const noexcept {
    return owners_[slot] == 0 ? nullptr : &addresses_[owners_[slot] - 1];
  }

  void set(unsigned slot, const redis_address& address) { owners_[slot] = number_of(address); }

  /// Takes the answer to `CLUSTER SLOTS`. `asked` is the host that gave it, which stands for an empty one.
  /// Returns whether it could be read; what cannot be read changes nothing.
  bool take(const redis_reply& reply, const std::string& asked);

 private:
  [[nodiscard]] std::uint16_t number_of(const redis_address& address);

  std::vector<std::uint16_t> owners_;  ///< place in `addresses_`, from 1; 0: not known
  std::vector<redis_address> addresses_;
};

}  // namespace troupe::internal
