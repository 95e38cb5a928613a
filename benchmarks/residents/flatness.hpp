#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "rounds.hpp"

namespace bench {

/// How much a figure has grown: the median of the last third of its samples beyond that of the middle third. The first
/// third does not count: memory gets warm.
struct growth {
  double middle = 0;
  double last = 0;

  [[nodiscard]] double taken() const noexcept { return last - middle; }
  /// Flat: by no more than 2 % or 1 MiB, whichever is more.
  [[nodiscard]] bool is_flat() const noexcept { return taken() <= std::max(0.02 * middle, 1024.0 * 1024.0); }
};

/// Requires: at least three samples.
inline growth growth_of(const std::vector<double>& samples) {
  const auto third = static_cast<std::ptrdiff_t>(samples.size() / 3);
  return {median(std::vector<double>(samples.end() - 2 * third, samples.end() - third)),
          median(std::vector<double>(samples.end() - third, samples.end()))};
}

}  // namespace bench
