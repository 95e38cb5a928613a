#include <algorithm>
#include <stdexcept>
#include <typeinfo>

#include "base/json_members.hpp"
#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/call_watch.hpp"
#include "core/current_strand.hpp"
#include "core/later.hpp"
#include "core/turn.hpp"
#include "troupe/core/call.hpp"
#include "troupe/core/strand_executor.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/detail/typed_request.hpp"

namespace troupe::detail {

std::exception_ptr stopped_error(turn_stage at) {
  switch (at) {
    case turn_stage::running:
      return std::make_exception_ptr(error(errc::shutting_down,
                                           "the runtime was stopped while the turn ran: nothing of the turn was "
                                           "kept, but what it called or did outside may have had its effect",
                                           effect::unknown));
    case turn_stage::committing:
      return std::make_exception_ptr(error(errc::commit_unknown,
                                           "the runtime was stopped while the turn was being committed: its effect "
                                           "may have happened"));
    case turn_stage::waiting:
      break;
  }
  return std::make_exception_ptr(error(errc::shutting_down, "the runtime was stopped before it answered the call"));
}

std::vector<std::string_view> cut_arguments(std::string_view text, std::size_t count) {
  std::vector<std::string_view> values;
  if (const auto fault = internal::cut_json_array(text, values)) {
    throw error(errc::invalid_argument, "the arguments are no JSON array: " + internal::to_string(*fault));
  }
  if (values.size() != count) {
    throw error(errc::invalid_argument,
                "the arguments must be a JSON array of " + std::to_string(count) + (count == 1 ? " value" : " values"));
  }
  return values;
}

wait_scope& current_scope() {
  if (internal::this_turn == nullptr)
    throw std::logic_error("troupe: something was awaited in a task outside any actor");
  return *internal::this_turn->current;
}

void enter_scope(wait_scope& scope) noexcept { scope.turn()->current = &scope; }

void turn_wait::leave_and_resume(std::coroutine_handle<> suspended) {
  leave();
  scope_->turn()->owner().resume(*scope_, suspended);
}

void throw_delayed_call() {
  throw error(errc::invalid_argument,
              "a call whose answer is awaited has no delay: tell it, which has one, or call when a timer rings "
              "(troupe::timer, sleep_for)");
}

void throw_called_off(const char* what) {
  throw error(errc::cancelled, std::string(what) + " ended early: the caller of the turn has given up", effect::none);
}

void throw_answer(const awaited_call& call, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const error& known) {
    // A class of its own says what it likes, and does not learn of the calls behind it.
    if (known.effect() == effect::none && typeid(known) == typeid(error)) --call.scope()->turn()->calls_in_doubt;
    throw;
  }
}

void throw_bad_reply(const internal::activation& target, std::string_view method, const error& failure) {
  throw error(failure.kind(), "actor " + target.display() + ": the reply of " + std::string(method) + " " +
                                  failure.what() + "; nothing of the turn was kept");
}

void awaited_call::call_off() noexcept { sender->give_up(*this, errc::cancelled); }

internal::activation* current_activation() noexcept { return internal::this_strand; }

void push(internal::activation& target, message& m) noexcept { target.push(m); }

namespace {

/// When a call's time is over that is made now. The coarse clock is a few milliseconds behind: nothing for a long time,
/// much for a short one.
steady_time deadline_of(const internal::activation& target, std::chrono::milliseconds timeout, steady_time coarse) {
  if (timeout == no_timeout) return steady_time::max();
  const steady_time::duration span = timeout.count() == 0
                                         ? target.type().call_timeout
                                         : std::min<std::chrono::milliseconds>(timeout, internal::span_max);
  if (span == steady_time::duration::max()) return steady_time::max();
  return (span < std::chrono::seconds(1) ? target.system().now() : coarse) + span;
}

}  // namespace

bool send_from_handler(awaited_call& call, std::chrono::milliseconds timeout) {
  call.join();
  internal::turn& turn = *call.scope()->turn();
  ++turn.calls_in_doubt;
  internal::activation& sender = turn.owner();
  request& r = *call.node;
  if (&sender.system() != &call.target->system()) {
    call.sender = &sender;
    r.complete(std::make_exception_ptr(
        error(errc::invalid_argument, "actor " + call.target->display() +
                                          " belongs to another runtime: a handler cannot await it directly; use "
                                          "co_await reference.call<...>(...)(boost::asio::deferred)")));
    return false;
  }
  r.sent = sender.system().recent_now();
  if (!turn.context.empty() || !sender.type().filters.empty()) {
    try {
      internal::pass_on(&turn, *call.target, r);
    } catch (...) {
      call.sender = &sender;
      r.complete(std::current_exception());
      return false;
    }
  }
  return sender.send_call(call, std::min(turn.deadline, deadline_of(*call.target, timeout, r.sent)));
}

void send_from_outside(internal::activation& target, request& r) noexcept {
  internal::activation* sender = internal::this_strand;
  if (sender != nullptr && &sender->system() == &target.system()) {
    sender->send_gated(r, target);
  } else if (!target.system().accepting()) {
    r.refuse();
  } else {
    target.offer(r, target.system().outside_sender());
  }
}

void send_watched(outside_call& call, std::chrono::milliseconds timeout) noexcept {
  internal::activation& target = *call.target;
  request& r = *call.node;
  r.sent = target.system().coarse_now();
  r.deadline = deadline_of(target, timeout, r.sent);
  internal::turn* turn = internal::this_turn;
  if (turn != nullptr) ++turn->calls_in_doubt;
  const bool inside = turn != nullptr && &turn->owner().system() == &target.system();
  if (inside) r.deadline = std::min(r.deadline, turn->deadline);
  if ((inside && !turn->context.empty()) || !target.system().filters().empty() ||
      (inside && !turn->owner().type().filters.empty())) {
    try {
      internal::pass_on(inside ? turn : nullptr, target, r);
    } catch (...) {
      r.complete(std::current_exception());
      return;
    }
  }
  target.system().calls().start(call, r.deadline);
  send_from_outside(target, r);
}

bool end_watch(outside_call& call) noexcept { return !call.sent || call.target.get()->system().calls().end(call); }

void cancel_outside(outside_call& call, boost::asio::cancellation_type type) noexcept {
  using boost::asio::cancellation_type;
  if (type == cancellation_type::none) return;
  const bool at_once = (type & (cancellation_type::terminal | cancellation_type::partial)) != cancellation_type::none;
  call.target.get()->push_given_up({.request = call.node,
                                    .sender = nullptr,
                                    .serial = call.node->serial,
                                    .why = errc::cancelled,
                                    .at_once = at_once});
}

namespace {

/// Sends a delayed request outside a turn.
void send_delayed(internal::activation& target, request& r) noexcept {
  internal::actor_system& system = target.system();
  const internal::activation* here = internal::this_strand;
  const bool inside = here != nullptr && &here->system() == &system;
  if (!inside && !system.accepting()) {
    r.refuse();
    return;
  }
  target.retain();
  system.delayed().start({activation_ptr(&target), &r}, inside ? here->as_sender() : system.outside_sender());
}

}  // namespace

void send_one_way(internal::activation& target, request& r, std::chrono::milliseconds timeout) {
  if (timeout.count() != 0 && !r.delayed) {
    r.sent = target.system().coarse_now();
    r.deadline = deadline_of(target, timeout, r.sent);
  }
  internal::turn* turn = internal::this_turn;
  const internal::filter_list& filters = turn != nullptr ? turn->owner().type().filters : target.system().filters();
  if ((turn != nullptr && !turn->context.empty()) || !filters.empty()) {
    try {
      internal::pass_on(turn, target, r);
    } catch (...) {
      r.abandon();
      throw;
    }
  }
  if (turn != nullptr) {
    r.receiver = &target;
    turn->one_way.push(r);
  } else if (r.delayed) {
    send_delayed(target, r);
  } else {
    send_from_outside(target, r);
  }
}

void run_after_commit(request& work) {
  internal::turn& turn = *internal::this_turn;
  work.receiver = &turn.owner();
  turn.one_way.push(work);
}

void send_durable(internal::activation& target, std::string_view method, std::string arguments) {
  internal::activation* sender = internal::this_strand;
  if (sender == nullptr || internal::this_turn == nullptr) {
    throw std::logic_error("troupe: a durable message to " + target.display() +
                           " was sent outside a turn, where there is no commit that it could go with; send it in a "
                           "handler, or make a call with an idempotency key");
  }
  sender->send_with_turn(target, method, std::move(arguments));
}

void report_lost(const internal::activation& target, std::string_view method, std::exception_ptr failure) noexcept {
  target.system().log_failure("a message \"" + std::string(method) + "\" to " + target.display(), failure);
}

std::string_view type_of(const internal::activation& target) noexcept { return target.type_name(); }
std::string_view key_of(const internal::activation& target) noexcept { return target.key(); }

boost::asio::execution_context& context_of(internal::activation& target) noexcept {
  return target.system().executor().context();
}

boost::asio::any_io_executor io_executor_of(internal::activation& target) {
  return target.system().executor().io_executor();
}

strand_executor current_strand() {
  internal::activation* here = internal::this_strand;
  if (here == nullptr) throw std::logic_error("troupe: an operation was awaited in a task outside any actor");
  here->retain();
  return strand_executor(activation_ptr(here));
}

void check_may_block(internal::activation& target) {
  if (internal::this_strand == nullptr && !target.system().executor().on_own_thread()) return;
  throw error(errc::would_block, "actor " + target.display() +
                                     ": get() on a thread of the runtime would block the actors themselves; "
                                     "co_await the call instead");
}

void wait_outside(internal::activation& target, const std::atomic<bool>& done) {
  target.system().executor().wait(done);
}

}  // namespace troupe::detail
