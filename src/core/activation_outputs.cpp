#include <algorithm>
#include <utility>
#include <vector>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/crowd.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"

// What leaves an activation, replies, tells and calls: each behind the commit that it waits for.

namespace troupe::internal {
namespace {

/// Most messages that are pushed together.
constexpr unsigned run_max = 256;

}  // namespace

// ---- to a mailbox

template <class Push>
pushed activation::push_by(const Push& push) noexcept {
  bool held = false;  // the reference that a place has while it is not dormant
  const pushed found = push([this, &held] {
    if (!std::exchange(held, true)) retain();
  });
  // Once it is pushed onto a busy strand nothing may keep the place any more.
  if (found == pushed::onto_busy && !held) return found;
  if (found == pushed::onto_dormant) system().on_awake();
  if (found == pushed::onto_dormant || found == pushed::onto_resting) system().executor().submit(*this);
  if (held && found != pushed::onto_dormant) release();
  return found;
}

void activation::push(detail::message& m) noexcept {
  const pushed found = push_by([&](const auto& before_waking) { return inbox_.push(m, before_waking); });
  if (found == pushed::nowhere) m.refuse();
}

pushed activation::push_counted(detail::request& r, unsigned crowd_from) noexcept {
  const pushed found =
      push_by([&](const auto& before_waking) { return inbox_.push_counted(r, before_waking, crowd_from); });
  if (found == pushed::nowhere) r.refuse();
  return found;
}

pushed activation::push_run(detail::message& oldest, unsigned crowd_from) noexcept {
  const pushed found =
      push_by([&](const auto& before_waking) { return inbox_.push_run(oldest, before_waking, crowd_from); });
  if (found == pushed::nowhere) {
    for (detail::message* m = &oldest; m != nullptr;) std::exchange(m, m->next)->refuse();
  }
  return found;
}

void activation::offer(detail::request& r, const sender& by, load_tally* tally) noexcept {
  r.refusable = true;
  r.from = by.hash;
  // Once pushed, the request may be gone, and this place with it.
  const std::uint32_t units = r.units;
  queue_load& load = system().load();
  crowd* const here = known_crowd();
  if ((here != nullptr && here->is_there()) || load.refuses(by.kind)) {
    offer_to_crowd(r, by, here, tally);
    return;
  }
  const pushed found = push_counted(r, type_->crowd_from);
  if (found == pushed::onto_busy) count_queued(load, units, tally);
  if (found == pushed::crowded) offer_to_crowd(r, by, crowd_here(), tally);
}

// ---- behind the gate

bool activation::waits_at_gate() const noexcept {
  return resident_ && resident_->store && system().rules().gate && (saves_every_turn() || !work_->gate.empty()) &&
         resident_->store->recorded() > resident_->store->committed();
}

void activation::send_gated(detail::request& r, activation& target) noexcept {
  if (!waits_at_gate()) {
    system().observe_send(*this, target, r);
    target.offer(r, as_sender());
    return;
  }
  if (resident_->where == phase::failed) {
    r.complete(work_->failure);
    return;
  }
  target.retain();
  work_->gate.hold(
      {.sequence = resident_->store->recorded(), .call = {.target = detail::activation_ptr(&target), .request = &r}});
}

bool activation::send_call(detail::awaited_call& call, steady_time deadline) noexcept {
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
    return false;
  }
  // Only what the turn itself awaits: calls that are made together are to run beside each other.
  if (calls_at_once.left > 0 && calls_at_once.depth < calls_at_once_depth_max && call.scope() == &t.scope &&
      !type_->overlaps && !waits_at_gate() && !system().load().refuses(queue_load::sender::actor)) {
    --calls_at_once.left;
    r.refusable = true;
    r.from = as_sender().hash;
    if (system().observes_sends()) system().observe_send(*this, *call.target, r);
    const bool is_taken = call.target->take_at_once(call);
    if (call.now == detail::awaited_call::at_once::answered) {
      call.leave();
      return true;
    }
    if (deadline < work_->watch_at) watch_calls(deadline);
    if (!is_taken) call.target->offer(r, as_sender());
    return false;
  }
  if (deadline < work_->watch_at) watch_calls(deadline);
  send_gated(r, *call.target);
  return false;
}

void activation::settle(gated_output output) noexcept {
  const std::uint64_t committed = resident_->store ? resident_->store->committed() : 0;
  if (output.sequence <= committed || resident_->where == phase::failed) {
    deliver(std::move(output));
  } else {
    output.since = system().coarse_now();
    work_->gate.hold(std::move(output));
  }
}

void activation::send_all(outgoing_list& messages) noexcept {
  load_tally tally(system().load());
  const bool observed = system().observes_sends();
  while (detail::request* r = messages.pop()) {
    activation& target = *r->receiver;
    if (r->as == detail::message::role::work) {
      push(*r);
      continue;
    }
    if (observed) system().observe_send(*this, target, *r);
    if (r->delayed) {
      target.retain();
      system().delayed().start({detail::activation_ptr(&target), r}, as_sender());
    } else if (!observed && !messages.empty() && messages.front()->receiver == &target) {
      send_run(*r, messages, tally);
    } else {
      target.offer(*r, as_sender(), &tally);
    }
  }
}

void activation::send_run(detail::request& first, outgoing_list& others, load_tally& tally) noexcept {
  activation& target = *first.receiver;
  const sender by = as_sender();
  crowd* const here = target.known_crowd();
  if ((here != nullptr && here->is_there()) || target.system().load().refuses(by.kind)) {
    target.offer(first, by, &tally);
    return;
  }
  const unsigned most = target.type_->crowd_from == mailbox_word::crowd_never
                            ? run_max
                            : std::min(run_max, target.type_->crowd_from / 16U);
  detail::request* last = &first;
  unsigned behind = 0;
  std::int64_t units_behind = 0;
  for (;;) {
    last->refusable = true;
    last->from = by.hash;
    detail::request* next = others.front();
    if (behind + 1 >= most || next == nullptr || next->receiver != &target || next->delayed ||
        next->as != detail::message::role::request) {
      break;
    }
    last->next = others.pop();
    last = next;
    ++behind;
    units_behind += next->units;
  }
  last->next = nullptr;
  const std::uint32_t units = first.units;
  const pushed found = target.push_run(first, target.type_->crowd_from);
  if (found == pushed::crowded) {
    for (detail::message* m = &first; m != nullptr;) {
      auto& r = static_cast<detail::request&>(*m);
      m = m->next;
      target.offer(r, by, &tally);
    }
  } else if (found != pushed::nowhere) {
    tally.add(behind, units_behind);
    if (found == pushed::onto_busy) tally.add(1, units);
  }
}

void activation::deliver(gated_output output) noexcept {
  if (!output.one_way.empty()) send_all(output.one_way);
  if (output.reply != nullptr) output.reply->complete(std::move(output.failure));
  if (output.call.request != nullptr) {
    system().observe_send(*this, *output.call.target, *output.call.request);
    output.call.target.get()->offer(*output.call.request, as_sender());
  }
}

void activation::fail(gated_output output, const std::exception_ptr& why) const noexcept {
  output.one_way.abandon();
  if (output.reply != nullptr) {
    detail::request& r = *output.reply;
    r.complete(output.called ? doubtful_after_calls(why, name_of(*this, r)) : why);
  }
  if (output.call.request != nullptr) output.call.request->complete(why);
}

}  // namespace troupe::internal
