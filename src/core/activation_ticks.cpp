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

/// A reminder that is due, and what its handler is to get.
struct due_reminder {
  planned_reminder reminder;
  detail::request* call = nullptr;  // of its method; else `data`
  nlohmann::json data{};
};

namespace {

using std::chrono::milliseconds;

/// How long others come first: before a reminder that this program cannot handle, and at least and at most before one
/// whose handler was hindered.
constexpr milliseconds unknown_pause{60'000};
constexpr milliseconds shortest_pause{1'000};
constexpr milliseconds longest_pause{60'000};

/// What the handler got, as a dead letter keeps it: a JSON array.
std::string arguments_of(const planned_reminder& reminder, wall_time tick) {
  if (!reminder.plan.method.empty()) return reminder.image.data;
  const nlohmann::json name = reminder.image.name;
  return R"([{"name":)" + name.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + R"(,"due":)" +
         std::to_string(tick.time_since_epoch().count()) + R"(,"data":)" + reminder.image.data + "}]";
}

}  // namespace

std::optional<due_reminder> activation::first_due_reminder(wall_time now) {
  const auto& aside = resident_->store->aside;
  std::vector<const spi::reminder_image*> due;
  for (const auto& reminder : resident_->store->reminders()) {
    if (reminder.due <= now && (!aside || !aside->holds(reminder, system().now()))) due.push_back(&reminder);
  }
  std::stable_sort(due.begin(), due.end(), [](const auto* a, const auto* b) { return a->due < b->due; });
  for (const spi::reminder_image* each : due) {
    try {
      due_reminder found{planned_reminder(*each)};
      if (!found.reminder.plan.method.empty()) {
        found.call = make_call(*type_, found.reminder.plan.method, each->data);
      } else if (type_->info.handles_reminders) {
        found.data = nlohmann::json::parse(each->data);
      } else {
        throw unhandled_reminder();
      }
      return found;
    } catch (...) {
      // It stays, for a program that can, and keeps no other waiting.
      system().log_failure("reminder \"" + each->name + "\" of " + display(), std::current_exception());
      put_reminder_aside(*each, unknown_pause);
    }
  }
  return std::nullopt;
}

void activation::put_reminder_aside(const spi::reminder_image& reminder, milliseconds first) {
  auto& aside = resident_->store->aside;
  if (!aside) aside = std::make_unique<put_aside>();
  aside->put(reminder, system().now(), first, longest_pause);
}

bool activation::put_tick_aside(const failed_tick& failed) noexcept {
  if (!resident_ || !resident_->store) return false;
  if (resident_->where != phase::active && resident_->where != phase::reloading) return false;
  const auto* found = find_reminder(failed.name);
  try {
    if (found != nullptr && planned_reminder(*found).tick() == failed.due) put_reminder_aside(*found, shortest_pause);
  } catch (...) {  // no memory
    return false;
  }
  resident_->store->asked_for_due = true;
  announce_due();
  return true;
}

std::coroutine_handle<detail::task_promise_base> activation::start_due_reminder(reminder_request& request) {
  persistence& store = *resident_->store;
  const wall_time now = system().clock().wall_now();
  store.asked_for_due = true;  // the commit says what comes next
  const auto expiry = store.items_expire();
  if (expiry && *expiry <= now) {
    const auto reminder_due = next_due();
    if (!reminder_due || *expiry < *reminder_due) return detail::as_base(purge_items().release());
  }
  auto found = first_due_reminder(now);
  if (!found) {
    announce_due();
    return nullptr;
  }
  request.note_found();
  if (found->call != nullptr) request.take_call(found->call);
  planned_reminder& reminder = found->reminder;
  failed_tick if_it_fails{reminder.image.name, reminder.tick(), {}, {}};
  reminder_tick tick{.name = reminder.image.name,
                     .due = {},
                     .missed = 0,
                     .data = std::move(found->data),
                     .attempt = reminder.plan.failed + 1};
  const due_outcome outcome = take_tick(reminder, now);
  if (outcome.over) {
    cancel_reminder(tick.name);
  } else {
    put_reminder(std::move(reminder).finish());
  }
  if (!outcome.fires) return nullptr;
  tick.due = *outcome.fires;
  tick.missed = outcome.missed;
  system().counters().reminders_fired.fetch_add(1, std::memory_order_relaxed);
  if_it_fails.run = {tick.due, now};
  request.note_handled(std::move(if_it_fails));
  if (found->call != nullptr) return found->call->start(*resident_->self);
  return detail::as_base(resident_->self->on_reminder(std::move(tick)).release());
}

void activation::note_failed_tick(const failed_tick& failed) {
  const auto* found = find_reminder(failed.name);
  if (found == nullptr) return;
  planned_reminder reminder(*found);
  if (reminder.plan.paused || reminder.tick() != failed.due) return;  // set anew meanwhile
  const bool keeps_letter = reminder.plan.retry.then == tick_retry::end::dead_letter;
  const spi::letter_image letter{.from = id(),
                                 .to = id(),
                                 .method = reminder.plan.method.empty() ? "on_reminder" : reminder.plan.method,
                                 .arguments = arguments_of(reminder, failed.run.tick),
                                 .error = failed.why,
                                 .attempts = reminder.plan.failed + 1,
                                 .sent = failed.run.tick};
  // While there is no room for a letter the tick is not given up.
  const bool may_give_up = !keeps_letter || has_room_for_letter();
  const failure_outcome outcome = note_failure(reminder, failed.run, system().clock().wall_now(), may_give_up);
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
  const bool hindered = failure && handles_ && end_of(failure, true) != delivery_end::failed;
  if (hindered && place_->put_tick_aside(tick_)) found_ = found::failure;
  if (failure && handles_ && !hindered) {
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
