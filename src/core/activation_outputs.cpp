#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/resident.hpp"

// What leaves an activation, replies, tells and calls: each behind the commit that it waits for.

namespace troupe::internal {

void activation::send_gated(detail::request& r, activation& target) noexcept {
  const bool waits = resident_ && resident_->store && system_->rules().gate &&
                     (saves_every_turn() || !resident_->gate.empty()) &&
                     resident_->store->recorded() > resident_->store->committed();
  if (!waits) {
    system_->observe_send(*this, target, r);
    target.offer(r, as_sender());
    return;
  }
  if (resident_->where == phase::failed) {
    r.complete(resident_->failure);
    return;
  }
  target.retain();
  resident_->gate.hold(
      {.sequence = resident_->store->recorded(), .call = {.target = detail::activation_ptr(&target), .request = &r}});
}

void activation::settle(gated_output output) noexcept {
  const std::uint64_t committed = resident_->store ? resident_->store->committed() : 0;
  if (output.sequence <= committed || resident_->where == phase::failed) {
    deliver(std::move(output));
  } else {
    output.since = system_->coarse_now();
    resident_->gate.hold(std::move(output));
  }
}

void activation::deliver(gated_output output) noexcept {
  {
    load_tally tally(system_->load());
    for (outgoing& message : output.one_way) {
      if (message.request->as == detail::message::role::work) {
        push(*message.request);
        continue;
      }
      system_->observe_send(*this, *message.target, *message.request);
      if (message.request->delayed) {
        delayed_tells& delayed = message.target.get()->system().delayed();
        delayed.start(std::move(message), as_sender());
      } else {
        message.target.get()->offer(*message.request, as_sender(), tally);
      }
    }
  }
  if (output.reply != nullptr) output.reply->complete(std::move(output.failure));
  if (output.call.request != nullptr) {
    system_->observe_send(*this, *output.call.target, *output.call.request);
    output.call.target.get()->offer(*output.call.request, as_sender());
  }
}

void activation::fail(gated_output output, const std::exception_ptr& why) noexcept {
  for (const outgoing& message : output.one_way) message.request->abandon();
  if (output.reply != nullptr) output.reply->complete(why);
  if (output.call.request != nullptr) output.call.request->complete(why);
}

}  // namespace troupe::internal
