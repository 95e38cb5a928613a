#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace marketplace {

/// Returns the exact sum of two counts or amounts. Errors: `std::overflow_error` when 64 bits do not hold it.
[[nodiscard]] inline std::int64_t checked_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    throw std::overflow_error("the sum of " + std::to_string(a) + " and " + std::to_string(b) + " exceeds 64 bits");
  }
  return sum;
}

/// Returns the exact difference `a - b`. Errors: `std::overflow_error` when 64 bits do not hold it.
[[nodiscard]] inline std::int64_t checked_difference(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) {
    throw std::overflow_error("the difference of " + std::to_string(a) + " and " + std::to_string(b) +
                              " exceeds 64 bits");
  }
  return difference;
}

}  // namespace marketplace
