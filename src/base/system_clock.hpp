#pragma once

#include <memory>

#include "troupe/spi/clock.hpp"
#include "troupe/spi/entropy.hpp"

namespace troupe::internal {

/// The machine's clocks.
[[nodiscard]] std::shared_ptr<spi::clock> make_system_clock();

/// The machine's randomness, stretched by a generator of its own.
[[nodiscard]] std::shared_ptr<spi::entropy> make_system_entropy();

}  // namespace troupe::internal
