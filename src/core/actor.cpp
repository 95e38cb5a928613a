#include "troupe/core/actor.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"

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
  t->context = std::move(context);
}

void actor::deactivate() { activated(activation_, "deactivate()").deactivate_with_turn(); }

void actor::keep_alive(std::chrono::milliseconds span) { activated(activation_, "keep_alive()").keep_alive(span); }

void actor::erase() { activated(activation_, "erase()").erase_with_turn(); }

void actor::schedule_reminder(std::string_view name, const reminder_schedule& schedule) {
  internal::activation& mine = activated(activation_, "schedule_reminder()");
  const auto refuse = [&](errc code, const std::string& rule) {
    throw error(code, "actor " + mine.display() + ": reminder \"" + std::string(name.substr(0, 200)) + "\": " + rule);
  };
  if (name.empty() || name.size() > reminder_name_bytes_max) {
    refuse(errc::invalid_argument, "a name has 1 to " + std::to_string(reminder_name_bytes_max) + " bytes");
  }
  if (schedule.due_in.count() < 0) refuse(errc::invalid_argument, "due_in is negative; 0 or more is asked for");
  if (schedule.period.count() < 0) refuse(errc::invalid_argument, "the period is negative; 0 fires once");
  constexpr auto longest = std::chrono::hours(24) * 365 * 1000;
  if (schedule.due_in > longest || schedule.period > longest) {
    refuse(errc::invalid_argument, "a time longer than 1,000 years");
  }
  if (schedule.due_at && (*schedule.due_at < wall_time{} || *schedule.due_at > now() + longest)) {
    refuse(errc::invalid_argument, "due_at lies before 1970 or more than 1,000 years ahead");
  }
  spi::reminder_image image;
  image.name = name;
  image.due = schedule.due_at ? *schedule.due_at : now() + schedule.due_in;
  image.period = schedule.period;
  try {
    image.data = schedule.data.dump();
  } catch (const std::exception& failure) {
    refuse(errc::not_encodable, std::string("its data cannot be written as JSON: ") + failure.what());
  }
  mine.change_reminder(name, std::move(image));
}

bool actor::cancel_reminder(std::string_view name) {
  internal::activation& mine = activated(activation_, "cancel_reminder()");
  for (const auto& reminder : mine.reminders()) {
    if (reminder.name != name) continue;
    mine.change_reminder(name, std::nullopt);
    return true;
  }
  return false;
}

std::vector<reminder_info> actor::reminders() const {
  std::vector<reminder_info> list;
  for (const auto& reminder : activated(activation_, "reminders()").reminders()) {
    list.push_back({reminder.name, reminder.due, reminder.period});
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
