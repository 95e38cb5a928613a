#pragma once

#include <cstddef>

namespace troupe::testing {

/// What this program has allocated by `new`. For one thread.
inline std::size_t allocated = 0;
inline std::size_t allocated_bytes = 0;  ///< as glibc rounds them, and with its own 8

/// So many allocations of a size fail that do not throw.
inline int blocks_to_refuse = 0;
inline std::size_t size_to_refuse = 0;

}  // namespace troupe::testing
