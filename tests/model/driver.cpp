#include "driver.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "troupe/stores/memory.hpp"

namespace troupe::model {
namespace {

using std::chrono::milliseconds;

reference_model::setting model_setting(const seed_setup& setup) {
  reference_model::setting options;
  options.calm = setup.calm();
  options.contended = setup.runtimes > 1;
  for (const kind k : setup.kinds) {
    options.actors.push_back(k == kind::every_turn ? promise::acknowledged
                             : k == kind::none     ? promise::none
                                                   : promise::orderly);
  }
  return options;
}

template <kind Kind>
void host(testing::test_runtime& rt, world& w, milliseconds idle, durability how) {
  rt.host<member<Kind>>({.idle_timeout = idle,
                         .persistence = how,
                         .messages = {.attempts_max = 1'000, .longest_pause = std::chrono::seconds(2)}},
                        [&w] { return std::make_unique<member<Kind>>(w); });
}

}  // namespace

driver::driver(std::uint64_t seed, testing::broken_rules broken, bool traced)
    : seed_(seed),
      random_(seed),
      setup_(draw_setup(seed)),
      traced_(traced),
      model_(model_setting(setup_)),
      world_{.model = model_,
             .start = testing::manual_clock::default_start,
             .kinds = setup_.kinds,
             .patient = setup_.patient,
             .one_runtime = setup_.runtimes == 1,
             .edits_on_departure = setup_.edits_on_departure} {
  const auto disk = stores::make_memory_disk();
  for (std::size_t i = 0; i < setup_.runtimes; ++i) {
    testing::test_options options;
    options.seed = seed * 2 + i;
    options.disk = disk;
    options.resident_actors_max = setup_.resident_max;
    options.store_timeout = setup_.store_timeout;
    options.large_cell_bytes = seed % 2 == 0 ? 0 : options.large_cell_bytes;  // every cell apart, in half of the runs
    options.broken = broken;
    if (!setup_.calm()) options.faults = testing::seeded_faults(seed * 3 + i, setup_.faults);
    auto& rt = *runtimes_.emplace_back(std::make_unique<testing::test_runtime>(options));
    const milliseconds idle = setup_.idle_timeout;
    host<kind::every_turn>(rt, world_, idle, durability::every_turn());
    host<kind::write_behind>(rt, world_, idle, durability::write_behind(milliseconds(100)));
    host<kind::on_deactivate>(rt, world_, idle, durability::on_deactivate());
    host<kind::none>(rt, world_, idle, durability::none());
  }
}

std::string driver::run() {
  try {
    for (std::size_t i = 0; i < setup_.actions && !failed(); ++i) act();
    if (!failed()) finish();
  } catch (const std::exception& e) {
    model_.violated(std::string("the run ended early: ") + e.what());
  }
  return model_.violation();
}

void driver::note(const std::string& line) {
  if (traced_) trace_.push_back(std::to_string(now_ms()) + " ms: " + line);
}

std::int64_t driver::now_ms() const {
  return std::chrono::duration_cast<milliseconds>(runtimes_.front()->wall_now() - world_.start).count();
}

void driver::act() {
  model_.tick();
  const std::uint64_t what = draw(100);
  const std::size_t rt = draw_runtime();
  if (what < setup_.crash_percent) {
    crash(rt);
  } else if (what < 70) {
    plan_call();
  } else if (what < 75) {
    deactivate_one();
  } else if (what < 82) {
    move_held();
  } else if (what < 92) {
    advance(milliseconds(draw(4) == 0 ? draw(6'000) : draw(100)));
  } else if (what < 94) {
    restart(rt);
  } else if (what < 96) {
    check_store(false);
  } else {
    note("settle");
    runtimes_[rt]->settle();
  }
  if (chance(30)) {
    runtimes_[rt]->settle();
  } else {
    for (std::uint64_t steps = draw(8); steps > 0 && runtimes_[rt]->step(); --steps) {
    }
  }
  collect_answers();
}

void driver::deactivate_one() {
  const std::size_t actor = draw(setup_.kinds.size());
  testing::test_runtime& rt = *runtimes_[draw_runtime()];
  const std::string key = std::to_string(actor);
  note("deactivate " + key);
  switch (setup_.kinds[actor]) {
    case kind::every_turn:
      return rt.deactivate(rt.ref<member<kind::every_turn>>(key));
    case kind::write_behind:
      return rt.deactivate(rt.ref<member<kind::write_behind>>(key));
    case kind::on_deactivate:
      return rt.deactivate(rt.ref<member<kind::on_deactivate>>(key));
    case kind::none:
      return rt.deactivate(rt.ref<member<kind::none>>(key));
  }
}

void driver::advance(milliseconds span) {
  note("advance " + std::to_string(span.count()));
  for (const auto& rt : runtimes_) rt->advance(span);
  collect_answers();
}

void driver::collect_answers() {
  answers_.restart();
  answers_.poll();
}

void driver::move_held() {
  testing::faulty_store& store = runtimes_[draw_runtime()]->store();
  const auto held = store.held();
  if (held.empty()) return;
  const std::uint64_t ticket = held[draw(held.size())].ticket;
  if (setup_.drops_held && chance(40)) {
    note("drop a held store operation");
    store.drop(ticket);
  } else {
    note("release a held store operation");
    store.release(ticket);
  }
}

void driver::restart(std::size_t runtime) {
  note("restart");
  const std::int64_t before = now_ms();
  runtimes_[runtime]->restart();
  collect_answers();
  // A restart may have taken time, on the clock of this runtime only.
  if (runtime == 0 && now_ms() > before) {
    for (std::size_t i = 1; i < runtimes_.size(); ++i) runtimes_[i]->advance(milliseconds(now_ms() - before));
  }
  for (open_call& c : calls_) {
    if (!c.open || c.runtime != runtime) continue;
    model_.violated("an orderly restart left a call unanswered: " + to_string(c.call));
  }
}

void driver::crash(std::size_t runtime) {
  note("crash");
  collect_answers();
  // The callers die with the runtime: what it may tell them in its last moment reaches nobody.
  for (open_call& c : calls_) {
    if (!c.open || c.runtime != runtime) continue;
    c.open = false;
    if (c.call.id != 0) model_.end(c.call.id, c.attempt, outcome::unknown);
  }
  runtimes_[runtime]->crash();
  collect_answers();
  check_store(false);
}

void driver::check_store(bool over) {
  note("check the store");
  std::vector<view> actors;
  for (std::size_t i = 0; i < setup_.kinds.size(); ++i) {
    const auto image = runtimes_.front()->stored({std::string(type_name(setup_.kinds[i])), std::to_string(i)});
    view& seen = actors.emplace_back();
    for (const auto& cell : image.cells) {
      if (cell.name == "list") seen.effects = codec<effect_list>::decode(cell.json).ids;
      if (cell.name != "totals") continue;
      const auto totals = codec<effect_totals>::decode(cell.json);
      seen.count = totals.count;
      seen.sum = totals.sum;
    }
    if (!over) continue;
    if (!image.letters.empty()) model_.violated("a message became a dead letter: " + image.letters.front().error);
    const auto late = runtimes_.front()->wall_now() - std::chrono::minutes(1);
    for (const auto& reminder : image.reminders) {
      if (reminder.due < late) model_.violated("overdue for a minute: reminder " + reminder.name);
    }
  }
  model_.stored(actors, over);
}

}  // namespace troupe::model
