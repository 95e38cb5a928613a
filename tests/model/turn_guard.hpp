#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "reference_model.hpp"

namespace troupe::model {

/// Which turns of one actor may be under way at once.
enum class share { exclusive, read, mixed, inside };

/// The turns that are under way on one actor.
struct turn_counts {
  int exclusive = 0;  ///< with those inside another one
  int reading = 0;
  int mixing = 0;
};

/// Held by a turn from its start to its end: two at once that do not share break the first rule of actors.
class turn_guard {
 public:
  turn_guard(reference_model& model, turn_counts& counts, const std::string& actor, bool cells_agree, share how)
      : count_(count_of(counts, how)) {
    if (!fits(counts, how)) model.violated("turns that do not share at once on actor " + actor);
    if (!cells_agree) model.violated("a turn found the two cells of actor " + actor + " apart");
    ++count_;
  }
  turn_guard(const turn_guard&) = delete;
  turn_guard& operator=(const turn_guard&) = delete;
  ~turn_guard() { --count_; }

 private:
  static int& count_of(turn_counts& counts, share how) {
    return how == share::read ? counts.reading : how == share::mixed ? counts.mixing : counts.exclusive;
  }
  static bool fits(const turn_counts& counts, share how) {
    const int all = counts.exclusive + counts.reading + counts.mixing;
    switch (how) {
      case share::read:
        return all == counts.reading;
      case share::mixed:
        return all == counts.mixing;
      case share::inside:
        return all == counts.exclusive;
      case share::exclusive:
        break;
    }
    return all == 0;
  }

  int& count_;
};

/// From each actor whose turn waits to the actor it waits for.
using wait_map = std::map<std::size_t, std::size_t>;

/// Held while a turn awaits another actor. A deadlock is one only if whoever is waited for waits in turn, in a circle.
class waiting_edge {
 public:
  waiting_edge(wait_map& waits, std::size_t from, std::size_t to) : waits_(waits), from_(from), to_(to) {
    waits_[from_] = to_;
  }
  waiting_edge(const waiting_edge&) = delete;
  waiting_edge& operator=(const waiting_edge&) = delete;
  ~waiting_edge() { waits_.erase(from_); }

  /// `comes_back`: the call is one that may come back to a turn that waits for it.
  void check_deadlock(reference_model& model, bool comes_back) const {
    if (comes_back && waits_.contains(to_) && waits_.at(to_) == from_) {
      model.violated("a call was refused that came back to the turn that waits for it: actor " + std::to_string(to_));
    }
    std::size_t at = to_;
    for (std::size_t steps = 0; steps <= waits_.size() && at != from_; ++steps) {
      const auto next = waits_.find(at);
      if (next == waits_.end()) break;
      at = next->second;
    }
    if (at != from_) model.violated("a deadlock where no circle is, found by actor " + std::to_string(from_));
  }

 private:
  wait_map& waits_;
  std::size_t from_;
  std::size_t to_;
};

}  // namespace troupe::model
