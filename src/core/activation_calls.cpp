#include <algorithm>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/call_story.hpp"
#include "core/failure_text.hpp"
#include "core/later.hpp"
#include "core/resident.hpp"
#include "core/strand_alarm.hpp"
#include "core/tell_strand.hpp"

// Calls that end before their answer: as the caller's strand sees them, and the callee's.

namespace troupe::internal {
namespace {

std::string since(steady_time begin, steady_time now) { return " for " + show_time(now - begin); }

/// What a turn waits for: the call that was made first.
std::string waits_of(const detail::wait_scope& scope, steady_time now) {
  const detail::awaited_call* first = nullptr;
  for_each_call(scope, [&](detail::awaited_call& call) {
    if (first == nullptr || call.node->sent <= first->node->sent) first = &call;
  });
  if (first != nullptr) return name_of(*first->target, *first->node) + since(first->node->sent, now);
  return scope.empty() ? std::string() : "a timer or an I/O operation";
}

std::string_view name_of(const turn& t) noexcept {
  if (t.request != nullptr) return t.request->name();
  return t.kind == turn_kind::on_activate ? "on_activate" : "on_deactivate";
}

}  // namespace

// ---- the caller

std::exception_ptr activation::after_calls(const turn& t, std::exception_ptr failure) const noexcept {
  if (t.calls_in_doubt == 0 || t.request == nullptr) return failure;
  return doubtful_after_calls(failure, name_of(*this, *t.request));
}

void activation::watch_calls(steady_time deadline) noexcept {
  system().timers().cancel(work_->watch);
  work_->watch_at = deadline;
  work_->watch = make_strand_alarm(*this, &activation::on_watch_rings);
  system().timers().start(deadline, work_->watch);
}

void activation::stop_watch() noexcept {
  system().timers().cancel(work_->watch);
  work_->watch_at = steady_time::max();
}

void activation::on_watch_rings() noexcept {
  if (!resident_ || work_->watch_at == steady_time::max()) return;
  const steady_time now = system().now();
  if (now < work_->watch_at) return;  // it was set anew meanwhile
  work_->watch_at = steady_time::max();
  steady_time next = steady_time::max();
  for_each_turn([&](turn& t) {
    for_each_call(t.scope, [&](detail::awaited_call& call) {
      if (call.given_up) return;
      if (call.node->deadline <= now) {
        give_up(call, errc::timeout);
      } else {
        next = std::min(next, call.node->deadline);
      }
    });
  });
  if (next != steady_time::max()) watch_calls(next);
}

void activation::give_up(detail::awaited_call& call, errc why) noexcept {
  if (call.given_up) return;
  call.given_up = true;
  detail::request& r = *call.node;
  if (work_->gate.take_call(r)) {
    const auto waited = system().now() - r.sent;
    r.complete(error_of({.why = why,
                         .call = name_of(*call.target, r),
                         .where = call_story::place::held,
                         .total = waited,
                         .there = waited}));
    return;
  }
  call.target->push_given_up({.request = &r, .sender = this, .serial = r.serial, .why = why});
}

// ---- the callee

void activation::push_given_up(given_up_call call) noexcept {
  tell_strand(*this, [call](activation& a) { a.on_given_up(call); });
}

bool given_up_call::is(const detail::request& r) const noexcept {
  return &r == request && r.serial == serial && (r.caller != nullptr ? r.caller->sender : nullptr) == sender;
}

void activation::on_given_up(const given_up_call& call) noexcept {
  if (give_up_waiting(call)) return;
  if (!resident_) return;
  for_each_turn([&](turn& t) {
    if (t.request != nullptr && call.is(*t.request)) give_up_running(t, call);
  });
  for (gated_output& output : work_->gate.held()) {
    if (output.reply == nullptr || !call.is(*output.reply)) continue;
    if (!call.at_once) return;
    const steady_time now = system().now();
    detail::request& r = *std::exchange(output.reply, nullptr);
    r.complete(error_of({.why = call.why,
                         .call = name_of(*this, r),
                         .where = call_story::place::saving,
                         .total = now - r.sent,
                         .there = now - output.since}));
    return;
  }
}

detail::request* activation::take_waiting(const given_up_call& call, std::size_t& ahead) noexcept {
  const auto wanted = [&](const detail::request& r) { return call.is(r); };
  if (detail::request* r = work_->waiting.take_if(wanted, ahead); r != nullptr) {
    if (known_crowd() != nullptr) leave_crowd(*r);
    return r;
  }
  return resident_ ? work_->returning.take_if(wanted, ahead) : nullptr;
}

const detail::request* activation::find_waiting(const given_up_call& call) const noexcept {
  const auto wanted = [&](const detail::request& r) { return call.is(r); };
  if (const detail::request* r = work_->waiting.find_if(wanted); r != nullptr) return r;
  return resident_ ? work_->returning.find_if(wanted) : nullptr;
}

bool activation::give_up_waiting(const given_up_call& call) noexcept {
  std::size_t ahead = 0;
  detail::request* r = take_waiting(call, ahead);
  if (r == nullptr) return false;
  r->complete(expired(*r, call.why, ahead));
  return true;
}

std::exception_ptr activation::expired(const detail::request& r, errc why, std::size_t ahead) noexcept {
  const steady_time now = system().now();
  call_story story{.why = why,
                   .call = name_of(*this, r),
                   .where = call_story::place::queued,
                   .total = now - r.sent,
                   .queued = now - r.sent,
                   .ahead = ahead};
  if (resident_) {
    const phase where = resident_->where;
    for_each_turn([&](turn& t) {
      if (!story.running.empty()) return;
      story.running = std::string(name_of(t)) + ", running" + since(t.started, now);
      story.waits_for = waits_of(t.scope, now);
    });
    if (where == phase::loading || where == phase::starting) {
      story.where = call_story::place::activating;
      story.running =
          where == phase::loading ? "loading its state" + since(work_->loading_since, now) : "running on_activate";
    } else if (where == phase::reloading && story.running.empty()) {
      story.running = "an undone turn whose state is being read again" + since(work_->loading_since, now);
    } else if (where == phase::leaving && story.running.empty()) {
      story.running = "the last commit of its deactivation";
    }
  }
  return error_of(story);
}

void activation::give_up_running(turn& t, const given_up_call& call) noexcept {
  const steady_time now = system().now();
  const detail::request& r = *t.request;
  if (call.at_once) {
    auto why = error_of({.why = call.why,
                         .call = name_of(*this, r),
                         .where = call_story::place::running,
                         .total = now - r.sent,
                         .queued = t.started - r.sent,
                         .there = now - t.started,
                         .waits_for = waits_of(t.scope, now)});
    t.request = t.request->leave_to_turn(std::move(why));
  }
  t.called_off = true;
  t.scope.call_off();
}

}  // namespace troupe::internal
