#include "core/cell_names.hpp"

#include <string>

#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/// Checks a list whose members are linked by `next`.
template <class Member>
void check_names(const char* what, const Member* members, Member* Member::*next) {
  for (const Member* member = members; member != nullptr; member = member->*next) {
    const std::string_view name = member->name();
    const auto refuse = [&](const std::string& why) {
      throw error(errc::invalid_argument, std::string(what) + " \"" + std::string(name) + "\": " + why);
    };
    bool ok = !name.empty() && name.size() <= cell_name_bytes_max;
    for (const char c : name) ok = ok && is_name_byte(c);
    if (!ok) {
      refuse("a name has 1 to " + std::to_string(cell_name_bytes_max) +
             " bytes out of letters, digits, '_', '.' and '-'");
    }
    for (const Member* other = member->*next; other != nullptr; other = other->*next) {
      if (other->name() == name) refuse("two members have this name");
    }
  }
}

}  // namespace

void check_cell_names(const detail::cell_base* cells) { check_names("state cell", cells, &detail::cell_base::next); }

void check_log_names(const detail::log_base* logs) { check_names("log", logs, &detail::log_base::next_log); }

}  // namespace troupe::internal
