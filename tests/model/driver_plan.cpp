#include <utility>

#include "driver.hpp"

namespace troupe::model {
namespace {

constexpr std::uint64_t sender_by_call = 1;
constexpr std::uint64_t sender_by_tell = 2;

bool stores_at_once(method m) { return m == method::remind || m == method::post; }

}  // namespace

/// One number for a sender of effects that must keep their order on an actor.
std::uint64_t driver::sender(std::size_t runtime, std::size_t from) const {
  return runtime * 1'000 + from * 10 + sender_by_tell;
}

std::uint64_t driver::sender_of_posts(std::size_t runtime, std::size_t from) const { return sender(runtime, from) + 1; }

void driver::plan_call() {
  const std::size_t runtime = draw_runtime();
  if (!keyed_.empty() && chance(15)) {
    start(runtime, keyed_[draw(keyed_.size())]);
    return;
  }
  static constexpr method mix[] = {method::add,
                                   method::add,
                                   method::add,
                                   method::add,
                                   method::read,
                                   method::read,
                                   method::refuse,
                                   method::refuse,
                                   method::tell,
                                   method::post,
                                   method::post,
                                   method::post,
                                   method::tell_and_refuse,
                                   method::tell,
                                   method::add_slowly,
                                   method::add_slowly,
                                   method::refuse_slowly,
                                   method::relay,
                                   method::relay,
                                   method::remind,
                                   method::remind,
                                   method::forget_reminders,
                                   method::start_timer,
                                   method::leave,
                                   method::look_slowly,
                                   method::look_slowly,
                                   method::mix_slowly,
                                   method::mix_slowly,
                                   method::mix_and_refuse,
                                   method::bounce,
                                   method::bounce,
                                   method::erase_all};
  planned_call call;
  call.what = mix[draw(std::size(mix))];
  call.actor = draw(setup_.kinds.size());
  if (call.what == method::erase_all && !setup_.erases) call.what = method::add;
  if (call.what == method::remind && setup_.kinds[call.actor] == kind::none) call.what = method::add;
  // Only stored actors send and receive durable messages.
  if (call.what == method::post) call.to = draw(setup_.kinds.size());
  if (call.what == method::post && (setup_.kinds[call.actor] == kind::none || setup_.kinds[call.to] == kind::none)) {
    call.what = method::tell;
  }
  fill_in(call, runtime);
  start(runtime, call);
}

void driver::fill_in(planned_call& call, std::size_t runtime) {
  call.ms = static_cast<std::int64_t>(1 + draw(200));
  call.timeout = setup_.patient ? -1 : chance(25) ? static_cast<std::int64_t>(1 + draw(300)) : 0;
  if (call.what == method::read || call.what == method::look_slowly) return;
  const bool may_repeat = call.what == method::add || call.what == method::add_slowly || call.what == method::tell ||
                          call.what == method::post || call.what == method::refuse || call.what == method::remind;
  const bool keyed = may_repeat && setup_.kinds[call.actor] != kind::none && chance(25);
  effect_facts facts;
  facts.actor = call.actor;
  facts.never = call.what == method::refuse || call.what == method::tell_and_refuse ||
                call.what == method::refuse_slowly || call.what == method::mix_and_refuse;
  facts.keyed = keyed;
  facts.stored = keyed || stores_at_once(call.what);
  facts.erases = call.what == method::erase_all;
  // Turns that overlap end in any order.
  const bool mixed = call.what == method::mix_slowly;
  if (!keyed && !mixed) facts.sender = runtime * 1'000 + sender_by_call;
  call.id = model_.add(facts);
  if (keyed) call.key = "k" + std::to_string(call.id);
  switch (call.what) {
    case method::tell:
    case method::tell_and_refuse:
      call.to = draw(setup_.kinds.size());
      call.other = model_.add({.actor = call.to,
                               .never = facts.never,
                               .spontaneous = true,
                               .sender = keyed ? 0 : sender(runtime, call.actor),
                               .cause = facts.never ? 0 : call.id});
      break;
    case method::post:
      // An erased receiver forgets what it has got, and takes it again behind what came later.
      call.other = model_.add({.actor = call.to,
                               .stored = true,
                               .spontaneous = true,
                               .posted = true,
                               .sender = keyed || setup_.erases ? 0 : sender_of_posts(runtime, call.actor),
                               .cause = call.id});
      break;
    case method::relay:
      call.to = draw(setup_.kinds.size());
      call.other = model_.add({.actor = call.to});
      break;
    case method::bounce:
      call.to = draw(setup_.kinds.size());
      call.refuses = chance(40);
      call.other = model_.add({.actor = call.actor, .never = call.refuses, .spontaneous = true});
      if (!call.refuses) model_.in_one_turn(call.id, call.other);
      break;
    case method::start_timer:
      call.to = call.actor;
      call.other = model_.add({.actor = call.actor, .spontaneous = true});
      break;
    case method::remind:
      call.ms = now_ms() + static_cast<std::int64_t>(draw(3) == 0 ? draw(30'000) : draw(500));
      if (chance(30)) {
        call.period = static_cast<std::int64_t>(3'000 + draw(10'000));
      } else {
        model_.expect_tick(call.id, tick_effect(call.id, call.ms));
      }
      break;
    case method::forget_reminders:
      model_.cancelled(call.actor);
      break;
    default:
      break;
  }
  if (keyed) keyed_.push_back(call);
}

void driver::start(std::size_t runtime, const planned_call& call) {
  note("call " + std::to_string(calls_.size()) + ": " + to_string(call) +
       (runtimes_.size() > 1 ? ", runtime " + std::to_string(runtime) : ""));
  open_call& made = calls_.emplace_back();
  made.runtime = runtime;
  made.call = call;
  made.asked = model_.tick();
  if (call.id != 0) made.attempt = model_.begin(call.id);
  make_call(*runtimes_[runtime], setup_.kinds[call.actor], call, answers_,
            [this, number = calls_.size() - 1](const std::exception_ptr& failure, const view& reply) {
              if (calls_[number].open) answered(number, failure, reply);
            });
}

void driver::answered(std::size_t number, const std::exception_ptr& failure, const view& reply) {
  open_call& c = calls_[number];
  c.open = false;
  const outcome how = outcome_of(failure, model_);
  if (traced_) {
    static constexpr const char* names[] = {"open", "done", "nothing", "unknown"};
    note("answer " + std::to_string(number) + ": " + names[static_cast<int>(how)]);
  }
  if (c.call.id != 0) model_.end(c.call.id, c.attempt, how);
  const bool every_turn = setup_.kinds[c.call.actor] == kind::every_turn;
  if (!failure) {
    if (c.call.what != method::erase_all) {
      const bool lasting = every_turn || !c.call.key.empty() || stores_at_once(c.call.what);
      model_.shown(c.call.actor, reply, c.asked, lasting);
    }
    if (!c.call.key.empty()) model_.replied(c.call.id, reply);
    return;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const refused& e) {
    model_.shown(c.call.actor, e.before, c.asked, every_turn);
  } catch (const std::exception& e) {
    note(std::string("  ") + e.what());
  }
}

void driver::finish() {
  note("no faults any more");
  for (const auto& rt : runtimes_) {
    rt->store().set_plan({});
    if (setup_.drops_held && chance(50)) rt->store().drop_all();
    rt->store().release_all();
  }
  advance(4 * setup_.store_timeout + std::chrono::seconds(70));
  for (const open_call& c : calls_) {
    if (c.open) return model_.violated("never answered: " + to_string(c.call));
  }
  for (std::size_t actor = 0; actor < setup_.kinds.size() && !failed(); ++actor) {
    planned_call last{.what = method::forget_reminders, .actor = actor, .id = model_.add({.actor = actor})};
    start(0, last);
    runtimes_.front()->settle();
    collect_answers();
  }
  advance(std::chrono::seconds(100));
  // Reminders go on, and keep their actor in memory, where a second writer let the last call fail.
  const bool all_quiet = setup_.runtimes == 1 && setup_.idle_timeout.count() > 0;
  for (std::size_t i = 0; i < runtimes_.size() && !failed(); ++i) {
    if (all_quiet && runtimes_[i]->counters().resident_actors > 0) {
      model_.violated("idle actors stay in memory");
    }
    restart(i);
  }
  if (!failed()) check_store(true);
}

}  // namespace troupe::model
