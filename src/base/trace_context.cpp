#include "troupe/base/trace_context.hpp"

namespace troupe {
namespace {

/// Reads lower-case hexadecimal digits; nothing when there are others.
std::optional<std::uint64_t> hex(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') {
      value = value << 4U | static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value << 4U | static_cast<std::uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

void put_hex(std::string& text, std::uint64_t value, unsigned digits) {
  for (unsigned i = digits; i-- > 0;) text += "0123456789abcdef"[value >> 4U * i & 15U];
}

}  // namespace

std::optional<trace_context> trace_context::parse(std::string_view traceparent, std::string_view tracestate) {
  constexpr std::size_t length = 55;
  if (traceparent.size() < length) return std::nullopt;
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return std::nullopt;
  const auto version = hex(traceparent.substr(0, 2));
  if (!version || *version == 0xff) return std::nullopt;
  if (traceparent.size() > length && (*version == 0 || traceparent[length] != '-')) return std::nullopt;
  const auto high = hex(traceparent.substr(3, 16));
  const auto low = hex(traceparent.substr(19, 16));
  const auto span = hex(traceparent.substr(36, 16));
  const auto flags = hex(traceparent.substr(53, 2));
  if (!high || !low || !span || !flags || (*high | *low) == 0 || *span == 0) return std::nullopt;
  trace_context read{.trace_id = {*high, *low}, .span_id = *span, .sampled = (*flags & 1U) != 0, .state = {}};
  if (tracestate.size() <= trace_state_bytes_max) read.state = tracestate;
  return read;
}

trace_context trace_context::child(std::uint64_t span) const {
  trace_context made = *this;
  made.span_id = span;
  return made;
}

std::string trace_context::traceparent() const {
  std::string text = "00-";
  put_hex(text, trace_id[0], 16);
  put_hex(text, trace_id[1], 16);
  text += '-';
  put_hex(text, span_id, 16);
  text += sampled ? "-01" : "-00";
  return text;
}

}  // namespace troupe
