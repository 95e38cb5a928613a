#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "troupe/schedule/duration.hpp"

namespace troupe::internal {

/// What the text of a schedule says: a span, or a cron expression.
struct schedule_text {
  calendar_span span{};
  std::string cron;  ///< empty: a span
  std::string zone;
  std::uint64_t repetitions = 0;  ///< 0: without end
};

/// Reads any of the forms that `schedule::parse` knows.
[[nodiscard]] schedule_text read_schedule(std::string_view text, std::string_view zone);

}  // namespace troupe::internal
