#pragma once

#include <string>
#include <vector>

#include "troupe/core/actor.hpp"

namespace troupe::internal {

/// The names of the cells that an actor object has, in the order of its members. Requires: nothing runs the actor, and
/// no cell is added to it afterwards.
[[nodiscard]] std::vector<std::string> declared_cells(actor& specimen);

}  // namespace troupe::internal
