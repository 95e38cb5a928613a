#pragma once

#include <memory>
#include <optional>

#include "core/life_cycle.hpp"
#include "core/persistence.hpp"
#include "troupe/core/actor.hpp"

namespace troupe::internal {

/// What an actor is while it is activated. Used like a pointer to it that is null while the actor is dormant.
struct residency {
  std::unique_ptr<actor> self;
  std::unique_ptr<persistence> store;  ///< null: nothing of this activation is stored
  phase where = phase::dormant;
  std::optional<deactivation_reason> leave;  ///< it is to leave memory, and why
  bool rollback_wanted : 1 = false;
  bool save_due : 1 = false;    ///< a write-behind interval ended while a turn was running
  bool save_timer : 1 = false;  ///< a write-behind interval is running
  bool used : 1 = false;        ///< somebody sent it a message; being woken is none
  bool erased : 1 = false;      ///< the last turn removed the actor
  bool late_load : 1 = false;   ///< the load under way is the first, after turns without a store
  bool late_erase : 1 = false;  ///< what that load finds is to be erased

  explicit operator bool() const noexcept { return where != phase::dormant; }
  residency* operator->() noexcept { return this; }
  const residency* operator->() const noexcept { return this; }
};

}  // namespace troupe::internal
