#pragma once

#include <vector>

#include "contract/state_store_contract.hpp"

namespace troupe::contract {

[[nodiscard]] driver memory_driver();
[[nodiscard]] driver sqlite_driver();

/// Every driver of this build; a new one adds its factory here.
[[nodiscard]] std::vector<driver> drivers();

}  // namespace troupe::contract
