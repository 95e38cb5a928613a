#pragma once

#include "schedule/text_reader.hpp"
#include "troupe/schedule/duration.hpp"

namespace troupe::internal {

/// Reads a span in either notation, up to the end of the text.
[[nodiscard]] calendar_span read_calendar_span(text_reader& reader);

/// What is wrong with a span: a part is negative, or it is too long. Empty: nothing.
[[nodiscard]] std::string span_fault(const calendar_span& span);

/// Whether the span is longer than `duration_max`, by the mean length of a month.
[[nodiscard]] bool is_too_long(const calendar_span& span) noexcept;

}  // namespace troupe::internal
