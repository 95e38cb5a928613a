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
    const bool by_design = e.kind() == errc::timeout || e.kind() == errc::cancelled || e.kind() == errc::deadlock ||
                           std::string_view(e.what()).find("another of its turns") != std::string_view::npos;
    if (model.calm() && !by_design) model.violated(std::string("an error without a cause: ") + e.what());
    return e.effect() == effect::none ? outcome::nothing : outcome::unknown;
  } catch (const std::exception& e) {
    model.violated(std::string("a caller got an exception that no handler threw: ") + e.what());
  }
  return outcome::unknown;
}

template <kind Kind>
view member<Kind>::record(effect_id id) {
  list_.edit().ids.push_back(id);
  effect_totals& totals = totals_.edit();
  ++totals.count;
  totals.sum += id;
  return now_seen();
}

template <kind Kind>
void member<Kind>::send_told(std::size_t to, effect_id told, bool durably) {
  const std::string where = std::to_string(to);
  const moment asked = world_.model.tick();
  const auto send = [&]<kind To>() {
    const auto target = ref<member<To>>(where);
    if (durably) {
      target.template tell<&member<To>::take>(durable, told, number(), now_seen(), asked);
    } else {
      target.template tell<&member<To>::take>(told, number(), now_seen(), asked);
    }
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
template <class Call>
task<void> member<Kind>::await_other(std::size_t to, Call call, bool comes_back) {
  const waiting_edge edge(world_.waits, number(), to);
  try {
    co_await std::move(call);
  } catch (const error& failure) {
    // A deadline may have opened the circle again, and with two runtimes there are two of each actor.
    const bool certain = world_.patient && world_.one_runtime;
    if (certain && failure.kind() == errc::deadlock) edge.check_deadlock(world_.model, comes_back);
    throw;
  }
}

template <kind Kind>
template <kind To>
task<void> member<Kind>::pass_on(std::size_t to, effect_id sent) {
  const moment asked = world_.model.tick();
  const auto target = ref<member<To>>(std::to_string(to)).with(how_long());
  return await_other(to, target.template call<&member<To>::take>(sent, number(), now_seen(), asked));
}

template <kind Kind>
view member<Kind>::add(effect_id id) {
  const auto guard = enter();
  return record(id);
}

template <kind Kind>
view member<Kind>::read() const {
  const auto guard = enter();
  return now_seen();
}

template <kind Kind>
view member<Kind>::refuse(effect_id id) {
  const auto guard = enter();
  const view before = now_seen();
  record(id);
  throw refused(before);
}

template <kind Kind>
view member<Kind>::tell_and_refuse(effect_id id, std::size_t to, effect_id told) {
  const auto guard = enter();
  const view before = now_seen();
  record(id);
  send_told(to, told, Kind != kind::none && world_.kinds.at(to) != kind::none && id % 2 == 0);
  if constexpr (Kind != kind::none) schedule_reminder("never", {.data = id});
  throw refused(before);
}

template <kind Kind>
task<view> member<Kind>::add_slowly(effect_id id, std::int64_t ms) {
  const auto guard = enter();
  co_await sleep_for(std::chrono::milliseconds(ms));
  record(id);
  co_await sleep_for(std::chrono::milliseconds(ms));
  co_return now_seen();
}

template <kind Kind>
task<view> member<Kind>::refuse_slowly(effect_id id, std::int64_t ms) {
  const auto guard = enter();
  const view before = now_seen();
  record(id);
  co_await sleep_for(std::chrono::milliseconds(ms));
  throw refused(before);
}

template <kind Kind>
task<view> member<Kind>::relay(effect_id id, std::size_t to, effect_id sent) {
  const auto guard = enter();
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
  const auto guard = enter();
  const view seen = record(id);
  send_told(to, told, false);
  return seen;
}

template <kind Kind>
view member<Kind>::post(effect_id id, std::size_t to, effect_id told) {
  const auto guard = enter();
  const view seen = record(id);
  send_told(to, told, true);
  return seen;
}

template <kind Kind>
void member<Kind>::take(effect_id id, std::size_t from, view sender, moment asked) {
  const auto guard = enter();
  world_.model.shown(from, sender, asked, world_.kinds.at(from) == kind::every_turn);
  record(id);
}

template <kind Kind>
view member<Kind>::remind(effect_id id, std::int64_t due_ms, std::int64_t period_ms) {
  const auto guard = enter();
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
  const auto guard = enter();
  for (const auto& reminder : reminders()) cancel_reminder(reminder.name);
  return record(id);
}

template <kind Kind>
view member<Kind>::start_timer(effect_id id, effect_id tick, std::int64_t ms) {
  const auto guard = enter();
  timer_.start(std::chrono::milliseconds(ms), [this, tick] {
    const auto running = enter();
    record(tick);
  });
  return record(id);
}

template <kind Kind>
view member<Kind>::leave(effect_id id) {
  const auto guard = enter();
  deactivate();
  return record(id);
}

template <kind Kind>
view member<Kind>::erase_all(effect_id id) {
  const auto guard = enter();
  static_cast<void>(id);
  erase();
  return {};
}

template <kind Kind>
task<view> member<Kind>::look_slowly(std::int64_t ms) const {
  const auto guard = enter(share::read);
  const view before = now_seen();
  co_await sleep_for(std::chrono::milliseconds(ms));
  const view after = now_seen();
  if (before.effects != after.effects)
    world_.model.violated("a read_only turn saw a change of actor " + std::string(key()));
  co_return after;
}

template <kind Kind>
task<view> member<Kind>::mix_slowly(effect_id id, std::int64_t ms) {
  const auto guard = enter(share::mixed);
  record(id);
  co_await sleep_for(std::chrono::milliseconds(ms));
  co_return now_seen();
}

template <kind Kind>
task<view> member<Kind>::mix_and_refuse(effect_id id, std::int64_t ms) {
  const auto guard = enter(share::mixed);
  const view before = now_seen();
  record(id);
  co_await sleep_for(std::chrono::milliseconds(ms));
  throw refused(before);
}

template <kind Kind>
task<view> member<Kind>::bounce(effect_id id, std::size_t over, effect_id inside, bool refuses) {
  const auto guard = enter();
  record(id);
  const auto call = [&]<kind Over>() {
    const auto target = ref<member<Over>>(std::to_string(over)).with(how_long());
    return await_other(over, target.template call<&member<Over>::pass_back>(number(), inside, refuses));
  };
  bool failed = false;
  try {
    switch (world_.kinds.at(over)) {
      case kind::every_turn:
        co_await call.template operator()<kind::every_turn>();
        break;
      case kind::write_behind:
        co_await call.template operator()<kind::write_behind>();
        break;
      case kind::on_deactivate:
        co_await call.template operator()<kind::on_deactivate>();
        break;
      case kind::none:
        co_await call.template operator()<kind::none>();
        break;
    }
  } catch (const refused&) {
    failed = !refuses;
  } catch (const error& e) {
    static_cast<void>(outcome_of(std::current_exception(), world_.model));
    failed = true;
  }
  if (failed) throw relay_failed();
  co_return now_seen();
}

template <kind Kind>
task<void> member<Kind>::pass_back(std::size_t to, effect_id inside, bool refuses) {
  const auto guard = enter();
  const auto call = [&]<kind To>() {
    const auto target = ref<member<To>>(std::to_string(to)).with(how_long());
    // The turn that waits for this one is no part of a circle: the call comes back into it.
    return await_other(to, target.template call<&member<To>::come_back>(inside, refuses), true);
  };
  switch (world_.kinds.at(to)) {
    case kind::every_turn:
      co_return co_await call.template operator()<kind::every_turn>();
    case kind::write_behind:
      co_return co_await call.template operator()<kind::write_behind>();
    case kind::on_deactivate:
      co_return co_await call.template operator()<kind::on_deactivate>();
    case kind::none:
      co_return co_await call.template operator()<kind::none>();
  }
}

template <kind Kind>
task<void> member<Kind>::come_back(effect_id inside, bool refuses) {
  // Alone when the turn that waited for it has ended meanwhile.
  const auto guard = enter(counts_.exclusive > 0 ? share::inside : share::exclusive);
  const view before = now_seen();
  record(inside);
  co_await sleep_for(std::chrono::milliseconds(1));
  if (refuses) throw refused(before);
}

template <kind Kind>
task<void> member<Kind>::on_activate() {
  const auto guard = enter();
  return {};
}

template <kind Kind>
task<void> member<Kind>::on_deactivate(deactivation_reason) {
  const auto guard = enter();
  if (world_.edits_on_departure) {
    const effect_id id = world_.next_departure++;
    world_.model.add(id, {.actor = number(), .spontaneous = true});
    record(id);
  }
  return {};
}

template <kind Kind>
task<void> member<Kind>::on_reminder(reminder_tick tick) {
  const auto guard = enter();
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
