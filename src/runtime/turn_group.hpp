#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "runtime/parts.hpp"
#include "troupe/base/actor_id.hpp"

namespace troupe::internal {

/// Runs a turn of each of several actors, all at the same time, and blocks until they have ended and are committed.
/// `run(self, n)` is the turn of the n-th actor; `what` it is, for people. Returns with what each turn failed; null: it
/// did not.
[[nodiscard]] std::vector<std::exception_ptr> run_turns(parts& of, const std::string& what,
                                                        const std::vector<actor_id>& actors,
                                                        const std::function<task<void>(actor&, std::size_t)>& run);

}  // namespace troupe::internal
