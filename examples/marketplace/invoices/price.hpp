#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace marketplace {

/// Largest price and largest amount of one row, in pence: far from where sums of 64 bits overflow.
inline constexpr std::int64_t row_pence_max = 1'000'000'000'000'000;

/// Returns the pence of a decimal price in pounds, rounded half up; nullopt when `text` is no such price.
///
/// A price is digits with at most one point among them ("2.55", ".5", "3"), at least zero and at most `row_pence_max`.
/// The rounding reads the digits themselves: no binary fraction comes near the money.
[[nodiscard]] std::optional<std::int64_t> parse_price_pence(std::string_view text);

/// Returns an amount for people: 16108274 is "161,082.74".
[[nodiscard]] std::string format_pounds(std::int64_t pence);

/// Returns a count for people: 67032 is "67,032".
[[nodiscard]] std::string format_count(std::int64_t count);

}  // namespace marketplace
