#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace troupe {

/// Longest id of a saga, in bytes.
inline constexpr std::size_t saga_id_bytes_max = 64;

/// Longest name of a step, and of a label given to `saga_attempt::with`, in bytes.
inline constexpr std::size_t saga_step_bytes_max = 24;

/// Whether `name` may name a step or label a call: 1 to `saga_step_bytes_max` bytes `[A-Za-z0-9_.-]`.
[[nodiscard]] constexpr bool is_saga_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > saga_step_bytes_max) return false;
  for (const char c : name) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alphanumeric && c != '_' && c != '.' && c != '-') return false;
  }
  return true;
}

/// Where a saga stands.
enum class saga_phase : std::uint8_t {
  none,          ///< none was begun
  running,       ///< its steps are being taken
  compensating,  ///< a step was refused, or it was cancelled: what was done is being undone
  completed,     ///< the end: every step was taken
  compensated,   ///< the end: everything that was done has been undone
  parked,        ///< it goes on only when an operator says so: see `saga_status::trouble`
};
NLOHMANN_JSON_SERIALIZE_ENUM(saga_phase, {{saga_phase::none, "none"},
                                          {saga_phase::running, "running"},
                                          {saga_phase::compensating, "compensating"},
                                          {saga_phase::completed, "completed"},
                                          {saga_phase::compensated, "compensated"},
                                          {saga_phase::parked, "parked"}})

/// What a saga says of itself.
struct saga_status {
  std::string id;  ///< empty: none was begun
  saga_phase phase = saga_phase::none;
  std::string step;         ///< what is next to be taken, or undone; empty at the end
  std::uint32_t tries = 0;  ///< failed tries of that
  std::string trouble;      ///< what the last of these failed with, or why the saga is parked
  std::string reason;       ///< why it is undone; empty while nothing is

  /// Whether nothing more happens: every step was taken, or everything was undone.
  [[nodiscard]] bool ended() const noexcept {
    return phase == saga_phase::completed || phase == saga_phase::compensated;
  }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(saga_status, id, phase, step, tries, trouble, reason)

/// How patient a saga is. Times are 1 ms to 10 years, and `pause_max` is at least `first_pause`.
///
/// Participants must remember idempotency keys for longer than a step, or a compensation, may be tried: see
/// `request_window`, whose default is 24 hours and 1,000 keys.
struct saga_policy {
  /// Pause after the first failed try; each next one is twice as long, up to `pause_max`.
  std::chrono::milliseconds first_pause{1000};
  std::chrono::milliseconds pause_max{60'000};

  /// How long after its first failure a step may be tried again; then it counts as failed, and all is undone. It does
  /// not end a try that is under way.
  std::chrono::milliseconds step_time = std::chrono::hours(1);

  /// The same for a compensation; then the saga is parked.
  std::chrono::milliseconds compensation_time = std::chrono::hours(12);

  /// How soon a saga goes on that was cut off by a crash, an eviction or a failed commit.
  std::chrono::milliseconds resume_after{10'000};
};

}  // namespace troupe

namespace troupe::detail {

/// A saga as its coordinator stores it, beside the data of its steps.
struct saga_record {
  std::string id;
  saga_phase phase = saga_phase::none;
  std::vector<std::string> steps;  ///< by name, as they were when it began
  std::uint32_t done = 0;          ///< how many of them have, or may have, had an effect
  bool undoing = false;            ///< whether they are being undone, from the last one back
  std::uint32_t tries = 0;         ///< failed tries of what is next
  std::int64_t failing_since = 0;  ///< wall time of the first of these, in ms since 1970
  std::string trouble;
  std::string reason;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(saga_record, id, phase, steps, done, undoing, tries, failing_since,
                                                trouble, reason)

}  // namespace troupe::detail
