#pragma once

#include <chrono>

#include "stores/http/http_caller.hpp"

/// Calls of a factory, which has to know the answer before it returns.
namespace troupe::internal {

/// Calls and waits for the end. Requires: not on the client's thread.
[[nodiscard]] call_result blocking_call(http_caller& caller, http_caller::make_request make,
                                        http_caller::judge_answer judge);

/// Waits until the client's thread has let a while pass.
void blocking_pause(http_caller& caller, std::chrono::milliseconds pause);

}  // namespace troupe::internal
