#include "stores/http/retry_rules.hpp"

#include <algorithm>

namespace troupe::internal {

std::chrono::milliseconds backoff_before(std::size_t failures, std::uint64_t random, const backoff_limits& limits,
                                         std::optional<std::chrono::milliseconds> asked) noexcept {
  std::chrono::milliseconds bound = std::min(limits.first, limits.max);
  for (std::size_t i = 1; i < failures && bound < limits.max; ++i) bound = std::min(bound * 2, limits.max);
  const auto range = static_cast<std::uint64_t>(bound.count()) + 1;
  const std::chrono::milliseconds jitter(static_cast<std::int64_t>(random % range));
  return asked ? *asked + std::min(jitter, limits.first) : jitter;
}

}  // namespace troupe::internal
