#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "troupe/detail/cell.hpp"

namespace troupe::internal {

/// The values that one turn put aside. Only on the owning strand.
///
/// For a turn inside another one they are what was there before its first edits. For one that overlaps others they
/// are, while its code runs, what the others see, and while it is suspended, its own.
class turn_values {
 public:
  [[nodiscard]] bool empty() const noexcept { return kept_.empty(); }
  [[nodiscard]] bool has(const detail::revertible& what) const noexcept;

  /// Puts a copy aside before the first edit; a second one is ignored.
  void keep(detail::revertible& what);

  /// Exchanges every value for the one put aside.
  void exchange() noexcept;

  /// Puts back what was put aside, and forgets it.
  void put_back() noexcept;

  /// Leaves what is in use, and forgets what was put aside.
  void forget() noexcept { kept_.clear(); }

  /// Hands over what `outer` has not put aside itself: both are undone together then.
  void hand_over(turn_values& outer);

  /// The first value that was changed since change number `since` by somebody else; null: none.
  [[nodiscard]] const detail::revertible* changed_since(std::uint64_t since) const noexcept;

  /// Notes the values as changed by change number `by`.
  void note_change(std::uint64_t by) const noexcept;

 private:
  struct kept {
    detail::revertible* what;
    std::unique_ptr<detail::kept_value> value;
  };
  std::vector<kept> kept_;
};

}  // namespace troupe::internal
