#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iterator>
#include <utility>
#include <vector>

#include "core/outgoing_list.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// A request on its way to an actor.
struct outgoing {
  detail::activation_ptr target{};
  detail::request* request = nullptr;
};

/// What leaves an actor when a commit is durable: a reply, one-way messages, or one call of a running turn.
struct gated_output {
  std::uint64_t sequence = 0;        ///< the record that must be committed first
  detail::request* reply = nullptr;  ///< answered with `failure`, or its result when that is null
  std::exception_ptr failure{};      ///< what the turn itself failed with
  outgoing_list one_way{};           ///< sent after the commit, dropped when it fails
  outgoing call{};                   ///< sent after the commit, failed when it fails
  steady_time since{};               ///< when it was held back, to a few milliseconds
  bool called = false;               ///< the turn answered made calls, one of which at least may have had an effect
};

/// Holds back what an actor sends until the records it depends on are committed: a reply means durable.
/// Only on the owning strand. Source: the output gates of Cloudflare's Durable Objects.
class output_gate {
 public:
  /// Puts an output behind those of its own and earlier records.
  void hold(gated_output output) {
    auto place = held_.end();
    while (place != held_.begin() && std::prev(place)->sequence > output.sequence) --place;
    held_.insert(place, std::move(output));
  }

  [[nodiscard]] bool empty() const noexcept { return held_.empty(); }

  /// Takes the outputs that depend on records up to `committed`, in order.
  [[nodiscard]] std::vector<gated_output> release(std::uint64_t committed) {
    if (!held_.empty() && held_.back().sequence <= committed) return take_all();
    auto end = held_.begin();
    while (end != held_.end() && end->sequence <= committed) ++end;
    std::vector<gated_output> out(std::make_move_iterator(held_.begin()), std::make_move_iterator(end));
    held_.erase(held_.begin(), end);
    return out;
  }

  /// Takes a call back that waits here. Returns whether it does.
  [[nodiscard]] bool take_call(const detail::request& r) noexcept {
    for (auto place = held_.begin(); place != held_.end(); ++place) {
      if (place->call.request != &r) continue;
      held_.erase(place);
      return true;
    }
    return false;
  }

  [[nodiscard]] bool holds_call(const detail::request& r) const noexcept {
    return std::any_of(held_.begin(), held_.end(),
                       [&](const gated_output& output) { return output.call.request == &r; });
  }

  /// What waits, in order. A reply may be taken out of it.
  [[nodiscard]] std::vector<gated_output>& held() noexcept { return held_; }

  /// Takes everything, because a commit failed.
  [[nodiscard]] std::vector<gated_output> take_all() { return std::exchange(held_, {}); }

 private:
  std::vector<gated_output> held_;  // no heap memory while nothing is held, as most actors are most of the time
};

}  // namespace troupe::internal
