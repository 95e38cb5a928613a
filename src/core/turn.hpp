#pragma once

#include <coroutine>
#include <cstdint>
#include <vector>

#include "core/output_gate.hpp"
#include "troupe/core/task.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// What a turn runs.
enum class turn_kind : std::uint8_t { message, on_activate, on_deactivate };

/// The running turn of an activation: one message or hook, from its start to its record. Only on the owning strand.
class turn final : public detail::root_listener {
 public:
  explicit turn(activation& owner) noexcept : owner_(owner) {}

  /// Resumes the activation's end of turn.
  void root_done() noexcept override;

  /// Ready for the next turn.
  void clear() noexcept {
    request = nullptr;
    root = nullptr;
    kind = turn_kind::message;
    one_way.clear();
    edited = erase = deactivate = false;
  }

  bool running = false;
  turn_kind kind = turn_kind::message;
  bool edited = false;                                    ///< it changed a cell
  bool erase = false;                                     ///< it removes the actor
  bool deactivate = false;                                ///< it asked to leave memory afterwards
  detail::request* request = nullptr;                     ///< null for hooks
  std::coroutine_handle<detail::task_promise_base> root;  ///< null for a plain handler
  std::vector<outgoing> one_way;                          ///< leave with the commit

 private:
  activation& owner_;
};

}  // namespace troupe::internal
