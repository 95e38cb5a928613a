#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include "core/alarm.hpp"
#include "core/output_gate.hpp"
#include "core/ports.hpp"
#include "core/turn.hpp"
#include "core/waiting_line.hpp"

namespace troupe::internal {

/// What an actor needs while it works: while messages wait, turns run, or something of these is left to be done. One
/// that idles has none; threads keep a few for those that come next.
struct working_set {
  explicit working_set(activation& owner) noexcept : running(owner) {}

  /// Whether nothing is in it, of an actor that is active or dormant.
  [[nodiscard]] bool is_empty() const noexcept {
    return backlog == nullptr && turns_running == 0 && waiting.empty() && counted_messages == 0 && returning.empty() &&
           gate.empty() && watch_at == steady_time::max() && look_at == steady_time::max() && !late_messages;
  }

  /// What messages that came meanwhile wait in goes on, the rest is over.
  void end_activation() noexcept {
    gate = {};
    look_at = steady_time::max();
    late_messages.reset();
    failure = nullptr;
    loading.reset();
    looking.reset();
  }

  // What each turn uses comes first.
  detail::message* backlog = nullptr;  ///< taken from the inbox, oldest first, not yet looked at
  bool straight = false;               ///< the backlog need not stay in the line
  std::uint32_t turns_running = 0;
  std::uint32_t counted_messages = 0;  ///< of this actor in the runtime's load, without the inbox
  std::uint32_t counted_units = 0;     ///< the same in units of memory
  waiting_line waiting;                ///< requests in order
  request_list returning;              ///< calls that came back to a turn that waits for them
  turn running;                        ///< the first turn
  output_gate gate;
  steady_time watch_at = steady_time::max();  ///< when the calls under way are looked at; never: nobody is called
  steady_time look_at = steady_time::max();   ///< when an alarm for a look for circles rings; never: none is pending
  alarm_ptr watch;                            ///< the alarm for the calls
  std::unique_ptr<message_effects> late_messages;  ///< to be recorded on what a late load finds
  std::exception_ptr failure;                      ///< why `phase::failed`
  std::unique_ptr<load_ticket> loading;            ///< lent to the store
  std::unique_ptr<item_ticket> looking;            ///< lent to the store, before the first turn
  steady_time loading_since{};                     ///< when the load under way, or the last one, began
  working_set* next = nullptr;                     ///< of those that a thread keeps
};

/// Those that the calling thread keeps for the actors it runs next.
class kept_working_sets {
 public:
  [[nodiscard]] working_set* claim(activation& owner) {
    working_set* claimed = first_;
    if (claimed == nullptr) return new working_set(owner);
    first_ = claimed->next;
    ++room_;
    claimed->running.belongs_to(owner);
    return claimed;
  }
  /// Takes an empty one back.
  void keep(working_set* what) noexcept {
    if (room_ == 0) {
      keep_first(what);
      return;
    }
    --room_;
    what->next = std::exchange(first_, what);
  }

 private:
  void keep_first(working_set* what) noexcept;  ///< perhaps; arranges for the end of the thread
  friend struct end_of_working_sets;

  working_set* first_ = nullptr;
  int room_ = 0;          // for so many more
  bool is_open_ = false;  // the thread gives them up when it ends
};

inline constinit thread_local kept_working_sets working_sets_here;

}  // namespace troupe::internal
