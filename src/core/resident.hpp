#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "core/activation.hpp"
#include "core/timer_service.hpp"

namespace troupe::internal {

/// What an actor has only while it is activated.
struct activation::resident {
  explicit resident(activation& owner) noexcept : running(owner) {}

  std::unique_ptr<actor> self;
  std::unique_ptr<persistence> store;         ///< null: nothing of this activation is stored
  turn running;                               ///< the first turn
  std::vector<std::unique_ptr<turn>> beside;  ///< further ones, that overlap it or run inside it; running or spare
  std::vector<turn*> spare;                   ///< those of them that do not run
  std::uint32_t turns_running = 0;
  std::array<std::uint32_t, 4> turns_of{};  ///< of these, by mode
  request_list returning;                   ///< calls that came back to a turn that waits for them
  std::uint64_t changes = 0;                ///< how often overlapping turns have changed something
  output_gate gate;
  phase where = phase::loading;
  bool rollback_wanted = false;
  bool save_due = false;                           ///< a write-behind interval ended while a turn was running
  bool save_timer = false;                         ///< a write-behind interval is running
  bool used = false;                               ///< somebody sent it a message; being woken is none
  bool erased = false;                             ///< the last turn removed the actor
  bool late_load = false;                          ///< the load under way is the first, after turns without a store
  bool late_erase = false;                         ///< what that load finds is to be erased
  std::unique_ptr<message_effects> late_messages;  ///< to be recorded on what that load finds
  bool receipts_timer = false;                     ///< the time that receipts may wait is running
  std::optional<steady_time> next_try;             ///< when the outbox is looked at for deliveries to be tried again
  std::optional<deactivation_reason> leave;        ///< it is to leave memory, and why
  steady_time keep_until{};                        ///< not idle before
  std::exception_ptr failure;                      ///< why `phase::failed`
  idle_collector::resident_entry idle;
  std::unique_ptr<load_ticket> loading;       ///< lent to the store
  steady_time loading_since{};                ///< when the load under way, or the last one, began
  bool look_armed = false;                    ///< an alarm for a look for circles is pending
  const detail::request* held_up = nullptr;   ///< the next of the line when it was last seen to wait for other turns
  steady_time watch_at = steady_time::max();  ///< when the calls under way are looked at; never: nobody is called
  timer_service::id watch{};                  ///< the alarm for that
};

template <class Visit>
void activation::for_each_turn(Visit visit) {
  if (resident_->turns_running == 0) return;
  if (resident_->running.running) visit(resident_->running);
  for (std::size_t i = 0; i < resident_->beside.size(); ++i) {
    if (resident_->beside[i]->running) visit(*resident_->beside[i]);
  }
}

}  // namespace troupe::internal
