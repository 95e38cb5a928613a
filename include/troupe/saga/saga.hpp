#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "troupe/core/actor.hpp"
#include "troupe/core/state.hpp"
#include "troupe/saga/saga_attempt.hpp"
#include "troupe/saga/saga_base.hpp"
#include "troupe/saga/saga_status.hpp"

namespace troupe::detail {

/// The cell of a saga: where it stands, and the data of its steps.
template <class Data>
struct saga_cell {
  saga_record saga;
  Data data{};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE_WITH_DEFAULT(saga_cell, saga, data)
};

}  // namespace troupe::detail

namespace troupe {

/// The schema of a saga's cell is that of its data.
template <class Data>
struct state_schema<detail::saga_cell<Data>> {
  static constexpr std::uint32_t version = state_schema<Data>::version;
  static nlohmann::json upgrade(nlohmann::json row, std::uint32_t from) {
    if constexpr (version > 1) row["data"] = state_schema<Data>::upgrade(std::move(row["data"]), from);
    return row;
  }
};

/// One step of a saga: `Do` takes it, `Undo` takes it back. Both are members of the coordinating actor that take a
/// `saga_attempt` by value and return `task<void>` or nothing; a step without `Undo` has nothing to be taken back.
///
/// The name is stored and is part of every key: renaming a step breaks the sagas under way. 1 to 24 bytes
/// `[A-Za-z0-9_.-]`.
///
/// A step has one effect. It throws (or calls `saga_attempt::refuse`) when it is refused, and says by that that it had
/// no effect; an error of the library that may pass (`may_succeed_later`) is no refusal, and the step is tried again.
/// `Undo` may be called for a step whose effect never came about, and then does nothing; it is tried again whatever it
/// throws. A try lasts as long as what it awaits, and the coordinator takes no other message until it ends: calls have
/// deadlines, other waits should be bounded by the step itself.
template <detail::fixed_string Name, auto Do, auto Undo = nullptr>
struct saga_step {
  static constexpr std::string_view name = Name.view();
  static_assert(is_saga_name(name), "the name of a step has 1 to 24 bytes [A-Za-z0-9_.-]");

  using coordinator = typename detail::member_traits<decltype(Do)>::actor_class;
  static constexpr bool compensable = !std::is_same_v<decltype(Undo), std::nullptr_t>;

  /// Runs `Do`, or `Undo`.
  static task<void> run(actor& owner, bool undo, saga_attempt attempt) {
    auto& self = static_cast<coordinator&>(owner);
    if (!undo) return invoke<Do>(self, std::move(attempt));
    if constexpr (compensable) {
      return invoke<Undo>(self, std::move(attempt));
    } else {
      return {};
    }
  }

 private:
  template <auto Member>
  static task<void> invoke(coordinator& self, saga_attempt attempt) {
    using traits = detail::member_traits<decltype(Member)>;
    static_assert(std::is_same_v<typename traits::arguments, std::tuple<saga_attempt>> && traits::by_value,
                  "a step, and its compensation, takes a troupe::saga_attempt by value");
    static_assert(std::is_void_v<typename traits::result>,
                  "a step returns task<void> or nothing: what it finds out goes into the saga's data");
    if constexpr (traits::is_task) {
      return (self.*Member)(std::move(attempt));
    } else {
      (self.*Member)(std::move(attempt));
      return {};
    }
  }
};

/// Work of several actors that is done as a whole or undone: steps with compensations, driven by the actor that it is a
/// member of, and stored as one of its cells.
///
/// Each step is a turn of its own: its effect on the coordinator, `Data` included, commits together with the note that
/// it was taken, and calls to other actors carry keys made of the saga's id and the step's name. So each step takes
/// effect once, whatever crashes. A failure that may pass is tried again after growing pauses (`saga_policy`). A
/// refusal undoes the steps that were taken, the last one first. A compensation that keeps failing is tried for long,
/// and then the saga is parked until an operator has it `resume` or `skip`.
///
/// The steps are those of the program that began the saga, by name: a later program goes on with it, and a step it does
/// not have parks the saga. Between the steps the actor takes messages, so its state can be asked for at any time.
///
/// Requires: a member of the actor, which overrides `on_reminder` and hands its ticks to `on_reminder` below; a
/// durability other than `none`. `Data` is as for `state`. One saga at a time per member; an actor may have several.
/// Thread-safety: the owning strand, within a turn.
template <class Data, class... Steps>
class saga final : public detail::saga_base {
  static_assert(sizeof...(Steps) > 0, "a saga has at least one step");
  static_assert(encodable<Data>, "the data of a saga needs a JSON conversion, as that of troupe::state");

 public:
  /// `name` is that of the cell, see `state`; a string that outlives the actor. Throws `error{errc::invalid_argument}`
  /// at the first activation for a policy out of range or two steps of one name.
  saga(actor& owner, std::string_view name, const saga_policy& policy = {})
      : saga_base(owner, name, policy), cell_(owner, name) {
    check_steps(names);
  }

  /// Begins a saga as part of the running turn; its first step is taken when that is durable. The id names this piece
  /// of work for ever: 1 to 64 bytes, not used for anything else that these participants are asked for. When the saga
  /// that was begun last has this id, nothing happens, whatever became of it: so beginning may be tried again. Throws
  /// `error{errc::invalid_argument}` for a bad id, `errc::unavailable` while another saga is under way or parked.
  void begin(std::string_view id, Data data) {
    if (!may_begin(id)) return go_on();
    cell_.edit().data = std::move(data);
    begin_as(id, names);
  }

  /// The data of the steps.
  [[nodiscard]] const Data& operator*() const noexcept { return cell_->data; }
  [[nodiscard]] const Data* operator->() const noexcept { return &cell_->data; }
  Data& edit() { return cell_.edit().data; }

 private:
  static constexpr std::array<std::string_view, sizeof...(Steps)> names{Steps::name...};

  [[nodiscard]] const detail::saga_record& record() const noexcept override { return cell_->saga; }
  detail::saga_record& edit_record() override { return cell_.edit().saga; }

  std::optional<task<void>> run(actor& owner, std::string_view step, bool undo, saga_attempt attempt) override {
    std::optional<task<void>> running;
    static_cast<void>(
        ((Steps::name == step && (running.emplace(Steps::run(owner, undo, std::move(attempt))), true)) || ...));
    return running;
  }

  state<detail::saga_cell<Data>> cell_;
};

}  // namespace troupe
