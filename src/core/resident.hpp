#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/alarm.hpp"

namespace troupe::internal {

/// What an actor has only while it is activated.
struct activation::resident {
  explicit resident(activation& owner) noexcept : running(owner) {}

  // What each turn uses comes first.
  std::unique_ptr<actor> self;
  std::unique_ptr<persistence> store;  ///< null: nothing of this activation is stored
  phase where = phase::loading;
  bool rollback_wanted = false;
  bool save_due = false;    ///< a write-behind interval ended while a turn was running
  bool save_timer = false;  ///< a write-behind interval is running
  bool used = false;        ///< somebody sent it a message; being woken is none
  bool erased = false;      ///< the last turn removed the actor
  bool late_load = false;   ///< the load under way is the first, after turns without a store
  bool late_erase = false;  ///< what that load finds is to be erased
  std::uint32_t turns_running = 0;
  std::optional<deactivation_reason> leave;  ///< it is to leave memory, and why
  request_list returning;                    ///< calls that came back to a turn that waits for them
  std::array<std::uint32_t, 4> turns_of{};   ///< of the turns that run, by mode; where turns overlap
  turn running;                              ///< the first turn
  idle_collector::resident_entry idle;
  output_gate gate;
  steady_time watch_at = steady_time::max();  ///< when the calls under way are looked at; never: nobody is called
  alarm_ptr watch;                            ///< the alarm for that
  std::vector<std::unique_ptr<turn>> beside;  ///< further turns, that overlap it or run inside it; running or spare
  std::vector<turn*> spare;                   ///< those of them that do not run
  std::uint64_t changes = 0;                  ///< how often overlapping turns have changed something
  std::unique_ptr<message_effects> late_messages;  ///< to be recorded on what that load finds
  bool receipts_timer = false;                     ///< the time that receipts may wait is running
  steady_time look_at = steady_time::max();  ///< when an alarm for a look for circles rings; never: none is pending
  std::optional<steady_time> next_try;       ///< when the outbox is looked at for deliveries to be tried again
  steady_time keep_until{};                  ///< not idle before
  std::exception_ptr failure;                ///< why `phase::failed`
  std::unique_ptr<load_ticket> loading;      ///< lent to the store
  std::unique_ptr<item_ticket> looking;      ///< lent to the store, before the first turn
  steady_time loading_since{};               ///< when the load under way, or the last one, began
  const detail::request* held_up = nullptr;  ///< the next of the line when it was last seen to wait for other turns
};

inline void activation::count_queued(queue_load& load, std::uint32_t units, load_tally* tally) noexcept {
  if (tally != nullptr) {
    tally->add(1, units);
  } else {
    load.add(1, units);
  }
}

inline bool activation::is_loaded() const noexcept { return resident_->store && !resident_->late_load; }

inline turn& activation::claim_turn() { return resident_->running.running ? claim_beside() : resident_->running; }

inline void activation::note_begun(turn& t) noexcept {
  t.running = true;
  ++resident_->turns_running;
  if (type_->overlaps) ++resident_->turns_of[static_cast<std::size_t>(t.mode)];
}

inline void activation::note_ended(turn& t) noexcept {
  t.running = false;
  --resident_->turns_running;
  if (!type_->overlaps) return;
  --resident_->turns_of[static_cast<std::size_t>(t.mode)];
  if (&t != &resident_->running) resident_->spare.push_back(&t);
}

template <class Visit>
void activation::for_each_turn(Visit visit) {
  if (resident_->turns_running == 0) return;
  if (resident_->running.running) visit(resident_->running);
  for (std::size_t i = 0; i < resident_->beside.size(); ++i) {
    if (resident_->beside[i]->running) visit(*resident_->beside[i]);
  }
}

}  // namespace troupe::internal
