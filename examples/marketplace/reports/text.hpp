#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace marketplace {

/// Returns how fast turns were: "16,508 in 1.3 s (12,698 per second)".
[[nodiscard]] std::string pace(std::uint64_t turns, double seconds);

/// Returns a time as "2010-12-01T08:26:00Z".
[[nodiscard]] std::string time_text(std::chrono::sys_time<std::chrono::milliseconds> when);

/// Returns `label` and `value` as one line of a report.
[[nodiscard]] std::string report_line(const std::string& label, const std::string& value);

/// Returns `text` with every byte that is not printable ASCII, and the backslash, as `\x` and two hexadecimal digits.
[[nodiscard]] std::string printable(std::string_view text);

/// Whether `text` is valid UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Returns `text` as JSON can hold it. Text that is not UTF-8 is told as `printable` has it, and so is text that looks
/// as if it were: no two texts become one.
[[nodiscard]] std::string json_text(std::string_view text);

/// Returns `text` for one line on a terminal: text in UTF-8 stays but for its control characters; other text is told as
/// `printable` has it.
[[nodiscard]] std::string terminal_line(std::string_view text);

}  // namespace marketplace
