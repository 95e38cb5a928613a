#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <boost/assert/source_location.hpp>

#include "troupe/core/state.hpp"
#include "troupe/testing/scenario_base.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::testing {

/// The specification of one actor as a test: given this state, when this happens, then this reply, state, messages and
/// reminders.
///
///     scenario<seller>("acme")
///         .hosts<buyer>()
///         .given("inventory", inventory{.stock = 5})
///         .when<&seller::sell>("b1", 2)
///         .then_reply(3)
///         .then_state("inventory", inventory{.stock = 3})
///         .then_sends<&buyer::shipped>("b1", 2)
///         .then_reminder("restock", 1h);
///
/// It runs on a `test_runtime`. Steps run in the order in which they are written, each `when` to the point where
/// nothing can run without time moving on; `then` speaks of the last `when`, and several may follow each other. The
/// actor's type saves after every turn here, whatever its durability, unless that is none: it has no stored state.
/// Errors: an expectation that is not met throws `scenario_failure`; a step out of order, or the name of a cell that
/// the class does not have, `std::logic_error`. A `when` that failed and has no `then` is a failure of the next `when`
/// or of the destructor, which throws unless an exception is in flight. Lifetime: a temporary or a local variable. A
/// class that has it as a member gets a destructor that may throw.
template <class Actor>
class scenario : public scenario_base {
 public:
  explicit scenario(std::string_view key, test_options options = {})
      : scenario(key, std::move(options), [] { return std::make_unique<Actor>(); }) {}

  /// With a factory that makes the actor's objects, as `runtime::host` takes one.
  template <class Factory>
  scenario(std::string_view key, test_options options, Factory factory)
      : scenario_base({std::string(Actor::actor_type), std::string(key)}, std::move(options)) {
    runtime_.host<Actor>(saved_each_turn<Actor>(), std::move(factory));
  }

  /// Hosts the classes of other actors that take part.
  template <class... Others>
  scenario& hosts() {
    (runtime_.host<Others>(saved_each_turn<Others>()), ...);
    return *this;
  }

  /// Hosts one whose objects `factory` makes.
  template <class Other, class Factory>
  scenario& hosts(Factory factory) {
    runtime_.host<Other>(saved_each_turn<Other>(), std::move(factory));
    return *this;
  }

  // ---- given: before the first `when`

  /// The actor has this cell.
  template <class T>
  scenario& given(std::string_view cell, const T& value, const place& where = BOOST_CURRENT_LOCATION) {
    return given_for<Actor>(subject_.key, cell, value, where);
  }

  /// Another actor has this cell.
  template <class Other, class T>
  scenario& given_for(std::string_view key, std::string_view cell, const T& value,
                      const place& where = BOOST_CURRENT_LOCATION) {
    given_at(where);
    add_cell(id_of<Other>(key), {std::string(cell), state_schema<T>::version, json_of(value)});
    return *this;
  }

  /// The actor has this cell as an older program wrote it; the class may have it no more.
  scenario& given_row(std::string_view cell, std::uint32_t schema, std::string json) {
    add_old_cell(subject_, {std::string(cell), schema, std::move(json)});
    return *this;
  }

  /// The actor has this reminder, due after `due_in` from the time given so far.
  scenario& given_reminder(std::string_view name, std::chrono::milliseconds due_in,
                           std::chrono::milliseconds period = {}, const nlohmann::json& data = nullptr) {
    add_reminder({std::string(name), runtime_.wall_now() + due_in, period, data.dump()});
    return *this;
  }

  /// The wall clock shows this.
  scenario& given_time(wall_time wall) {
    set_time(wall);
    return *this;
  }

  // ---- when

  /// The actor is called from outside.
  template <auto Member, class... Args>
  scenario& when(Args&&... args) {
    return when_with<Member>({}, std::forward<Args>(args)...);
  }

  /// The same with options, e.g. an idempotency key.
  template <auto Member, class... Args>
  scenario& when_with(call_options options, Args&&... args) {
    using traits = detail::member_traits<decltype(Member)>;
    using result = typename traits::result;
    typename traits::arguments arguments(std::forward<Args>(args)...);
    begin(std::string(Actor::methods::template name_of<Member>()) + arguments_json(arguments));
    std::optional<std::string> reply;
    try {
      const auto target = runtime_.ref<Actor>(subject_.key).with(options);
      auto call = std::apply([&](auto&... argument) { return target.template call<Member>(std::move(argument)...); },
                             arguments);
      if constexpr (std::is_void_v<result>) {
        std::move(call).get();
      } else {
        [[maybe_unused]] const result value = std::move(call).get();
        if constexpr (encodable<result>) reply = json_of(value);
      }
      answered(nullptr, std::move(reply));
    } catch (...) {
      answered(std::current_exception(), std::nullopt);
    }
    return *this;
  }

  /// Time passes until the actor's reminder of that name is due; whatever is due before runs as well.
  scenario& when_reminder(std::string_view name, const place& where = BOOST_CURRENT_LOCATION) {
    fire(name, where);
    return *this;
  }

  /// Time passes; timers, reminders and idle times that fall into it take place.
  scenario& when_time_passes(std::chrono::nanoseconds span, const place& where = BOOST_CURRENT_LOCATION) {
    pass_time("time passes", span, where);
    return *this;
  }

  // ---- then

  /// The call returned, or the ticks ended, without an exception.
  scenario& then_succeeds(const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_success();
    return *this;
  }

  /// The call returned this; compared as JSON.
  template <class T>
  scenario& then_reply(const T& expected, const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_reply(json_of(expected));
    return *this;
  }

  /// The call threw this type or one derived from it, with a message that contains `text`.
  template <class Exception>
  scenario& then_throws(std::string_view text = {}, const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    bool matches = false;
    try {
      if (failure_) std::rethrow_exception(failure_);
    } catch (const Exception&) {
      matches = true;
    } catch (...) {  // of another type
    }
    expect_thrown(typeid(Exception), matches, text);
    return *this;
  }

  /// The call or a tick failed with a message that contains `text`.
  scenario& then_fails(std::string_view text = {}, const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_failure(text);
    return *this;
  }

  /// The store holds this in the actor's cell; compared as JSON.
  template <class T>
  scenario& then_state(std::string_view cell, const T& expected, const place& where = BOOST_CURRENT_LOCATION) {
    return then_state_of<Actor>(subject_.key, cell, expected, where);
  }

  /// The same of another actor.
  template <class Other, class T>
  scenario& then_state_of(std::string_view key, std::string_view cell, const T& expected,
                          const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_state(id_of<Other>(key), cell, json_of(expected));
    return *this;
  }

  /// The store holds no such cell of the actor.
  scenario& then_no_state(std::string_view cell, const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_state(subject_, cell, std::nullopt);
    return *this;
  }

  /// The actor sent this message, by `tell` or a call, in any order with others. Each message meets one expectation.
  template <auto Member, class... Args>
  scenario& then_sends(std::string_view to, Args&&... args) {
    then_at({});
    using traits = detail::member_traits<decltype(Member)>;
    using receiver = typename traits::actor_class;
    const typename traits::arguments expected(std::forward<Args>(args)...);
    expect_sent(id_of<receiver>(to), receiver::methods::template name_of<Member>(), arguments_json(expected));
    return *this;
  }

  /// The actor sent no message that no expectation has met so far.
  scenario& then_sends_nothing_more(const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_nothing_more_sent();
    return *this;
  }

  /// The actor has this reminder, due after `due_in` from now on. `data` is compared when it is given.
  scenario& then_reminder(std::string_view name, std::chrono::milliseconds due_in,
                          std::chrono::milliseconds period = {}, const std::optional<nlohmann::json>& data = {},
                          const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_reminder(name, due_in, period, data ? std::optional(data->dump()) : std::nullopt);
    return *this;
  }

  scenario& then_no_reminder(std::string_view name, const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_no_reminder(name);
    return *this;
  }

  /// The store holds the cells and reminders that the actor had before the `when`, and the actor sent nothing.
  scenario& then_nothing_changed(const place& where = BOOST_CURRENT_LOCATION) {
    then_at(where);
    expect_unchanged();
    return *this;
  }

 private:
  template <class Other>
  [[nodiscard]] static actor_type_options saved_each_turn() {
    actor_type_options options = options_of<Other>();
    if (options.persistence.what() != durability::kind::none) options.persistence = durability::every_turn();
    return options;
  }

  template <class Other>
  [[nodiscard]] static actor_id id_of(std::string_view key) {
    return {std::string(Other::actor_type), std::string(key)};
  }

  template <class Arguments>
  [[nodiscard]] static std::string arguments_json(const Arguments& arguments) {
    std::string json;
    if constexpr (detail::all_encodable<Arguments>) {
      detail::encode_tuple(arguments, json);
    } else {
      json = "null";
    }
    return json;
  }
};

}  // namespace troupe::testing
