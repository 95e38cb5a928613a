#pragma once

#include <memory>

#include "troupe/spi/state_store.hpp"

namespace troupe::testing {

/// A store that commits whatever it is given, without comparing stamps: what a test of fencing must notice.
/// Requires: a store beneath that completes inline.
[[nodiscard]] std::shared_ptr<spi::state_store> make_unfenced_store(std::shared_ptr<spi::state_store> beneath);

}  // namespace troupe::testing
