#include "base/percent.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::internal {

percent_decoded decode_percent(std::string_view encoded) {
  percent_decoded decoded;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      decoded.text += encoded[i];
      continue;
    }
    unsigned value = 0;
    const char* begin = encoded.data() + i + 1;
    const char* end = encoded.data() + std::min(i + 3, encoded.size());
    const auto [stopped, problem] = std::from_chars(begin, end, value, 16);
    if (problem != std::errc{} || stopped != begin + 2) {
      return {{}, "\"%\" is not followed by two hexadecimal digits; write %25 for a percent sign"};
    }
    decoded.text += static_cast<char>(value);
    i += 2;
  }
  if (decoded.text.find('\0') != std::string::npos) return {{}, "there is a NUL byte"};
  return decoded;
}

}  // namespace troupe::internal
