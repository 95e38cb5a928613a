#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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

/// The calls that a probe went along, the last one first. Ways that part share what they have in common, so that a
/// longer way costs one hop whatever its length. Ways of one probe may be used by several threads.
class probe_way {
 public:
  probe_way() noexcept = default;
  probe_way(const probe_way& other) noexcept;
  probe_way(probe_way&& other) noexcept : last_(std::exchange(other.last_, nullptr)) {}
  probe_way& operator=(probe_way other) noexcept {
    std::swap(last_, other.last_);
    return *this;
  }
  ~probe_way();

  /// This way and one more call.
  [[nodiscard]] probe_way and_then(probe_hop hop) const;
  /// Requires: not empty. Written by the callee alone, before the probe goes on.
  [[nodiscard]] probe_hop& last() const noexcept;
  /// The hops since it left that turn of that actor, the first one first; none if it was not there.
  [[nodiscard]] std::vector<probe_hop> since(const activation* from, std::uint64_t turn) const;

 private:
  struct step;
  step* last_ = nullptr;
};

/// Which of two probes goes on where both came by, the greater one: that of the turn whose probes were stopped more
/// often, else by lot. No two probes are equal; of one turn the later one is greater.
struct probe_strength {
  std::uint64_t rank = 0;     ///< how often probes of its turn were stopped, up to a bound
  std::uint64_t lot = 0;      ///< drawn from the actor and the turn, so that neighbours are not in order
  std::uintptr_t origin = 0;  ///< its address, compared only
  std::uint64_t turn = 0;     ///< serial of the turn at the origin
  std::uint64_t round = 0;    ///< of the probes of that turn

  friend auto operator<=>(const probe_strength&, const probe_strength&) = default;
};

/// What the branches of a probe have in common. Constant.
struct probe_head {
  detail::activation_ptr origin{};
  probe_strength strength{};
  std::uint64_t number = 0;  ///< of all looks of the runtime, in the order they began
};

/// Follows who waits for whom, from a turn that others wait behind, to see whether the way leads back to that turn.
/// Source: Chandy, Misra and Haas, "Distributed deadlock detection" (1983), the AND model. An edge is there when the
/// callee has the call and has not answered it, and the turn it depends on waits. A call that is given up takes its
/// edge away behind the probe's back; so one that comes back goes its way once more. An edge that went never comes back
/// with the same numbers: what both rounds have seen was there between them, all of it at once.
struct deadlock_probe {
  std::shared_ptr<const probe_head> head{};
  probe_way way{};
};

/// A way that came back to where it was, and goes once more.
struct probe_circle {
  std::vector<probe_hop> way{};
  std::size_t seen_again = 0;  ///< hops
};

/// The strongest probe that a turn has passed on, and what becomes of the next one. One that meets a stronger one,
/// which came by after it had begun, is stopped: it would only follow the other. Where the other leads is another
/// matter, so whoever is stopped must begin again, one rank higher. A stronger one that came by before counts no more:
/// the turn may wait for other turns by now. Pure.
class passed_probe {
 public:
  enum class verdict : std::uint8_t {
    goes_on,  ///< and is the one that was passed on from now on
    known,    ///< it was here: it has gone on already
    stopped,
  };

  /// `begun`: how many looks the runtime has begun by now.
  [[nodiscard]] verdict meet(const probe_head& probe, std::uint64_t begun) noexcept {
    if (probe.strength == strongest_) return verdict::known;
    if (probe.strength < strongest_ && probe.number <= passed_at_) return verdict::stopped;
    strongest_ = probe.strength;
    passed_at_ = begun;
    return verdict::goes_on;
  }

 private:
  probe_strength strongest_{};   // all 0: none, weaker than any
  std::uint64_t passed_at_ = 0;  // looks that had begun then
};

/// Picks the call of a circle that is to fail, the same whoever looks: the youngest that still waits in a queue. There
/// is always one: a turn cannot have begun because of its own later call. Returns its index.
[[nodiscard]] std::size_t victim_of(const std::vector<probe_hop>& circle);

/// The error's text, with the circle spelt out from the victim on.
[[nodiscard]] std::string deadlock_text(const std::vector<probe_hop>& circle, std::size_t victim);

}  // namespace troupe::internal
