#pragma once

#include <string>

#include "invoices/sale_line.hpp"

namespace marketplace {

/// First line of a rejects file.
inline constexpr const char* rejects_header = "line,reason\r\n";

/// Returns a rejected row as a line of CSV: `111,"1 field instead of 8"`. Source: RFC 4180.
[[nodiscard]] inline std::string to_csv(const rejected_row& row) {
  std::string reason = "\"";
  for (const char c : row.reason) reason += c == '"' ? std::string("\"\"") : std::string(1, c);
  return std::to_string(row.line) + "," + reason + "\"\r\n";
}

}  // namespace marketplace
