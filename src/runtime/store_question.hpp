#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/current_strand.hpp"
#include "runtime/blocked_answer.hpp"
#include "runtime/parts.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {

/// Throws `error{errc::would_block}` on a thread of the runtime; `what` is asked for, and is waited for.
inline void refuse_on_own_thread(parts& of, const std::string& what) {
  if (this_strand == nullptr && !of.executor().on_own_thread()) return;
  throw error(errc::would_block, what + ": asked for on a thread of the runtime, where waiting would block the actors");
}

/// Blocks until the store has answered what `begin` asks it; `begin(store, done)` passes the answer to `done`.
template <class Result, class Begin>
[[nodiscard]] Result ask_store(parts& of, Begin begin) {
  const auto state = std::make_shared<blocked_answer<Result>>();
  begin(of.store(), [state](Result answer) { state->answer(std::move(answer)); });
  of.executor().wait(state->done);
  return std::move(state->result);
}

}  // namespace troupe::internal
