#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "troupe/base/error.hpp"

namespace troupe {

/// Turns values into JSON text and back: arguments, replies and state go through it.
///
/// Customization point: specialise `troupe::codec<T>` with the same two functions for a type that nlohmann's
/// `to_json`/`from_json` do not cover or that wants a faster way. Whatever it writes must be one valid JSON value.
/// Thread-safety: any thread.
template <class T>
struct codec {
  /// Appends `value` as one JSON value. Throws `error{errc::not_encodable}`, e.g. for a string that is not UTF-8.
  static void encode(const T& value, std::string& json) {
    try {
      json += nlohmann::json(value).dump();
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
