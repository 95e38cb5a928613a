#include "model_actors.hpp"

#include <utility>

namespace troupe::model {

outcome outcome_of(const std::exception_ptr& failure, reference_model& model) {
  if (!failure) return outcome::done;
  try {
    std::rethrow_exception(failure);
  } catch (const refused&) {
    return outcome::nothing;
  } catch (const relay_failed&) {
    return outcome::nothing;
  } catch (const error& e) {
    if (model.calm()) model.violated(std::string("an error without a cause: ") + e.what());
    return e.effect() == effect::none ? outcome::nothing : outcome::unknown;
  } catch (const std::exception& e) {
    model.violated(std::string("a caller got an exception that no handler threw: ") + e.what());
  }
  return outcome::unknown;
}

/// Held by a turn from its start to its end: two at once break the first rule of actors.
template <kind Kind>
class member<Kind>::alone {
 public:
  explicit alone(const member& owner) : owner_(owner) {
    reference_model& model = owner.world_.model;
    if (std::exchange(owner.busy_, true)) model.violated("two turns at once on actor " + std::string(owner.key()));
    if (owner.list_->ids.size() != owner.totals_->count) {
      model.violated("a turn found the two cells of actor " + std::string(owner.key()) + " apart");
    }
  }
  alone(const alone&) = delete;
  alone& operator=(const alone&) = delete;
  ~alone() { owner_.busy_ = false; }

 private:
  const member& owner_;
};

template <kind Kind>
view member<Kind>::record(effect_id id) {
  list_.edit().ids.push_back(id);
  effect_totals& totals = totals_.edit();
  ++totals.count;
  totals.sum += id;
  return now_seen();
}

template <kind Kind>
void member<Kind>::send_told(std::size_t to, effect_id told) {
  const std::string where = std::to_string(to);
  const moment asked = world_.model.tick();
  const auto send = [&]<kind To>() {
    ref<member<To>>(where).template tell<&member<To>::take>(told, number(), now_seen(), asked);
  };
  switch (world_.kinds.at(to)) {
    case kind::every_turn:
      return send.template operator()<kind::every_turn>();
    case kind::write_behind:
      return send.template operator()<kind::write_behind>();
    case kind::on_deactivate:
      return send.template operator()<kind::on_deactivate>();
    case kind::none:
      return send.template operator()<kind::none>();
  }
}

template <kind Kind>
template <kind To>
task<void> member<Kind>::pass_on(std::size_t to, effect_id sent) {
  const moment asked = world_.model.tick();
  co_await ref<member<To>>(std::to_string(to)).template call<&member<To>::take>(sent, number(), now_seen(), asked);
}

template <kind Kind>
view member<Kind>::add(effect_id id) {
  const alone guard(*this);
  return record(id);
}

template <kind Kind>
view member<Kind>::read() const {
  const alone guard(*this);
  return now_seen();
}

template <kind Kind>
view member<Kind>::refuse(effect_id id) {
  const alone guard(*this);
  const view before = now_seen();
  record(id);
  throw refused(before);
}

template <kind Kind>
view member<Kind>::tell_and_refuse(effect_id id, std::size_t to, effect_id told) {
  const alone guard(*this);
  const view before = now_seen();
  record(id);
  send_told(to, told);
  if constexpr (Kind != kind::none) schedule_reminder("never", {.data = id});
  throw refused(before);
}

template <kind Kind>
task<view> member<Kind>::add_slowly(effect_id id, std::int64_t ms) {
  const alone guard(*this);
  co_await sleep_for(std::chrono::milliseconds(ms));
  record(id);
  co_await sleep_for(std::chrono::milliseconds(ms));
  co_return now_seen();
}

template <kind Kind>
task<view> member<Kind>::refuse_slowly(effect_id id, std::int64_t ms) {
  const alone guard(*this);
  const view before = now_seen();
  record(id);
  co_await sleep_for(std::chrono::milliseconds(ms));
  throw refused(before);
}

template <kind Kind>
task<view> member<Kind>::relay(effect_id id, std::size_t to, effect_id sent) {
  const alone guard(*this);
  const std::size_t attempt = world_.model.begin(sent);
  std::exception_ptr failure;
  try {
    switch (world_.kinds.at(to)) {
      case kind::every_turn:
        co_await pass_on<kind::every_turn>(to, sent);
        break;
      case kind::write_behind:
        co_await pass_on<kind::write_behind>(to, sent);
        break;
      case kind::on_deactivate:
        co_await pass_on<kind::on_deactivate>(to, sent);
        break;
      case kind::none:
        co_await pass_on<kind::none>(to, sent);
        break;
    }
  } catch (...) {
    failure = std::current_exception();
  }
  world_.model.end(sent, attempt, outcome_of(failure, world_.model));
  if (failure) throw relay_failed();
  co_return record(id);
}

template <kind Kind>
view member<Kind>::tell(effect_id id, std::size_t to, effect_id told) {
  const alone guard(*this);
  const view seen = record(id);
  send_told(to, told);
  return seen;
}

template <kind Kind>
void member<Kind>::take(effect_id id, std::size_t from, view sender, moment asked) {
  const alone guard(*this);
  world_.model.shown(from, sender, asked, world_.kinds.at(from) == kind::every_turn);
  record(id);
}

template <kind Kind>
view member<Kind>::remind(effect_id id, std::int64_t due_ms, std::int64_t period_ms) {
  const alone guard(*this);
  const view seen = record(id);
  reminder_schedule schedule;
  schedule.due_at = world_.start + std::chrono::milliseconds(due_ms);
  schedule.period = std::chrono::milliseconds(period_ms);
  schedule.data = id;
  schedule_reminder("r" + std::to_string(id), schedule);
  return seen;
}

template <kind Kind>
view member<Kind>::forget_reminders(effect_id id) {
  const alone guard(*this);
  for (const auto& reminder : reminders()) cancel_reminder(reminder.name);
  return record(id);
}

template <kind Kind>
view member<Kind>::start_timer(effect_id id, effect_id tick, std::int64_t ms) {
  const alone guard(*this);
  timer_.start(std::chrono::milliseconds(ms), [this, tick] {
    const alone running(*this);
    record(tick);
  });
  return record(id);
}

template <kind Kind>
view member<Kind>::leave(effect_id id) {
  const alone guard(*this);
  deactivate();
  return record(id);
}

template <kind Kind>
view member<Kind>::erase_all(effect_id id) {
  const alone guard(*this);
  static_cast<void>(id);
  erase();
  return {};
}

template <kind Kind>
task<void> member<Kind>::on_activate() {
  const alone guard(*this);
  return {};
}

template <kind Kind>
task<void> member<Kind>::on_deactivate(deactivation_reason) {
  const alone guard(*this);
  if (world_.edits_on_departure) {
    const effect_id id = world_.next_departure++;
    world_.model.add(id, {.actor = number(), .spontaneous = true});
    record(id);
  }
  return {};
}

template <kind Kind>
task<void> member<Kind>::on_reminder(reminder_tick tick) {
  const alone guard(*this);
  const auto scheduled = tick.data.template get<effect_id>();
  if (tick.name != "r" + std::to_string(scheduled)) {
    world_.model.violated("a reminder that a failed turn had set: " + tick.name + " on actor " + std::string(key()));
    return {};
  }
  if (now() < tick.due) world_.model.violated("a reminder came before its time: " + tick.name);
  const auto due = std::chrono::duration_cast<std::chrono::milliseconds>(tick.due - world_.start);
  const effect_id id = tick_effect(scheduled, due.count());
  world_.model.add(id, {.actor = number(), .spontaneous = true});
  record(id);
  return {};
}

template class member<kind::every_turn>;
template class member<kind::write_behind>;
template class member<kind::on_deactivate>;
template class member<kind::none>;

}  // namespace troupe::model
