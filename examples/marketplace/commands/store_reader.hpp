#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/spi/state_store.hpp>

namespace marketplace {

/// Reads the stored actors without a runtime: none is activated, and nothing is written.
/// Errors: `std::runtime_error` with what the store says. Thread-safety: one thread.
class store_reader {
 public:
  /// Opens a store that is there. Errors: also what the library throws for a store that it cannot open.
  explicit store_reader(const std::string& uri);
  ~store_reader();

  store_reader(const store_reader&) = delete;
  store_reader& operator=(const store_reader&) = delete;

  /// Calls `use` with every buyer and seller, by type, then key.
  void for_each_trader(const std::function<void(const troupe::spi::actor_image&)>& use);

  /// Returns an actor; of version 0: there is none.
  [[nodiscard]] troupe::spi::actor_image load(const troupe::actor_id& actor);

  /// Calls `use` with entries of the actor's history: the `count` newest ones numbered up to `last`, newest first.
  void for_each_entry(const troupe::actor_id& actor, std::uint64_t last, std::uint64_t count,
                      const std::function<void(const troupe::spi::log_entry_image&)>& use);

 private:
  [[nodiscard]] std::vector<troupe::spi::load_result> load_all(const std::vector<troupe::actor_id>& actors);

  std::shared_ptr<troupe::spi::state_store> store_;
};

}  // namespace marketplace
