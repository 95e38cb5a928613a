#pragma once

#include <cstdint>

namespace troupe::internal {

/// Where an activation stands.
enum class phase : std::uint8_t {
  dormant,    ///< not in memory but for its place in the directory
  loading,    ///< the store reads its state
  starting,   ///< `on_activate` runs
  active,     ///< takes messages
  reloading,  ///< the store reads its state again, to undo a turn that failed after an edit
  stopping,   ///< `on_deactivate` runs
  leaving,    ///< waits for its last commits
  failed,     ///< a commit failed for good: nothing it has in memory may be shown or saved
};

/// What an activation does next.
enum class step : std::uint8_t {
  rest,        ///< nothing until something arrives
  activate,    ///< construct the actor and load its state
  begin_turn,  ///< take the next message
  reload,      ///< read the state again
  deactivate,  ///< run `on_deactivate`
  vanish,      ///< destroy the actor
};

/// What the decision depends on.
struct life_facts {
  phase where = phase::dormant;
  bool turn_running = false;       ///< a handler or hook is suspended
  bool may_overlap = false;        ///< the next message may begin all the same
  bool has_request = false;        ///< a message waits
  bool commit_pending = false;     ///< a record is on its way to the store or waits for that
  bool commit_in_flight = false;   ///< a record is on its way to the store
  bool rollback_wanted = false;    ///< the last turn failed after an edit that only the store can undo
  bool deactivate_wanted = false;  ///< someone or something asked it to leave memory
};

/// The life cycle of an activation in one place: decides, does nothing. A running turn is never cut off; a rollback
/// waits for earlier commits, so that what it reads is the state before the failed turn.
[[nodiscard]] constexpr step decide(const life_facts& f) noexcept {
  if (f.turn_running) return f.where == phase::active && f.may_overlap ? step::begin_turn : step::rest;
  switch (f.where) {
    case phase::dormant:
      return f.has_request ? step::activate : step::rest;
    case phase::active:
      if (f.rollback_wanted) return f.commit_pending ? step::rest : step::reload;
      if (f.deactivate_wanted) return step::deactivate;
      return f.has_request ? step::begin_turn : step::rest;
    case phase::leaving:
      return f.commit_pending ? step::rest : step::vanish;
    case phase::failed:
      return f.commit_in_flight ? step::rest : step::vanish;
    case phase::loading:
    case phase::starting:
    case phase::reloading:
    case phase::stopping:
      return step::rest;
  }
  return step::rest;
}

}  // namespace troupe::internal
