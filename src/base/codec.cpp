#include "troupe/base/codec.hpp"

#include <cmath>

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

}  // namespace

void check_readable(std::string_view json) {
  const auto fault = internal::check_json_value(json);
  if (fault) throw error(errc::invalid_argument, "does not fit: " + internal::to_string(*fault));
}

void check_writable(const nlohmann::json& tree) { check_level(tree, internal::json_depth_max); }

}  // namespace troupe::detail
