#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "reference_model.hpp"
#include "troupe/core/actor.hpp"
#include "troupe/core/host.hpp"
#include "troupe/core/state.hpp"
#include "troupe/core/timer.hpp"
#include "turn_guard.hpp"

namespace troupe::model {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(view, effects, count, sum)

/// The first cell: the effects.
struct effect_list {
  std::vector<effect_id> ids;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(effect_list, ids)

/// The second cell, which each turn changes with the first.
struct effect_totals {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(effect_totals, count, sum)

/// What handlers throw on purpose; carries the state its turn found.
struct refused : std::runtime_error {
  explicit refused(view found) : std::runtime_error("refused"), before(std::move(found)) {}
  view before;
};

/// A call made by a handler failed, for a reason that the model has been told.
struct relay_failed : std::runtime_error {
  relay_failed() : std::runtime_error("the call of a handler failed") {}
};

/// What a reminder of the model carries: the effect is made of its number and its due time.
[[nodiscard]] constexpr effect_id tick_effect(effect_id reminder, std::int64_t due_ms) {
  return (effect_id{1} << 62U) | (reminder << 34U) | static_cast<effect_id>(due_ms);
}

/// The durability of a type of actors.
enum class kind { every_turn, write_behind, on_deactivate, none };

/// What the actors of a seed share with its driver.
struct world {
  reference_model& model;
  wall_time start;
  std::vector<kind> kinds{};  ///< of the actors, by number
  bool patient = false;       ///< no call has a deadline: a circle that nobody finds never ends
  wait_map waits{};           ///< which actor's turn awaits which
  bool one_runtime = true;
  effect_id next_departure = effect_id{1} << 60U;
  bool edits_on_departure = false;
};

[[nodiscard]] constexpr std::string_view type_name(kind k) {
  constexpr std::string_view names[] = {"every", "behind", "late", "never"};
  return names[static_cast<int>(k)];
}

/// Which outcome an exception of a call means for the effect it was to have.
[[nodiscard]] outcome outcome_of(const std::exception_ptr& failure, reference_model& model);

/// An actor that records the effect of each turn in two cells, and tells the model what it sees on the way.
template <kind Kind>
class member : public actor {
 public:
  static constexpr std::string_view actor_type = type_name(Kind);

  explicit member(world& w) : world_(w) {}

  view add(effect_id id);
  view read() const;
  view refuse(effect_id id);
  view tell_and_refuse(effect_id id, std::size_t to, effect_id told);
  task<view> add_slowly(effect_id id, std::int64_t ms);
  task<view> refuse_slowly(effect_id id, std::int64_t ms);
  task<view> relay(effect_id id, std::size_t to, effect_id sent);
  view tell(effect_id id, std::size_t to, effect_id told);
  view post(effect_id id, std::size_t to, effect_id told);
  void take(effect_id id, std::size_t from, view sender, moment asked);
  view remind(effect_id id, std::int64_t due_ms, std::int64_t period_ms);
  view forget_reminders(effect_id id);
  view start_timer(effect_id id, effect_id tick, std::int64_t ms);
  view leave(effect_id id);
  view erase_all(effect_id id);
  task<view> look_slowly(std::int64_t ms) const;
  task<view> mix_slowly(effect_id id, std::int64_t ms);
  task<view> mix_and_refuse(effect_id id, std::int64_t ms);
  /// Has an effect here, and another one inside the same turn, by way of `over`; `refused` ones are undone alone.
  task<view> bounce(effect_id id, std::size_t over, effect_id inside, bool refuses);
  task<void> pass_back(std::size_t to, effect_id inside, bool refuses);
  task<void> come_back(effect_id inside, bool refuses);

  using methods =
      troupe::methods<&member::add, &member::read, &member::refuse, &member::tell_and_refuse, &member::add_slowly,
                      &member::refuse_slowly, &member::relay, &member::tell, &member::post, &member::take,
                      &member::remind, &member::forget_reminders, &member::start_timer, &member::leave,
                      &member::erase_all, read_only<&member::look_slowly>, interleave<&member::mix_slowly>,
                      interleave<&member::mix_and_refuse>, &member::bounce, &member::pass_back,
                      call_chain<&member::come_back>>;

  task<void> on_activate() override;
  task<void> on_deactivate(deactivation_reason reason) override;
  task<void> on_reminder(reminder_tick tick) override;

 private:
  [[nodiscard]] std::size_t number() const { return static_cast<std::size_t>(std::stoul(std::string(key()))); }
  [[nodiscard]] view now_seen() const { return {list_->ids, totals_->count, totals_->sum}; }
  [[nodiscard]] turn_guard enter(share how = share::exclusive) const {
    return {world_.model, counts_, std::string(key()), list_->ids.size() == totals_->count, how};
  }
  view record(effect_id id);
  void send_told(std::size_t to, effect_id told, bool durably);
  template <kind To>
  task<void> pass_on(std::size_t to, effect_id sent);
  template <class Call>
  [[nodiscard]] task<void> await_other(std::size_t to, Call call, bool comes_back = false);
  [[nodiscard]] call_options how_long() const {
    return {.timeout = world_.patient ? no_timeout : std::chrono::milliseconds(0)};
  }

  world& world_;
  state<effect_list> list_{*this, "list"};
  state<effect_totals> totals_{*this, "totals"};
  timer timer_{*this};
  mutable turn_counts counts_;
};

}  // namespace troupe::model
