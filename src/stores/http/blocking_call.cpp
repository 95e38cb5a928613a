#include "stores/http/blocking_call.hpp"

#include <future>
#include <utility>

namespace troupe::internal {

call_result blocking_call(http_caller& caller, http_caller::make_request make, http_caller::judge_answer judge) {
  const auto promise = std::make_shared<std::promise<call_result>>();
  caller.client().post([&caller, promise, make = std::move(make), judge = std::move(judge)] {
    caller.call(make, judge, [promise](call_result result) { promise->set_value(std::move(result)); });
  });
  return promise->get_future().get();
}

void blocking_pause(http_caller& caller, std::chrono::milliseconds pause) {
  const auto promise = std::make_shared<std::promise<void>>();
  caller.client().post(
      [&caller, promise, pause] { caller.client().after(pause, [promise] { promise->set_value(); }); });
  promise->get_future().get();
}

}  // namespace troupe::internal
