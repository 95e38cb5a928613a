#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Longest `tracestate` that is passed on, in bytes.
inline constexpr std::size_t trace_state_bytes_max = 512;

/// What names one step of a distributed trace: the trace, and the step that called. Source: W3C Trace Context, level 1.
struct trace_context {
  std::array<std::uint64_t, 2> trace_id{};  ///< not 0
  std::uint64_t span_id = 0;                ///< not 0
  bool sampled = false;
  std::string state;  ///< `tracestate`, as it came

  /// Reads a `traceparent` header; nothing for one that is malformed, which a receiver ignores. A later version is read
  /// as far as version 00 goes. A `tracestate` that is longer than `trace_state_bytes_max` is left out.
  [[nodiscard]] static std::optional<trace_context> parse(std::string_view traceparent,
                                                          std::string_view tracestate = {});

  /// The same trace with another step. Requires: `span` is not 0.
  [[nodiscard]] trace_context child(std::uint64_t span) const;

  /// The header for whoever is called next, in version 00: "00-<32 hex digits>-<16 hex digits>-<2 hex digits>".
  [[nodiscard]] std::string traceparent() const;

  friend bool operator==(const trace_context&, const trace_context&) = default;
};

}  // namespace troupe
