#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "troupe/base/error.hpp"

namespace troupe::detail {

/// Whether every number in `json` can be written: JSON knows neither infinity nor NaN, and nlohmann writes null.
[[nodiscard]] inline bool all_finite(const nlohmann::json& json) noexcept {
  if (json.is_number_float()) return std::isfinite(json.get_ref<const nlohmann::json::number_float_t&>());
  if (!json.is_structured()) return true;
  return std::all_of(json.begin(), json.end(), [](const nlohmann::json& part) { return all_finite(part); });
}

}  // namespace troupe::detail

namespace troupe {

/// Turns values into JSON text and back: arguments, replies and state go through it.
///
/// Customization point: specialise `troupe::codec<T>` with the same two functions for a type that nlohmann's
/// `to_json`/`from_json` do not cover or that wants a faster way. Whatever it writes must be one valid JSON value.
/// Thread-safety: any thread.
template <class T>
struct codec {
  /// Appends `value` as one JSON value. Throws `error{errc::not_encodable}`, e.g. for a string that is not UTF-8 or a
  /// number that is not finite.
  static void encode(const T& value, std::string& json) {
    try {
      const nlohmann::json tree(value);
      if (!detail::all_finite(tree)) {
        throw error(errc::not_encodable, "cannot be written as JSON: a number in it is infinite or not a number");
      }
      json += tree.dump();
    } catch (const nlohmann::json::exception& failure) {
      throw error(errc::not_encodable, std::string("cannot be written as JSON: ") + failure.what());
    }
  }

  /// Returns the value that `json` holds. Throws `error{errc::invalid_argument}` that says where it does not fit.
  static T decode(std::string_view json) {
    try {
      return nlohmann::json::parse(json).template get<T>();
    } catch (const nlohmann::json::exception& failure) {
      throw error(errc::invalid_argument, std::string("does not fit: ") + failure.what());
    }
  }
};

namespace detail {

template <class T>
concept has_json_conversion = requires(const T& value, nlohmann::json& json) {
  nlohmann::json(value);
  json.template get<T>();
};

}  // namespace detail

/// Types that `codec` can write and read: those nlohmann converts, and those whose own `codec` says
/// `static constexpr bool enabled = true;`.
template <class T>
concept encodable = requires {
  requires codec<T>::enabled;
}
|| std::is_same_v<T, nlohmann::json> || detail::has_json_conversion<T>;

}  // namespace troupe
