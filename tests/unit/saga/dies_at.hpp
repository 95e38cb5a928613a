#pragma once

#include <cstdint>

#include "troupe/testing/faulty_store.hpp"

namespace troupe::testing {

/// Lets the process die at its operation `number` on the store: held before, it is not applied; held after, it is.
inline fault_plan dies_at(std::uint64_t number, fault::hold when, bool& reached) {
  return [=, &reached, begun = std::uint64_t{0}](const operation_info& operation) mutable {
    fault what;
    if (operation.kind != store_operation::commit && operation.kind != store_operation::load) return what;
    const std::uint64_t mine = begun++;
    if (mine >= number) what.when = mine == number ? when : fault::hold::before;
    if (mine == number) reached = true;
    return what;
  };
}

}  // namespace troupe::testing
