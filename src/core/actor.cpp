#include "troupe/core/actor.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/reminder_plan.hpp"
#include "core/turn.hpp"

namespace troupe {
namespace {

internal::activation& activated(internal::activation* where, const char* what) {
  if (where == nullptr) {
    throw std::logic_error(std::string("troupe::actor: ") + what +
                           " was used in the constructor; the actor has no identity before on_activate");
  }
  return *where;
}

}  // namespace

actor::~actor() = default;

task<void> actor::on_activate() { return {}; }

task<void> actor::on_deactivate(deactivation_reason) { return {}; }

task<void> actor::on_reminder(reminder_tick) { return {}; }

std::string_view actor::key() const { return activated(activation_, "key()").key(); }

actor_id actor::id() const { return activated(activation_, "id()").id(); }

strand_executor actor::executor() const {
  internal::activation& mine = activated(activation_, "executor()");
  mine.retain();
  return strand_executor(detail::activation_ptr(&mine));
}

wall_time actor::now() const { return activated(activation_, "now()").system().clock().wall_now(); }

bool actor::cancelled() const {
  const internal::turn* t = activated(activation_, "cancelled()").own_turn();
  return t != nullptr && t->called_off;
}

std::chrono::nanoseconds actor::time_left() const {
  internal::activation& mine = activated(activation_, "time_left()");
  const internal::turn* t = mine.own_turn();
  if (t == nullptr || t->deadline == steady_time::max()) return std::chrono::nanoseconds::max();
  return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(t->deadline - mine.system().now()));
}

const request_context& actor::context() const {
  const internal::turn* t = activation_ != nullptr ? activation_->own_turn() : nullptr;
  if (t == nullptr) throw std::logic_error("troupe::actor: asked for its context outside a turn");
  return t->context;
}

void actor::set_context(request_context context) {
  internal::turn* t = activation_ != nullptr ? activation_->own_turn() : nullptr;
  if (t == nullptr) throw std::logic_error("troupe::actor: given a context outside a turn");
  t->has_extras = true;
  t->context = std::move(context);
}

void actor::deactivate() { activated(activation_, "deactivate()").deactivate_with_turn(); }

void actor::keep_alive(std::chrono::milliseconds span) { activated(activation_, "keep_alive()").keep_alive(span); }

void actor::erase() { activated(activation_, "erase()").erase_with_turn(); }

void actor::schedule_reminder(std::string_view name, const reminder_schedule& schedule) {
  activated(activation_, "schedule_reminder()").set_reminder(name, schedule);
}

void actor::schedule_method(std::string_view name, const reminder_schedule& schedule, std::string_view method,
                            std::string arguments) {
  activated(activation_, "schedule_reminder()").set_reminder(name, schedule, method, std::move(arguments));
}

bool actor::cancel_reminder(std::string_view name) {
  return activated(activation_, "cancel_reminder()").cancel_reminder(name);
}

std::size_t actor::cancel_reminders(std::string_view prefix) {
  return activated(activation_, "cancel_reminders()").cancel_reminders(prefix);
}

bool actor::pause_reminder(std::string_view name) {
  return activated(activation_, "pause_reminder()").pause_reminder(name);
}

bool actor::resume_reminder(std::string_view name) {
  return activated(activation_, "resume_reminder()").resume_reminder(name);
}

std::vector<reminder_info> actor::reminders() const {
  std::vector<reminder_info> list;
  for (const auto& reminder : activated(activation_, "reminders()").reminders()) {
    list.push_back(internal::describe(reminder));
  }
  return list;
}

detail::activation_ptr actor::find(std::string_view type, const std::type_info& cpp_type,
                                   std::string_view other_key) const {
  return activated(activation_, "ref()").system().find(type, cpp_type, other_key);
}

}  // namespace troupe

namespace troupe::detail {

cell_base::cell_base(actor& owner, std::string_view name) : owner_(&owner), name_(name) {
  next = owner.cells_;
  owner.cells_ = this;
}

void cell_base::begin_edit() {
  if (owner_->activation_ == nullptr) throw std::logic_error("troupe::state: edited in the actor's constructor");
  owner_->activation_->mark_edited(*this);
}

}  // namespace troupe::detail
