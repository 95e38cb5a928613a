#include <functional>
#include <new>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/crowd.hpp"
#include "core/current_strand.hpp"
#include "core/failure_text.hpp"
#include "core/resident.hpp"

// Bounds on what waits: at one actor, in the runtime, and for loads.

namespace troupe::internal {
namespace {

std::exception_ptr overloaded(const std::string& what, std::chrono::milliseconds retry_after) {
  return std::make_exception_ptr(
      error(errc::overloaded, what + "; retry after " + std::to_string(retry_after.count()) + " ms", retry_after));
}

std::exception_ptr runtime_overloaded(actor_system& system) {
  overload_state& state = system.overload();
  const queue_load::reading now = state.load.read();
  std::int64_t each = 0;
  {
    const std::scoped_lock lock(state.pace_mutex);
    state.pace.observe(system.now(), static_cast<std::uint32_t>(system.counters().turns.read()));
    each = state.pace.each();
  }
  const queue_load::bounds& most = state.bounds.queued;
  return overloaded("the runtime is overloaded: " + std::to_string(now.messages) + " messages of " +
                        std::to_string(now.bytes) + " bytes wait, the bounds are " + std::to_string(most.messages_max) +
                        " and " + std::to_string(most.bytes_max),
                    retry_hint(now.messages, each));
}

}  // namespace

void actor_system::on_dropped_tell(const activation& target, std::string_view method) noexcept {
  constexpr std::int64_t report_every_ms = 1000;
  counters_.dropped_tells.fetch_add(1, std::memory_order_relaxed);
  overload_.unreported.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t tick = idle_ticks(now());
  std::int64_t due = overload_.next_report.load(std::memory_order_relaxed);
  if (tick < due || !overload_.next_report.compare_exchange_strong(due, tick + report_every_ms)) return;
  const std::uint64_t dropped = overload_.unreported.exchange(0, std::memory_order_relaxed);
  log(log_level::warning, std::to_string(dropped) + " one-way messages were dropped for overload, the last a \"" +
                              std::string(method) + "\" to " + target.display());
}

void activation::offer_to_crowd(detail::request& r, const sender& by, crowd* here, load_tally* tally) noexcept {
  if (!may_come_back(r)) {
    if (system().load().refuses(by.kind)) {
      refuse(r, [this] { return runtime_overloaded(system()); });
      return;
    }
    if (here != nullptr && !here->admit(r)) {
      refuse(r, [this, here] { return crowded_error(*here); });
      return;
    }
  }
  const std::uint32_t units = r.units;
  queue_load& load = system().load();
  if (push_counted(r, mailbox_word::crowd_never) == pushed::onto_busy) count_queued(load, units, tally);
}

bool activation::may_come_back(const detail::request& r) const noexcept {
  // On the sender's strand: whether the turn still waits is for this one to say.
  if (!type_->comes_back || r.caller == nullptr || mode_of(r) != reentrancy::call_chain) return false;
  const detail::chain_link* link = r.caller->chain.get();
  while (link != nullptr && link->actor != this) link = link->outer.get();
  return link != nullptr;
}

crowd* activation::crowd_here() noexcept {
  crowd* known = known_crowd();
  if (known != nullptr) return known;
  try {
    auto made = std::make_unique<crowd>(crowd_seats(type_->info.options.mailbox_max), system().now());
    if (seldom().here.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) known = made.release();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return known;
}

void activation::refuse(detail::request& r, const std::function<std::exception_ptr()>& why) noexcept {
  system().counters().refused_messages.fetch_add(1, std::memory_order_relaxed);
  if (r.one_way) {
    system().on_dropped_tell(*this, r.name());
    r.abandon();
    return;
  }
  std::exception_ptr failure;
  try {
    failure = why();
  } catch (...) {
    failure = std::current_exception();
  }
  r.complete(std::move(failure));
}

std::exception_ptr activation::crowded_error(const crowd& here) const {
  const std::int64_t waiting = here.taken();
  return overloaded("actor " + display() + " is overloaded: " + std::to_string(waiting) +
                        " messages wait there, the bound is " + std::to_string(type_->info.options.mailbox_max) +
                        " for all senders together",
                    retry_hint(waiting, here.each_ns(system().now())));
}

void activation::pass_line(detail::request& r) noexcept {
  if (r.found_busy) {
    ++work_->counted_messages;
    work_->counted_units += r.units;
  }
  if (known_crowd() != nullptr) leave_crowd(r);
  work_->returning.push(r);
}

void activation::leave_crowd(detail::request& r) noexcept {
  // A sender made it, and need not be the one whose request leaves: nothing else orders this after its constructor.
  known_crowd()->leave(r);
}

void activation::balance() noexcept {
  const std::uint32_t count = work_->waiting.count();
  const std::uint32_t units = work_->waiting.units();
  if (count != work_->counted_messages || units != work_->counted_units) {
    system().load().add(std::int64_t{count} - work_->counted_messages, std::int64_t{units} - work_->counted_units);
    work_->counted_messages = count;
    work_->counted_units = units;
  }
  crowd* here = known_crowd();
  const bool was_there = here != nullptr && here->is_there();
  const bool many = type_->crowd_from != mailbox_word::crowd_never &&
                    count > (was_there ? type_->crowd_from / 2U : type_->crowd_from);
  if (!many && !was_there) return;
  if (here == nullptr) here = crowd_here();
  if (here == nullptr) return;
  here->observe(many, system().now());
}

bool activation::may_load() noexcept {
  bool must = false;
  work_->waiting.for_each([&](const detail::request& r) { must = must || !r.refusable; });
  load_admission& loads = system().loads();
  switch (loads.enter(*work_->loading, must, system().now())) {
    case load_admission::verdict::go:
      return true;
    case load_admission::verdict::wait:
      return false;
    case load_admission::verdict::refuse:
      break;
  }
  const std::size_t waiting = loads.waiting();
  std::exception_ptr failure = overloaded("the runtime is overloaded: actor " + display() + " is not in memory, and " +
                                              std::to_string(waiting) + " others wait for their state to be loaded",
                                          loads.retry_after());
  while (detail::request* r = pop_waiting()) refuse(*r, [&] { return failure; });
  vanish();
  return false;
}

void activation::let_next_load() noexcept {
  if (load_ticket* next = system().loads().leave(system().now())) system().port().load(*next);
}

}  // namespace troupe::internal
