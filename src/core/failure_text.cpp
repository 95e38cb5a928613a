#include "core/failure_text.hpp"

#include <typeinfo>

#include "core/activation.hpp"

namespace troupe::internal {

std::string name_of(const activation& target, const detail::request& r) {
  return target.display() + "." + std::string(r.name());
}

std::exception_ptr doubtful_after_calls(const std::exception_ptr& failure, const std::string& turn) {
  try {
    std::rethrow_exception(failure);
  } catch (const error& known) {
    if (known.effect() != effect::none || typeid(known) != typeid(error)) return failure;
    return std::make_exception_ptr(error(
        known.kind(), std::string(known.what()) + "; calls that " + turn + " had made before may have had their effect",
        effect::unknown, known.retry_after()));
  } catch (...) {
    return failure;
  }
}

}  // namespace troupe::internal
