#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/output_gate.hpp"
#include "troupe/core/task.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/detail/wait.hpp"

namespace troupe::internal {

/// What a turn runs.
enum class turn_kind : std::uint8_t { message, on_activate, on_deactivate };

/// A running turn of an activation: one message or hook, from its start to its record. Only on the owning strand.
class turn final : public detail::root_listener {
 public:
  explicit turn(activation& owner) noexcept;
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;
  ~turn();

  /// Resumes the activation's end of turn.
  std::coroutine_handle<> root_done() noexcept override;

  /// Ready for the next turn.
  void clear() noexcept {
    request = nullptr;
    root = nullptr;
    kind = turn_kind::message;
    one_way.clear();
    edited = erase = deactivate = called_off = false;
    deadline = steady_time::max();
    current = &scope;
    if (probes) forget_probes();
  }

  [[nodiscard]] activation& owner() const noexcept { return owner_; }

  struct probe_state;

  bool running = false;
  turn_kind kind = turn_kind::message;
  bool edited = false;                                    ///< it changed a cell
  bool erase = false;                                     ///< it removes the actor
  bool deactivate = false;                                ///< it asked to leave memory afterwards
  bool called_off = false;                                ///< its caller has given up
  detail::request* request = nullptr;                     ///< null for hooks
  std::coroutine_handle<detail::task_promise_base> root;  ///< null for a plain handler
  steady_time started{};                                  ///< to a few milliseconds
  steady_time deadline = steady_time::max();              ///< of the call it answers; its own calls have no longer
  std::vector<outgoing> one_way;                          ///< leave with the commit
  detail::wait_scope scope;                               ///< all that it waits for
  detail::wait_scope* current = &scope;                   ///< of the code that runs, or ran last
  std::uint64_t serial = 0;                               ///< unlike any other turn's of the actor
  std::unique_ptr<probe_state> probes;                    ///< null until somebody waits behind it

 private:
  void forget_probes() noexcept;

  activation& owner_;
};

}  // namespace troupe::internal
