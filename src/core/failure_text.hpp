#pragma once

#include <exception>
#include <string>

#include "troupe/base/error.hpp"

namespace troupe::detail {
class request;
}  // namespace troupe::detail

namespace troupe::internal {

class activation;

/// For people: the method of an actor that a request is for.
[[nodiscard]] std::string name_of(const activation& target, const detail::request& r);

[[nodiscard]] inline std::exception_ptr make_error(errc code, const std::string& what) {
  return std::make_exception_ptr(error(code, what));
}

/// What `failure` says of itself.
[[nodiscard]] inline std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

/// Whether `failure` says that somebody else wrote the actor.
[[nodiscard]] inline bool is_conflict(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const error& e) {
    return e.kind() == errc::conflict;
  } catch (...) {
    return false;
  }
}

/// What a turn gives to its caller that fails with `failure` after calls that may have had an effect: an `error` that
/// says that nothing happened says so no more. Anything else, also of a class of the application, stays itself.
[[nodiscard]] std::exception_ptr doubtful_after_calls(const std::exception_ptr& failure, const std::string& turn);

}  // namespace troupe::internal
