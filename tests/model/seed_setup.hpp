#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "model_actors.hpp"
#include "troupe/testing/faulty_store.hpp"

namespace troupe::model {

/// What a seed decides before anything runs.
struct seed_setup {
  std::vector<kind> kinds;   ///< the actors, by number
  std::size_t runtimes = 1;  ///< that share one disk
  std::size_t actions = 0;
  std::uint64_t crash_percent = 0;  ///< of the actions
  testing::fault_rates faults{};
  bool drops_held = false;  ///< held operations may never be answered
  bool erases = false;
  bool edits_on_departure = false;
  bool patient = false;  ///< no call has a deadline
  std::size_t resident_max = 0;
  std::chrono::milliseconds idle_timeout{0};
  std::chrono::milliseconds store_timeout{2'000};

  /// Nothing is to be lost or fail.
  [[nodiscard]] bool calm() const noexcept;
};

[[nodiscard]] seed_setup draw_setup(std::uint64_t seed);

}  // namespace troupe::model
