#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/base/error.hpp"
#include "troupe/saga/saga_status.hpp"
#include "troupe/spi/clock.hpp"

// What a saga does next, as functions of its record. No actor, clock or store.
namespace troupe::internal {

/// What is to be done for a saga.
struct saga_task {
  std::string_view step;  ///< points into the record
  bool undo = false;      ///< its compensation
};

/// How a try of a step or a compensation failed.
enum class saga_failure : std::uint8_t {
  temporary,  ///< trying again may help, and the effect may be there
  refused,    ///< trying again cannot help, and it is certain that there was no effect
  in_doubt,   ///< trying again cannot help, and the effect may be there
};

/// Returns how a try that threw `failure` failed: an error of the library says by its code whether to try again, and
/// what somebody's handler threw is a refusal.
[[nodiscard]] saga_failure failure_kind(const std::exception_ptr& failure) noexcept;

[[nodiscard]] detail::saga_record begin_saga(std::string_view id, std::vector<std::string> steps);

/// What is next; nothing at the end, and for a parked saga.
[[nodiscard]] std::optional<saga_task> next_of(const detail::saga_record& saga);

/// What was next has been done.
void note_success(detail::saga_record& saga);

/// What was next has failed. Returns how long to wait before what is next then.
std::chrono::milliseconds note_failure(detail::saga_record& saga, saga_failure how, std::string_view why, wall_time now,
                                       const saga_policy& policy);

/// Sets it aside for an operator.
void park(detail::saga_record& saga, std::string why);

/// Undoes everything, also the step that may be under way. Returns false when the steps are all taken or it is being
/// undone already.
bool cancel_saga(detail::saga_record& saga, std::string_view why);

/// A parked saga tries again what it was parked for. Returns false when it is not parked.
bool resume_saga(detail::saga_record& saga);

/// A parked saga takes what it was parked for as done. Returns false when it is not parked.
bool skip_in_saga(detail::saga_record& saga);

[[nodiscard]] saga_status status_of(const detail::saga_record& saga);

/// Text that can be stored: at most 500 bytes of UTF-8, what is not replaced.
[[nodiscard]] std::string storable_text(std::string_view text);

}  // namespace troupe::internal
