#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// How long the store is given, and how it is asked again.
struct retry_policy {
  std::chrono::milliseconds give_up_after{10'000};  ///< from the first try; also how long one answer may take
  std::chrono::milliseconds first_pause{10};
  std::chrono::milliseconds longest_pause{1'000};

  /// The pause before try `attempt` (from 1): doubles each time.
  [[nodiscard]] std::chrono::milliseconds pause_before(unsigned attempt) const noexcept {
    const auto doublings = std::min(attempt > 0 ? attempt - 1 : 0U, 20U);
    return std::min<std::chrono::milliseconds>(first_pause * (1LL << doublings), longest_pause);
  }
};

/// Whether the same record may be committed again to settle what happened: commits are idempotent.
[[nodiscard]] constexpr bool may_retry(spi::commit_status status) noexcept {
  return status == spi::commit_status::unavailable || status == spi::commit_status::unknown;
}

/// What `status` means after earlier tries of the same record, one of which had no clear answer: that one may have been
/// applied, and only "committed" takes the doubt away. A conflict may be with our own earlier try and what followed it.
[[nodiscard]] constexpr spi::commit_status after_doubt(spi::commit_status status) noexcept {
  return status == spi::commit_status::committed ? status : spi::commit_status::unknown;
}

/// The same for a whole answer: what a store says of the last try ("nothing was written") does not hold for the record.
[[nodiscard]] inline spi::commit_result after_doubt(spi::commit_result last) {
  const spi::commit_status status = after_doubt(last.status);
  if (status == last.status) return last;
  return {status, "one try got no clear answer, and the last one: " + std::move(last.message)};
}

[[nodiscard]] constexpr bool may_retry(spi::read_status status) noexcept {
  return status == spi::read_status::unavailable;
}

}  // namespace troupe::internal
