#include "stores/http/http_caller.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

struct http_caller::running {
  make_request make;
  judge_answer judge;
  std::function<void(call_result)> done;
  steady_time until;
  std::size_t failures = 0;
  call_result result{};
};

http_caller::http_caller(http_client& client, std::shared_ptr<spi::clock> clock, std::shared_ptr<spi::entropy> entropy,
                         call_limits limits)
    : client_(client), clock_(std::move(clock)), entropy_(std::move(entropy)), limits_(limits) {}

void http_caller::call(make_request make, judge_answer judge, std::function<void(call_result)> done) {
  const auto call = std::make_shared<running>();
  call->make = std::move(make);
  call->judge = std::move(judge);
  call->done = std::move(done);
  call->until = clock_->steady_now() + limits_.total;
  attempt(call);
}

void http_caller::after_failures(std::size_t failures, std::function<void()> work) {
  client_.after(backoff_before(failures, entropy_->next(), limits_.backoff, {}), std::move(work));
}

void http_caller::attempt(const std::shared_ptr<running>& call) {
  const auto left = std::max(duration_cast<milliseconds>(call->until - clock_->steady_now()), milliseconds(1));
  client_.send(call->make(clock_->wall_now()), std::min(limits_.attempt, left),
               [this, call](http_outcome outcome) { settle(call, std::move(outcome)); });
}

void http_caller::settle(const std::shared_ptr<running>& call, http_outcome outcome) {
  std::optional<milliseconds> asked;
  if (outcome.end == delivery::answered) {
    const answer_verdict verdict = call->judge(outcome.response);
    if (!verdict.retry) {
      call->result.response = std::move(outcome.response);
      call->done(std::move(call->result));
      return;
    }
    call->result.in_doubt = call->result.in_doubt || verdict.maybe_applied;
    call->result.message = client_.endpoint().authority() + " answers " + std::to_string(outcome.response.status) +
                           " " + outcome.response.body.substr(0, 200);
    asked = verdict.wait_at_least;
  } else {
    call->result.in_doubt = call->result.in_doubt || outcome.end == delivery::lost;
    call->result.message = std::move(outcome.message);
  }
  again(call, asked);
}

void http_caller::again(const std::shared_ptr<running>& call, std::optional<milliseconds> asked) {
  ++call->failures;
  const milliseconds wait = backoff_before(call->failures, entropy_->next(), limits_.backoff, asked);
  if (clock_->steady_now() + wait >= call->until) {
    call->result.message += "; given up after " + std::to_string(call->failures) + " tries";
    call->done(std::move(call->result));
    return;
  }
  client_.after(wait, [this, call] { attempt(call); });
}

}  // namespace troupe::internal
