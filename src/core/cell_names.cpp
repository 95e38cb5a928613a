#include "core/cell_names.hpp"

#include <string>

#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

}  // namespace

void check_cell_names(const detail::cell_base* cells) {
  for (const auto* cell = cells; cell != nullptr; cell = cell->next) {
    const std::string_view name = cell->name();
    bool ok = !name.empty() && name.size() <= cell_name_bytes_max;
    for (const char c : name) ok = ok && is_name_byte(c);
    if (!ok) {
      throw error(errc::invalid_argument, "state cell \"" + std::string(name) + "\": a name has 1 to " +
                                              std::to_string(cell_name_bytes_max) +
                                              " bytes out of letters, digits, '_', '.' and '-'");
    }
    for (const auto* other = cell->next; other != nullptr; other = other->next) {
      if (other->name() == name) {
        throw error(errc::invalid_argument, "state cell \"" + std::string(name) + "\": two members have this name");
      }
    }
  }
}

}  // namespace troupe::internal
