#include "core/turn_values.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {

bool turn_values::has(const detail::revertible& what) const noexcept {
  return std::any_of(kept_.begin(), kept_.end(), [&](const kept& each) { return each.what == &what; });
}

void turn_values::keep(detail::revertible& what) {
  if (!has(what)) kept_.push_back({&what, what.copy()});
}

void turn_values::exchange() noexcept {
  for (kept& each : kept_) each.what->exchange(*each.value);
}

void turn_values::put_back() noexcept {
  exchange();
  forget();
}

void turn_values::hand_over(turn_values& outer) {
  for (kept& each : kept_) {
    if (!outer.has(*each.what)) outer.kept_.push_back(std::move(each));
  }
  forget();
}

const detail::revertible* turn_values::changed_since(std::uint64_t since) const noexcept {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const kept& each) { return each.what->changed_at > since; });
  return found == kept_.end() ? nullptr : found->what;
}

void turn_values::note_change(std::uint64_t by) const noexcept {
  for (const kept& each : kept_) each.what->changed_at = by;
}

}  // namespace troupe::internal
