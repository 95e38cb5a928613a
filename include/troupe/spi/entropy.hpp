#pragma once

#include <cstdint>

namespace troupe::spi {

/// The only source of randomness a runtime reads.
/// Thread-safety: any thread.
class entropy {
 public:
  virtual ~entropy() = default;

  /// Returns 64 unpredictable (or, in a test, seeded) bits.
  [[nodiscard]] virtual std::uint64_t next() noexcept = 0;
};

}  // namespace troupe::spi
