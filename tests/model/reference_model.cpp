#include "reference_model.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool has(const view& actor, effect_id id) {
  return std::find(actor.effects.begin(), actor.effects.end(), id) != actor.effects.end();
}

}  // namespace

effect_id reference_model::add(const effect_facts& facts) {
  add(++last_id_, facts);
  return last_id_;
}

void reference_model::add(effect_id id, const effect_facts& facts) {
  effect& made = effects_[id];
  made.facts = facts;
  made.order = effects_.size();
  if (facts.erases) erases_[facts.actor].push_back(id);
}

std::size_t reference_model::begin(effect_id id) {
  auto& attempts = effects_.at(id).attempts;
  attempts.push_back({.began = tick()});
  return attempts.size() - 1;
}

void reference_model::end(effect_id id, std::size_t number, outcome how) {
  attempt& a = effects_.at(id).attempts.at(number);
  a.ended = tick();
  a.how = how;
}

void reference_model::expect_tick(effect_id id, effect_id tick) { ticks_[id] = tick; }

void reference_model::violated(const std::string& rule) {
  if (violation_.empty()) violation_ = rule;
}

std::string reference_model::name(std::size_t actor, effect_id id) const {
  return "effect " + std::to_string(id) + " on actor " + std::to_string(actor);
}

bool reference_model::maybe_erased(std::size_t actor, moment since) const {
  const auto found = erases_.find(actor);
  if (found == erases_.end()) return false;
  for (const effect_id id : found->second) {
    for (const attempt& a : effects_.at(id).attempts) {
      const bool over = a.how == outcome::done && a.ended < since;
      if (a.how != outcome::nothing && !over) return true;
    }
  }
  return false;
}

bool reference_model::possible(const effect& e) const {
  if (e.facts.never || e.facts.erases) return false;
  if (e.facts.spontaneous) return true;
  return std::any_of(e.attempts.begin(), e.attempts.end(), [](const attempt& a) { return a.how != outcome::nothing; });
}

bool reference_model::may_repeat(effect_id id) const {
  const auto found = effects_.find(id);
  if (found == effects_.end() || found->second.facts.cause == 0) return false;
  // An erased actor does not remember its keys: the turn may run, and send, once more.
  const effect_facts& cause = effects_.at(found->second.facts.cause).facts;
  return cause.keyed && ever_erased(cause.actor);
}

void reference_model::check(std::size_t actor, const view& what, bool lasting) {
  if (what.count != what.effects.size()) violated("the two cells of actor " + std::to_string(actor) + " disagree");
  std::uint64_t sum = 0;
  std::set<effect_id> seen;
  std::map<std::uint64_t, std::uint64_t> last_of_sender;
  for (const effect_id id : what.effects) {
    sum += id;
    if (const auto pair = together_.find(id); pair != together_.end() && !has(what, pair->second)) {
      violated("half a turn: " + name(actor, id) + " without what happened inside it");
    }
    const auto found = effects_.find(id);
    if (!seen.insert(id).second && !may_repeat(id)) violated("twice: " + name(actor, id));
    if (found == effects_.end() || found->second.facts.actor != actor) {
      violated("nobody asked for " + name(actor, id));
      continue;
    }
    const effect& e = found->second;
    // What is in memory only may hold an earlier turn whose commit failed later.
    if (e.facts.never || (lasting && !possible(e)))
      violated("there, though its caller was told that nothing happened: " + name(actor, id));
    if (e.facts.sender == 0) continue;
    std::uint64_t& last = last_of_sender[e.facts.sender];
    if (e.order < last) violated("out of its sender's order: " + name(actor, id));
    last = e.order;
  }
  if (sum != what.sum) violated("the two cells of actor " + std::to_string(actor) + " disagree in their sums");
}

void reference_model::shown(std::size_t actor, const view& what, moment asked, bool lasting) {
  check(actor, what, lasting);
  if (!lasting || options_.actors.at(actor) == promise::none) return;
  for (const effect_id id : what.effects) {
    moment& when = exposed_[{actor, id}];
    when = std::max(when, asked);
  }
}

void reference_model::replied(effect_id id, const view& reply) {
  effect& e = effects_.at(id);
  if (e.facts.keyed && e.replied && e.reply != reply.effects && !ever_erased(e.facts.actor)) {
    violated("another reply to the same key: " + name(e.facts.actor, id));
  }
  e.reply = reply.effects;
  e.replied = true;
}

void reference_model::check_required(const std::vector<view>& actors, bool over) {
  for (const auto& [id, e] : effects_) {
    const promise kept = options_.actors.at(e.facts.actor);
    if (e.facts.erases || kept == promise::none || has(actors.at(e.facts.actor), id)) continue;
    if (kept == promise::orderly && !e.facts.stored && !(options_.calm && over)) continue;
    if (options_.contended && e.facts.keyed && ever_erased(e.facts.actor)) continue;
    for (const attempt& a : e.attempts) {
      if (a.how == outcome::done && !maybe_erased(e.facts.actor, a.began)) {
        violated("acknowledged, then lost: " + name(e.facts.actor, id));
      }
    }
  }
}

void reference_model::check_causes(const std::vector<view>& actors) {
  for (const auto& [id, e] : effects_) {
    if (e.facts.cause == 0 || !has(actors.at(e.facts.actor), id)) continue;
    const std::size_t sender = effects_.at(e.facts.cause).facts.actor;
    const bool kept = options_.actors.at(sender) == promise::acknowledged;
    if (kept && !has(actors.at(sender), e.facts.cause) && !ever_erased(sender)) {
      violated("sent by a turn that was lost: " + name(e.facts.actor, id));
    }
  }
}

void reference_model::check_shown(const std::vector<view>& actors) {
  for (const auto& [what, asked] : exposed_) {
    const auto& [actor, id] = what;
    if (has(actors.at(actor), id)) continue;
    if (maybe_erased(actor, asked) || (options_.contended && ever_erased(actor))) continue;
    violated("shown in a reply, then lost: " + name(actor, id));
  }
}

void reference_model::check_arrivals(const std::vector<view>& actors) {
  const auto expected = [&](std::size_t actor, effect_id id) {
    return options_.actors.at(actor) != promise::none && !has(actors.at(actor), id) && !ever_erased(actor);
  };
  for (const auto& [id, e] : effects_) {
    if (!options_.calm || e.facts.cause == 0 || !expected(e.facts.actor, id)) continue;
    for (const attempt& a : effects_.at(e.facts.cause).attempts) {
      if (a.how == outcome::done) violated("a message that nothing hindered is lost: " + name(e.facts.actor, id));
    }
  }
  for (const auto& [id, e] : effects_) {
    if (!e.facts.posted || has(actors.at(e.facts.actor), id) || ever_erased(e.facts.actor)) continue;
    const std::size_t sender = effects_.at(e.facts.cause).facts.actor;
    if (has(actors.at(sender), e.facts.cause) && !ever_erased(sender)) {
      violated("a durable message is lost: " + name(e.facts.actor, id));
    }
  }
  for (const auto& [id, tick] : ticks_) {
    const effect& e = effects_.at(id);
    if (cancelled_.contains(e.facts.actor) || !expected(e.facts.actor, tick)) continue;
    for (const attempt& a : e.attempts) {
      if (a.how == outcome::done) violated("a reminder did not come: of " + name(e.facts.actor, id));
    }
  }
}

void reference_model::stored(const std::vector<view>& actors, bool over) {
  for (std::size_t actor = 0; actor < actors.size(); ++actor) check(actor, actors[actor], true);
  check_required(actors, over);
  check_causes(actors);
  check_shown(actors);
  if (over) check_arrivals(actors);
}

}  // namespace troupe::model
