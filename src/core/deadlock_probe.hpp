#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// One call on the way of a probe: an actor's turn waits for another actor's answer.
struct probe_hop {
  detail::activation_ptr from{};
  detail::activation_ptr to{};
  std::uint64_t turn = 0;                    ///< serial of the turn of `from` that waits
  const detail::request* request = nullptr;  ///< names the call; read on the callee's strand only, once found there
  std::uint64_t serial = 0;                  ///< of the call, unlike any other of `from`
  std::string_view method{};                 ///< static
  steady_time sent{};
  bool waits = false;  ///< it is in the callee's queue: its turn has not begun
};

/// Follows who waits for whom, from a turn that others wait behind, to see whether the way leads back to that turn.
/// Source: Chandy, Misra and Haas, "Distributed deadlock detection" (1983), the AND model. An edge is there when the
/// callee has the call and has not answered it, and the turn it depends on waits. A call that is given up takes its
/// edge away behind the probe's back; so one that comes back goes its way once more. An edge that went never comes back
/// with the same numbers: what both rounds have seen was there between them, all of it at once.
struct deadlock_probe {
  detail::activation_ptr origin{};
  std::uint64_t turn = 0;      ///< serial of the turn at the origin
  std::uint64_t round = 0;     ///< distinguishes the probes of one turn
  std::size_t seen_again = 0;  ///< hops of a way that came back
  std::vector<probe_hop> way{};
};

/// Picks the call of a circle that is to fail, the same whoever looks: the youngest that still waits in a queue. There
/// is always one: a turn cannot have begun because of its own later call. Returns its index.
[[nodiscard]] std::size_t victim_of(const std::vector<probe_hop>& circle);

/// The error's text, with the circle spelt out from the victim on.
[[nodiscard]] std::string deadlock_text(const std::vector<probe_hop>& circle, std::size_t victim);

}  // namespace troupe::internal
