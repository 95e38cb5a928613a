#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "troupe/base/error.hpp"

namespace troupe::detail {

/// Checks that `json` is one JSON value of at most 1,000 levels, before anything takes it apart by recursion.
/// Throws `error{errc::invalid_argument}` that says where it is not.
void check_readable(std::string_view json);

/// Checks that `tree` can be written so that it can be read again: JSON knows neither infinity nor NaN, for which
/// nlohmann writes null, and readers have the limit of `check_readable`. Throws `error{errc::not_encodable}`.
void check_writable(const nlohmann::json& tree);

/// Checks that the integers of `read` are still what `again`, the value made of it written anew, says: nlohmann cuts
/// fractions and high bits without a word. Members that the value does not write back are not looked at.
/// Throws `error{errc::invalid_argument}` that names the place and both numbers.
void check_integers_kept(const nlohmann::json& read, const nlohmann::json& again);

}  // namespace troupe::detail

namespace troupe {

/// Turns values into JSON text and back: arguments, replies and state go through it.
///
/// Customization point: specialise `troupe::codec<T>` with the same two functions for a type that nlohmann's
/// `to_json`/`from_json` do not cover or that wants a faster way. Whatever it writes must be one valid JSON value. What
/// it reads is one as somebody wrote it: strings in the arguments of a call by name need not be UTF-8.
/// Thread-safety: any thread.
template <class T>
struct codec {
  /// Appends `value` as one JSON value. Throws `error{errc::not_encodable}`, e.g. for a string that is not UTF-8, a
  /// number that is not finite, or more than 1,000 levels of nesting.
  static void encode(const T& value, std::string& json) {
    try {
      if constexpr (std::is_same_v<T, nlohmann::json>) {
        detail::check_writable(value);  // before anything copies it, level by level, on the stack
        json += value.dump();
      } else {
        const nlohmann::json tree(value);
        detail::check_writable(tree);
        json += tree.dump();
      }
    } catch (const nlohmann::json::exception& failure) {
      throw error(errc::not_encodable, std::string("cannot be written as JSON: ") + failure.what());
    }
  }

  /// Returns the value that `json` holds. Throws `error{errc::invalid_argument}` that says where it does not fit: a
  /// wrong type, an integer that its member cannot hold, or more than 1,000 levels of nesting. A `from_json` that
  /// changes integers on purpose needs a codec of its own.
  static T decode(std::string_view json) {
    detail::check_readable(json);
    try {
      const nlohmann::json tree = nlohmann::json::parse(json);
      T value = tree.template get<T>();
      if constexpr (!std::is_same_v<T, nlohmann::json> && !std::is_same_v<T, std::string>) {
        detail::check_integers_kept(tree, nlohmann::json(value));
      }
      return value;
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
