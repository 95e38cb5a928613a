#pragma once

#include <vector>

#include "contract/state_store_contract.hpp"

namespace troupe::contract {

/// The drivers that the program at hand runs the clauses on; each program defines it.
[[nodiscard]] std::vector<driver> drivers();

}  // namespace troupe::contract
