#include "troupe/saga/saga.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "saga/saga_rules.hpp"
#include "troupe/base/error.hpp"

namespace troupe {

std::string saga_attempt::key(std::string_view label) const {
  // Neither a step nor a label has '/', '#' or a space, so no two calls have the same key.
  std::string made = id_ + (undo_ ? "/undo " : "/") + step_;
  if (label.empty()) return made;
  if (!is_saga_name(label)) {
    throw error(errc::invalid_argument,
                "the label of a saga's call has 1 to " + std::to_string(saga_step_bytes_max) + " bytes [A-Za-z0-9_.-]");
  }
  return made.append("#").append(label);
}

}  // namespace troupe

namespace troupe::detail {
namespace {

void check_policy(const saga_policy& policy) {
  using namespace std::chrono_literals;
  const auto check = [](const char* name, std::chrono::milliseconds value, std::chrono::milliseconds least) {
    if (value >= least && value <= std::chrono::hours(24) * 3650) return;
    throw error(errc::invalid_argument, std::string("saga_policy::") + name + " is " + std::to_string(value.count()) +
                                            " ms; it is " + std::to_string(least.count()) + " ms to 10 years");
  };
  check("first_pause", policy.first_pause, 1ms);
  check("pause_max", policy.pause_max, policy.first_pause);
  check("step_time", policy.step_time, 1ms);
  check("compensation_time", policy.compensation_time, 1ms);
  check("resume_after", policy.resume_after, 1ms);
}

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

}  // namespace

saga_base::saga_base(actor& owner, std::string_view name, const saga_policy& policy)
    : owner_(owner), name_(name), policy_(policy), drive_(owner, timer_keeps_alive::yes) {
  check_policy(policy);
}

void saga_base::check_steps(std::span<const std::string_view> names) const {
  std::vector<std::string_view> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end());
  const auto twin = std::adjacent_find(sorted.begin(), sorted.end());
  if (twin == sorted.end()) return;
  throw error(errc::invalid_argument,
              "saga \"" + std::string(name_) + "\" has two steps with the name \"" + std::string(*twin) + "\"");
}

saga_status saga_base::status() const { return internal::status_of(record()); }

bool saga_base::may_begin(std::string_view id) const {
  if (id.empty() || id.size() > saga_id_bytes_max) {
    throw error(errc::invalid_argument, "the id of a saga has 1 to " + std::to_string(saga_id_bytes_max) + " bytes");
  }
  const saga_status now = status();
  if (now.id == id) return false;
  if (now.phase == saga_phase::none || now.ended()) return true;
  throw error(errc::unavailable, "actor " + to_string(owner_.id()) + " is busy with saga \"" + now.id +
                                     "\"; try again when that has ended, or let another actor coordinate this one");
}

void saga_base::begin_as(std::string_view id, std::span<const std::string_view> steps) {
  edit_record() = internal::begin_saga(id, {steps.begin(), steps.end()});
  tried_.reset();
  failure_ = nullptr;
  keep_reminder();
  go_on_after(std::chrono::milliseconds(0));
}

bool saga_base::on_reminder(const reminder_tick& tick) {
  if (tick.name != reminder_name()) return false;
  if (!internal::next_of(record())) keep_reminder();
  go_on();
  return true;
}

void saga_base::go_on() {
  if (!drive_.running()) go_on_after(std::chrono::milliseconds(0));
}

bool saga_base::cancel(std::string_view why) {
  return change([why](saga_record& saga) { return internal::cancel_saga(saga, why); });
}

bool saga_base::resume() { return change(&internal::resume_saga); }

bool saga_base::skip() { return change(&internal::skip_in_saga); }

template <class Change>
bool saga_base::change(Change how) {
  saga_record changed = record();
  if (!how(changed)) return false;
  edit_record() = std::move(changed);
  // What was tried before was for another place.
  tried_.reset();
  failure_ = nullptr;
  keep_reminder();
  go_on_after(std::chrono::milliseconds(0));
  return true;
}

task<void> saga_base::drive() {
  const auto next = internal::next_of(record());
  if (!next) co_return;
  if (const std::exception_ptr failure = std::exchange(failure_, nullptr)) {
    note(failure);
    co_return;
  }
  const place tried = here();
  if (tried_ == tried) {
    // Its turn was rolled back, but not what its participants did.
    note(std::make_exception_ptr(
        error(errc::bad_state, "what it changed could not be stored; the log says why", effect::unknown)));
    co_return;
  }
  tried_ = tried;
  // By value: the record moves on, and may be reloaded.
  const std::string step(next->step);
  const bool undo = next->undo;
  std::string refusal;
  std::optional<task<void>> running;
  try {
    running = run(owner_, step, undo, saga_attempt(record().id, step, undo, &refusal));
    if (running) co_await std::move(*running);
  } catch (...) {
    failure_ = std::current_exception();
    go_on_after(std::chrono::milliseconds(0));
    // Undoes what the step changed here, and tells the log; the next turn notes the failure.
    throw std::runtime_error("saga \"" + record().id + "\", " + (undo ? "compensation of " : "") + "step \"" + step +
                             "\": " + describe(failure_));
  }
  tried_ = tried;  // also when the try itself has changed the saga: met again, this turn was not committed
  std::chrono::milliseconds pause{0};
  if (here() != tried) {
    // Cancelled within the try, which counts as a step to be undone already.
  } else if (!refusal.empty()) {
    pause = internal::note_failure(edit_record(), internal::saga_failure::refused, refusal, owner_.now(), policy_);
  } else if (running) {
    internal::note_success(edit_record());
  } else {
    internal::park(edit_record(),
                   "there is no step \"" + step + "\" in this program: let a program that has it resume the saga");
  }
  keep_reminder();
  go_on_after(pause);
}

void saga_base::note(const std::exception_ptr& failure) {
  tried_.reset();
  const auto pause =
      internal::note_failure(edit_record(), internal::failure_kind(failure), describe(failure), owner_.now(), policy_);
  keep_reminder();
  go_on_after(pause);
}

void saga_base::go_on_after(std::chrono::milliseconds pause) {
  const auto next = internal::next_of(record());
  if (!next) return;
  std::string name = "saga \"" + std::string(name_) + "\", ";
  name.append(next->undo ? "compensation of step \"" : "step \"").append(next->step).append("\"");
  drive_.set_name(std::move(name));
  drive_.start(pause, [this] { return drive(); });
}

void saga_base::keep_reminder() {
  const std::string name = reminder_name();
  if (!internal::next_of(record())) {
    owner_.cancel_reminder(name);
    return;
  }
  for (const reminder_info& known : owner_.reminders()) {
    if (known.name == name) return;
  }
  owner_.schedule_reminder(name, {.due_in = policy_.resume_after, .period = policy_.resume_after});
}

saga_base::place saga_base::here() const noexcept { return {record().done, record().undoing, record().tries}; }

std::string saga_base::reminder_name() const { return "saga " + std::string(name_); }

}  // namespace troupe::detail
