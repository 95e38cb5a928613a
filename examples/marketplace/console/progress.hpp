#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace marketplace {

/// Shows how far long work is: a bar that is redrawn on a terminal, a plain line now and then elsewhere.
///
/// Knows no clock: every call says how long the work has been running, and calls that come too early show nothing.
/// Thread-safety: one thread at a time.
class progress {
 public:
  enum class style : std::uint8_t { bar, lines };

  /// Time between two redraws of the bar, and between two lines.
  static constexpr std::chrono::milliseconds bar_interval{100};
  static constexpr std::chrono::milliseconds line_interval{2000};

  /// Lifetime: `out` outlives the progress. `total` is in any unit; 0: nothing to do.
  progress(std::ostream& out, style look, std::string label, std::uint64_t total);

  /// Shows that `done` of the total is done, with a note such as "5,120 rows".
  void update(std::uint64_t done, const std::string& note, std::chrono::milliseconds elapsed);

  /// Shows the end, always.
  void finish(const std::string& note, std::chrono::milliseconds elapsed);

 private:
  void show(std::uint64_t done, const std::string& note, std::chrono::milliseconds elapsed);

  std::ostream& out_;
  const style look_;
  const std::string label_;
  const std::uint64_t total_;
  std::optional<std::chrono::milliseconds> shown_at_;
};

/// The style that suits standard error: a bar on a terminal, lines elsewhere.
[[nodiscard]] progress::style style_of_stderr();

}  // namespace marketplace
