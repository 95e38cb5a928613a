#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/current_strand.hpp"
#include "core/mail.hpp"
#include "core/output_gate.hpp"
#include "core/part_effects.hpp"
#include "core/turn_values.hpp"
#include "troupe/core/actor_type.hpp"
#include "troupe/core/task.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/detail/wait.hpp"

namespace troupe::internal {

/// What a turn runs.
enum class turn_kind : std::uint8_t { message, on_activate, on_deactivate };

/// A running turn of an activation: one message or hook, from its start to its record. Only on the owning strand.
class turn final : public detail::root_listener {
 public:
  struct probe_state;
  struct overlap_state;

  explicit turn(activation& owner) noexcept;
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;
  ~turn();

  /// Resumes the activation's end of turn.
  std::coroutine_handle<> root_done() noexcept override;

  /// Ready for the next turn.
  void clear() noexcept {
    kind = turn_kind::message;
    mode = reentrancy::none;
    edited = erase = deactivate = saves = called_off = suspended = plain = false;
    filters_begun = 0;
    calls_in_doubt = 0;
    root = nullptr;
    current = &scope;
    if (has_extras) forget_extras();
  }

  /// Puts the turn's own values into the actor, and the others' back, as its code begins and ends to run.
  void enter() noexcept {
    if (overlap) exchange_values();
  }
  void exit() noexcept {
    if (overlap) exchange_values();
  }

  /// What a turn needs that is not alone with its actor; made when it is first asked for.
  [[nodiscard]] overlap_state& overlapping();

  /// The turn that this one is a part of, itself if it is not inside another one; the one that runs inside it, or null.
  [[nodiscard]] turn& outermost() noexcept;
  [[nodiscard]] turn* inner() const noexcept;
  /// The innermost of those that run inside this one, itself if none does.
  [[nodiscard]] turn& innermost() noexcept;

  [[nodiscard]] activation& owner() const noexcept { return *owner_; }
  void belongs_to(activation& owner) noexcept { owner_ = &owner; }

  // What each turn uses comes first.
  bool running = false;
  turn_kind kind = turn_kind::message;
  reentrancy mode = reentrancy::none;
  bool edited = false;                 ///< it changed a cell
  bool erase = false;                  ///< it removes the actor
  bool deactivate = false;             ///< it asked to leave memory afterwards
  bool saves = false;                  ///< it is recorded when it ends, whatever its type's policy
  bool called_off = false;             ///< its caller has given up
  bool suspended = false;              ///< it has awaited something
  bool plain = false;                  ///< it answers a message, is alone with its actor, and that is all
  bool has_extras = false;             ///< whoever sets one of `context` to `parts` says so
  std::uint16_t filters_begun = 0;     ///< filters that are told of its end
  std::uint32_t calls_in_doubt = 0;    ///< calls it made, but for those that certainly had no effect
  detail::request* request = nullptr;  ///< null for hooks
  std::coroutine_handle<detail::task_promise_base> root;  ///< null for a plain handler
  steady_time started{};                                  ///< to a few milliseconds
  steady_time deadline = steady_time::max();              ///< of the call it answers; its own calls have no longer
  std::uint64_t serial = 0;                               ///< unlike any other turn's of the actor
  detail::wait_scope* current = &scope;                   ///< of the code that runs, or ran last
  outgoing_list one_way;                                  ///< leave with the commit
  request_context context;                                ///< travels with all it sends
  std::unique_ptr<probe_state> probes;                    ///< null until somebody waits behind it
  std::unique_ptr<overlap_state> overlap;                 ///< null for a turn that is alone with its actor
  std::unique_ptr<message_effects> messages;              ///< null: nothing durable was sent or received
  std::unique_ptr<part_effects> parts;                    ///< null: neither logs nor items were changed
  std::uint64_t began_after = 0;                          ///< the last of the actor's overlapping changes before it
  detail::wait_scope scope;                               ///< all that it waits for

  void forget_extras() noexcept;

 private:
  void exchange_values() noexcept;

  activation* owner_;
};

/// What a turn has that overlaps others, is inside another one, or may have one inside it.
struct turn::overlap_state {
  turn_values values;                               ///< its own values of what it edited, or those from before
  turn* outer = nullptr;                            ///< the turn it is a part of
  turn* inner = nullptr;                            ///< the turn that runs inside it: it does not go on meanwhile
  std::shared_ptr<const detail::chain_link> link;   ///< names this turn to the calls it makes
  std::shared_ptr<const detail::chain_link> chain;  ///< the turns that wait for this one
  /// What was to go on while `inner` runs.
  std::vector<std::pair<detail::wait_scope*, std::coroutine_handle<>>> later;
};

/// Marks what runs in a scope as a turn's code: the values in use are the turn's. The turn may be over when the scope
/// ends; its end says so by `this_turn`.
class turn_scope {
 public:
  explicit turn_scope(turn& of) noexcept : of_(&of), before_(this_turn) {
    this_turn = of_;
    of.enter();
  }
  turn_scope(const turn_scope&) = delete;
  turn_scope& operator=(const turn_scope&) = delete;
  ~turn_scope() {
    if (this_turn == of_) of_->exit();
    this_turn = before_;
  }

 private:
  turn* of_;
  turn* before_;
};

}  // namespace troupe::internal
