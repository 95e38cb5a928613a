#include <utility>
#include <vector>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/crowd.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"

// What leaves an activation, replies, tells and calls: each behind the commit that it waits for.

namespace troupe::internal {

// ---- to a mailbox

template <bool Counted>
pushed activation::push_as(detail::message& m, [[maybe_unused]] unsigned crowd_from) noexcept {
  bool held = false;  // the reference that a place has while it is not dormant
  const auto before_waking = [this, &held] {
    if (!std::exchange(held, true)) retain();
  };
  pushed found{};
  if constexpr (Counted) {
    found = inbox_.push_counted(m, before_waking, crowd_from);
  } else {
    found = inbox_.push(m, before_waking);
  }
  if (found == pushed::onto_dormant) system_->on_awake();
  if (found == pushed::onto_dormant || found == pushed::onto_resting) system_->executor().submit(*this);
  if (found == pushed::nowhere) m.refuse();
  if (held && found != pushed::onto_dormant) release();
  return found;
}

void activation::push(detail::message& m) noexcept { static_cast<void>(push_as<false>(m, 0)); }

pushed activation::push_counted(detail::request& r) noexcept { return push_as<true>(r, mailbox_word::crowd_never); }

void activation::offer(detail::request& r, const sender& by, load_tally* tally) noexcept {
  r.refusable = true;
  r.from = by.hash;
  const std::uint32_t units = r.units;  // once pushed, the request may be gone
  crowd* const here = crowd_.load(std::memory_order_acquire);
  if ((here != nullptr && here->is_there()) || system_->load().refuses(by.kind)) {
    offer_to_crowd(r, by, here, tally);
    return;
  }
  const pushed found = push_as<true>(r, crowd_from_);
  if (found == pushed::onto_busy) count_queued(units, tally);
  if (found == pushed::crowded) offer_to_crowd(r, by, crowd_here(), tally);
}

// ---- behind the gate

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

void activation::send_call(detail::awaited_call& call, steady_time deadline) noexcept {
  detail::request& r = *call.node;
  call.sender = this;
  r.caller = &call;
  r.serial = ++serials_;
  r.deadline = deadline;
  turn& t = *call.scope()->turn();
  if (t.overlap || type_->comes_back) call.chain = chain_of(t);
  if (deadline <= r.sent) {
    r.complete(std::make_exception_ptr(error(errc::timeout,
                                             "the call of " + name_of(*call.target, r) +
                                                 " was not made: the time of the call that its caller answers is over",
                                             effect::none)));
    return;
  }
  if (deadline < resident_->watch_at) watch_calls(deadline);
  send_gated(r, *call.target);
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

void activation::send_all(std::vector<outgoing>& messages) noexcept {
  load_tally tally(system_->load());
  for (outgoing& message : messages) {
    if (message.request->as == detail::message::role::work) {
      push(*message.request);
      continue;
    }
    system_->observe_send(*this, *message.target, *message.request);
    if (message.request->delayed) {
      delayed_tells& delayed = message.target.get()->system().delayed();
      delayed.start(std::move(message), as_sender());
    } else {
      message.target.get()->offer(*message.request, as_sender(), &tally);
    }
  }
}

void activation::deliver(gated_output output) noexcept {
  if (!output.one_way.empty()) send_all(output.one_way);
  if (output.reply != nullptr) output.reply->complete(std::move(output.failure));
  if (output.call.request != nullptr) {
    system_->observe_send(*this, *output.call.target, *output.call.request);
    output.call.target.get()->offer(*output.call.request, as_sender());
  }
}

void activation::fail(gated_output output, const std::exception_ptr& why) const noexcept {
  for (const outgoing& message : output.one_way) message.request->abandon();
  if (output.reply != nullptr) {
    detail::request& r = *output.reply;
    r.complete(output.called ? doubtful_after_calls(why, name_of(*this, r)) : why);
  }
  if (output.call.request != nullptr) output.call.request->complete(why);
}

}  // namespace troupe::internal
