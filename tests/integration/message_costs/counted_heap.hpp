#pragma once

#include <atomic>
#include <cstdint>

namespace troupe::testing {

/// Blocks that this program has taken by `operator new`, on all threads.
inline std::atomic<std::uint64_t> blocks_taken{0};

}  // namespace troupe::testing
