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
    if (system_->load().refuses(by.kind)) {
      refuse(r, [this] { return runtime_overloaded(*system_); });
      return;
    }
    if (here != nullptr && !here->admit(r)) {
      refuse(r, [this, here] { return crowded_error(*here); });
      return;
    }
  }
  const std::uint32_t units = r.units;
  queue_load& load = system_->load();
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
  crowd* known = crowd_.load(std::memory_order_acquire);
  if (known != nullptr) return known;
  auto* made = new (std::nothrow) crowd(crowd_seats(type_->info.options.mailbox_max), system_->now());
  if (made == nullptr || crowd_.compare_exchange_strong(known, made, std::memory_order_acq_rel)) return made;
  delete made;
  return known;
}

void activation::refuse(detail::request& r, const std::function<std::exception_ptr()>& why) noexcept {
  system_->counters().refused_messages.fetch_add(1, std::memory_order_relaxed);
  if (r.one_way) {
    system_->on_dropped_tell(*this, r.name());
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
                    retry_hint(waiting, here.each_ns(system_->now())));
}

void activation::pass_line(detail::request& r) noexcept {
  if (r.found_busy) {
    ++counted_messages_;
    counted_units_ += r.units;
  }
  if (crowd_.load(std::memory_order_relaxed) != nullptr) leave_crowd(r);
  resident_->returning.push(r);
}

void activation::leave_crowd(detail::request& r) noexcept {
  // A sender made it, and need not be the one whose request leaves: nothing else orders this after its constructor.
  crowd_.load(std::memory_order_acquire)->leave(r);
}

void activation::balance() noexcept {
  const std::uint32_t count = waiting_.count();
  const std::uint32_t units = waiting_.units();
  if (count != counted_messages_ || units != counted_units_) {
    system_->load().add(std::int64_t{count} - counted_messages_, std::int64_t{units} - counted_units_);
    counted_messages_ = count;
    counted_units_ = units;
  }
  crowd* here = crowd_.load(std::memory_order_acquire);
  const bool was_there = here != nullptr && here->is_there();
  const bool many = crowd_from_ != mailbox_word::crowd_never && count > (was_there ? crowd_from_ / 2U : crowd_from_);
  if (!many && !was_there) return;
  if (here == nullptr) here = crowd_here();
  if (here == nullptr) return;
  here->observe(many, system_->now());
}

bool activation::may_load() noexcept {
  bool must = false;
  waiting_.for_each([&](const detail::request& r) { must = must || !r.refusable; });
  load_admission& loads = system_->loads();
  switch (loads.enter(*resident_->loading, must, system_->now())) {
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
  if (load_ticket* next = system_->loads().leave(system_->now())) system_->port().load(*next);
}

}  // namespace troupe::internal
