#include <algorithm>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/delivery_request.hpp"
#include "core/function_request.hpp"
#include "core/reminder_request.hpp"
#include "core/reminder_rules.hpp"
#include "core/resident.hpp"

namespace troupe::internal {
namespace {

/// What the handler got, as a dead letter keeps it: a JSON array.
std::string arguments_of(const planned_reminder& reminder) {
  if (!reminder.plan.method.empty()) return reminder.image.data;
  const nlohmann::json name = reminder.image.name;
  return R"([{"name":)" + name.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + R"(,"due":)" +
         std::to_string(reminder.tick().time_since_epoch().count()) + R"(,"data":)" + reminder.image.data + "}]";
}

}  // namespace

std::optional<planned_reminder> activation::first_due_reminder(wall_time now) const {
  std::vector<const spi::reminder_image*> due;
  for (const auto& reminder : resident_->store->reminders()) {
    if (reminder.due <= now) due.push_back(&reminder);
  }
  std::stable_sort(due.begin(), due.end(), [](const auto* a, const auto* b) { return a->due < b->due; });
  // One that cannot be handled stays, for a program that can, and keeps no other waiting.
  std::exception_ptr unhandled;
  for (const spi::reminder_image* each : due) {
    try {
      planned_reminder found(*each);
      if (type_->info.handles_reminders || !found.plan.method.empty()) return found;
      throw unhandled_reminder();
    } catch (...) {
      if (!unhandled) unhandled = std::current_exception();
    }
  }
  if (unhandled) std::rethrow_exception(unhandled);
  return std::nullopt;
}

std::coroutine_handle<detail::task_promise_base> activation::start_due_reminder(reminder_request& request) {
  persistence& store = *resident_->store;
  const wall_time now = system_->clock().wall_now();
  store.asked_for_due = true;  // the commit says what comes next
  const auto expiry = store.items_expire();
  if (expiry && *expiry <= now) {
    const auto reminder_due = store.next_due();
    if (!reminder_due || *expiry < *reminder_due) return detail::as_base(purge_items().release());
  }
  auto found = first_due_reminder(now);
  if (!found) {
    announce_due();
    return nullptr;
  }
  request.note_found();
  const failed_tick if_it_fails{found->image.name, found->tick(), {}};
  reminder_tick tick{.name = found->image.name, .due = {}, .data = {}, .attempt = found->plan.failed + 1};
  detail::request* call = nullptr;
  if (!found->plan.method.empty()) {
    call = make_call(*type_, found->plan.method, found->image.data);
    request.take_call(call);
  } else {
    tick.data = nlohmann::json::parse(found->image.data);
  }
  const due_outcome outcome = take_tick(*found, now);
  if (outcome.over) {
    cancel_reminder(tick.name);
  } else {
    put_reminder(std::move(*found).finish());
  }
  if (!outcome.fires) return nullptr;
  tick.due = *outcome.fires;
  tick.missed = outcome.missed;
  system_->counters().reminders_fired.fetch_add(1, std::memory_order_relaxed);
  request.note_handled(if_it_fails);
  if (call != nullptr) return call->start(*resident_->self);
  return detail::as_base(resident_->self->on_reminder(std::move(tick)).release());
}

void activation::note_failed_tick(const failed_tick& failed) {
  const auto* found = find_reminder(failed.name);
  if (found == nullptr) return;
  planned_reminder reminder(*found);
  if (reminder.plan.paused || reminder.tick() != failed.due) return;  // set anew meanwhile
  const wall_time now = system_->clock().wall_now();
  const spi::letter_image letter{.from = id(),
                                 .to = id(),
                                 .method = reminder.plan.method.empty() ? "on_reminder" : reminder.plan.method,
                                 .arguments = arguments_of(reminder),
                                 .error = failed.why,
                                 .attempts = reminder.plan.failed + 1,
                                 .sent = failed.due};
  const bool keeps_letter = reminder.plan.retry.then == tick_retry::end::dead_letter;
  const failure_outcome outcome = note_failure(reminder, now);
  if (outcome != failure_outcome::tried_again && keeps_letter) bury_with_turn(letter);
  if (outcome == failure_outcome::given_up_and_over) {
    cancel_reminder(failed.name);
  } else {
    put_reminder(std::move(reminder).finish());
  }
}

std::coroutine_handle<detail::task_promise_base> reminder_request::start(actor&) {
  place_ = this_strand;
  return this_strand->start_due_reminder(*this);
}

void reminder_request::drop_call() noexcept {
  if (call_ != nullptr) std::exchange(call_, nullptr)->abandon();
}

void reminder_request::complete(std::exception_ptr failure) noexcept {
  if (failure && handles_ && end_of(failure, true) == delivery_end::failed) {
    try {
      tick_.why = reason_of(failure);
      auto* note = new function_request(
          "on_reminder",
          [tick = std::move(tick_)](actor&) {
            this_strand->note_failed_tick(tick);
            return task<void>();
          },
          [done = done_, failure](const std::exception_ptr& unnoted) {
            done(failure, unnoted ? found::reminder : found::failure);
          });
      activation* const place = place_;
      drop_call();
      delete this;
      place->push(*note);
      return;
    } catch (...) {  // no memory: it stays due
    }
  }
  drop_call();
  const auto done = std::move(done_);
  const found what = found_;
  delete this;
  done(std::move(failure), what);
}

void reminder_request::abandon() noexcept {
  drop_call();
  delete this;
}

}  // namespace troupe::internal
