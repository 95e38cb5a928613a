#include "troupe/base/codec.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/json_members.hpp"

namespace troupe::detail {
namespace {

[[noreturn]] void refuse(const char* why) {
  throw error(errc::not_encodable, std::string("cannot be written as JSON: ") + why);
}

void check_level(const nlohmann::json& part, std::size_t levels_left) {
  if (part.is_number_float() && !std::isfinite(part.get_ref<const nlohmann::json::number_float_t&>())) {
    refuse("a number in it is infinite or not a number");
  }
  if (!part.is_structured()) return;
  if (levels_left == 0) refuse("it is nested deeper than 1,000 levels");
  for (const nlohmann::json& inner : part) check_level(inner, levels_left - 1);
}

using json = nlohmann::json;

/// Whether an integer was made of this number and no other.
bool same_integer(const json& read, const json& integer) {
  if (read.is_number_float()) {
    const double value = read.get<double>();
    constexpr double limit = 9007199254740992.0;  // 2^53: doubles beyond it are not exact
    return std::abs(value) <= limit && std::nearbyint(value) == value && json(value) == integer;
  }
  if (!read.is_number_integer()) return false;
  const auto negative = [](const json& n) { return !n.is_number_unsigned() && n.get<std::int64_t>() < 0; };
  return negative(read) == negative(integer) && read == integer;
}

std::string at(std::string step, const std::string& found) {
  step.insert(0, "/");
  step += found;
  return step;
}

/// The first place where an integer was changed, as "/member/0: 1.5 is read as 1"; empty: none. The path is put
/// together on the way back only.
std::string changed_integer(const json& read, const json& again) {
  if (again.is_number_integer()) {
    if (!read.is_number() && !read.is_boolean()) return {};  // a conversion of the type's own
    if (same_integer(read, again)) return {};
    return ": " + read.dump() + " is read as " + again.dump();
  }
  if (again.is_object() && read.is_object()) {
    for (const auto& [name, part] : again.items()) {
      const auto there = read.find(name);
      if (there == read.end()) continue;
      if (const auto found = changed_integer(*there, part); !found.empty()) return at(name, found);
    }
  } else if (again.is_array() && read.is_array()) {
    // A set may have put its elements in another order, or dropped some: then each must have been there somewhere.
    for (std::size_t i = 0; i < again.size(); ++i) {
      const std::string found =
          i < read.size() ? changed_integer(read[i], again[i]) : ": it is read as " + again[i].dump();
      if (found.empty()) continue;
      const auto made_of = [&](const json& one) { return changed_integer(one, again[i]).empty(); };
      if (std::none_of(read.begin(), read.end(), made_of)) return at(std::to_string(i), found);
    }
  }
  return {};
}

}  // namespace

void check_integers_kept(const nlohmann::json& read, const nlohmann::json& again) {
  if (const std::string changed = changed_integer(read, again); !changed.empty()) {
    throw error(errc::invalid_argument, (changed.front() == ':' ? "does not fit" : "does not fit: ") + changed);
  }
}

void check_readable(std::string_view json) {
  if (json.find('\0') != std::string_view::npos) {
    throw error(errc::invalid_argument, "does not fit: it contains a NUL byte");
  }
  const auto fault = internal::check_json_value(json);
  if (fault) throw error(errc::invalid_argument, "does not fit: " + internal::to_string(*fault));
}

void check_writable(const nlohmann::json& tree) { check_level(tree, internal::json_depth_max); }

}  // namespace troupe::detail
