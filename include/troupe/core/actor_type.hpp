#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <vector>

#include "troupe/base/codec.hpp"
#include "troupe/core/call_options.hpp"
#include "troupe/core/durable.hpp"
#include "troupe/core/quarantine.hpp"
#include "troupe/core/task.hpp"
#include "troupe/fwd.hpp"

namespace troupe {

class call_filter;

/// When the state of an actor is written.
class durability {
 public:
  enum class kind { every_turn, write_behind, on_deactivate, none };

  /// Each turn that changed something is committed before its reply and messages leave. The default.
  [[nodiscard]] static constexpr durability every_turn() noexcept { return {kind::every_turn, {}}; }
  /// Changes are committed together at most `interval` after the first; replies do not wait, a crash loses the rest.
  [[nodiscard]] static constexpr durability write_behind(std::chrono::milliseconds interval) noexcept {
    return {kind::write_behind, interval};
  }
  /// Changes are committed when the actor is deactivated; a crash loses them.
  [[nodiscard]] static constexpr durability on_deactivate() noexcept { return {kind::on_deactivate, {}}; }
  /// State lives in memory only and is gone with the activation.
  [[nodiscard]] static constexpr durability none() noexcept { return {kind::none, {}}; }

  [[nodiscard]] constexpr kind what() const noexcept { return kind_; }
  [[nodiscard]] constexpr std::chrono::milliseconds interval() const noexcept { return interval_; }

 private:
  constexpr durability(kind what, std::chrono::milliseconds interval) noexcept : kind_(what), interval_(interval) {}
  kind kind_;
  std::chrono::milliseconds interval_;
};

/// Which turns of one actor may be under way at the same time. Code of an actor never runs on two threads at once:
/// turns alternate where they await.
enum class reentrancy : std::uint8_t {
  none,        ///< a turn has the actor to itself until it ends. The default
  read_only,   ///< methods that change nothing overlap one another, and nothing else; for methods, not for types
  call_chain,  ///< a call may come back to a turn that waits for it: it runs inside that turn, as a part of it
  interleave,  ///< turns overlap one another; each works on its own copies of the cells it edits
};

/// How many idempotency keys an actor remembers, and for how long. Both bounds hold.
struct request_window {
  std::size_t count_max = 1000;                           ///< keys per actor, 1 to 100,000; the oldest leaves first
  std::chrono::seconds age_max = std::chrono::hours(24);  ///< 0: no bound on age
};

/// How large the state of an actor may grow, in bytes of JSON; 0: no limit but the store's. A turn that would grow it
/// past a limit fails with `errc::too_large`, which names the actor, and is rolled back. What is beyond a limit that
/// was lowered is still loaded, and turns that do not grow it go on. Logs and items do not count.
struct state_limits {
  std::size_t cell_bytes = 0;   ///< one cell
  std::size_t actor_bytes = 0;  ///< all cells of the actor's class together
};

/// What a type may set when it is hosted. Options given there replace all that the class says by static members of the
/// same names; to change one of them, begin with `options_of<Actor>()`.
struct actor_type_options {
  /// An activation that had no message for this long is deactivated. Default 15 min; 0: never.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(15);
  durability persistence = durability::every_turn();
  request_window requests{};
  quarantine_policy quarantine{};
  /// How long a call of this type may take when neither the call nor its method says otherwise. Default 30 s, from
  /// 1 ms; `no_timeout`: as long as it takes.
  std::chrono::milliseconds call_timeout = std::chrono::seconds(30);
  /// What holds for the methods that do not say it themselves: `none` (the default), `call_chain` or `interleave`.
  reentrancy reentrant = reentrancy::none;
  /// How many turns of one actor a chain of calls may open inside each other, 1 to 1,000. Default 32.
  std::uint32_t call_chain_depth_max = 32;
  /// Most messages that wait at one actor: calls and tells, not what the runtime itself sends. 16 to 1,000,000; 0: no
  /// bound but the runtime's. Beyond it calls fail with `errc::overloaded` and tells are dropped. Kept approximately,
  /// and shared out among senders: one alone is refused from about three quarters of it on.
  std::size_t mailbox_max = 10'000;
  /// See messages to and from actors of the type, after those of the runtime. None is null:
  /// `errc::invalid_argument` otherwise.
  std::vector<std::shared_ptr<call_filter>> filters{};
  message_options messages{};
  state_limits state_max{};
};

namespace detail {

/// A string as a template argument.
template <std::size_t N>
struct fixed_string {
  char text[N]{};
  consteval fixed_string(const char (&literal)[N]) { std::copy_n(literal, N, text); }  // NOLINT: implicit by design
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

/// The name of a member function, cut from what the compiler calls this function.
template <auto Member>
constexpr std::string_view member_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text = text.substr(0, text.find_first_of(";]", text.find("Member = ")));
  if (!text.empty() && text.back() == ')') text.remove_suffix(1);  // g++: (&seller::quote_price)
  return text.substr(text.rfind("::") + 2);
}

template <class T>
struct unwrap_task {
  using type = T;
  static constexpr bool is_task = false;
};
template <class T>
struct unwrap_task<task<T>> {
  using type = T;
  static constexpr bool is_task = true;
};

template <class Member>
struct member_traits;
template <class Actor, class Result, class... Args>
struct member_traits<Result (Actor::*)(Args...)> {
  using actor_class = Actor;
  using result = typename unwrap_task<Result>::type;
  using arguments = std::tuple<std::decay_t<Args>...>;
  static constexpr bool is_task = unwrap_task<Result>::is_task;
  static constexpr bool is_const = false;
  static constexpr bool by_value = (!std::is_reference_v<Args> && ...);
  static constexpr bool mutable_reference =
      ((std::is_lvalue_reference_v<Args> && !std::is_const_v<std::remove_reference_t<Args>>) || ...);
};
template <class Actor, class Result, class... Args>
struct member_traits<Result (Actor::*)(Args...) const> : member_traits<Result (Actor::*)(Args...)> {
  static constexpr bool is_const = true;
};
template <class Actor, class Result, class... Args>
struct member_traits<Result (Actor::*)(Args...) noexcept> : member_traits<Result (Actor::*)(Args...)> {};
template <class Actor, class Result, class... Args>
struct member_traits<Result (Actor::*)(Args...) const noexcept> : member_traits<Result (Actor::*)(Args...) const> {};

/// A function of the library's own that is called as if it were a method of every actor.
template <class Result, class... Args>
struct member_traits<Result (*)(actor&, Args...)> {
  using actor_class = actor;
  using result = Result;
  using arguments = std::tuple<std::decay_t<Args>...>;
  static constexpr bool is_task = false;
  static constexpr bool is_const = false;
  static constexpr bool by_value = true;
  static constexpr bool mutable_reference = false;
};

/// What an entry of `methods<...>` says besides the member.
struct method_traits {
  std::chrono::milliseconds timeout{0};  ///< 0: that of the type
  std::optional<reentrancy> mode{};      ///< nothing: that of the type
};

}  // namespace detail

/// Gives a method a wire name of its own in `methods<...>`: `method<"quote", &seller::quote_price>`.
template <detail::fixed_string Name, auto Member>
struct method {
  static constexpr auto member = Member;
  static constexpr std::string_view name = Name.view();
  static constexpr detail::method_traits traits{};
};

namespace detail {

template <auto Entry>
struct method_entry {
  static constexpr auto member = Entry;
  static constexpr std::string_view name = member_name<Entry>();
  static constexpr method_traits traits{};
};
template <auto Entry>
requires requires { Entry.member; }
struct method_entry<Entry> : std::remove_const_t<decltype(Entry)> {};

}  // namespace detail

namespace detail {

template <auto Member>
struct member_tag;

template <auto Entry, std::int64_t Milliseconds>
struct timeout_entry : method_entry<Entry> {
  static_assert(Milliseconds > 0, "a method's timeout is at least 1 ms");
  static constexpr method_traits traits = [] {
    method_traits changed = method_entry<Entry>::traits;
    changed.timeout = std::chrono::milliseconds(Milliseconds);
    return changed;
  }();
};

template <auto Entry, reentrancy Mode>
struct reentrant_entry : method_entry<Entry> {
  static_assert(Mode != reentrancy::read_only ||
                    member_traits<std::remove_const_t<decltype(method_entry<Entry>::member)>>::is_const,
                "a read_only method is a const member function: it cannot edit state");
  static constexpr method_traits traits = [] {
    method_traits changed = method_entry<Entry>::traits;
    changed.mode = Mode;
    return changed;
  }();
};

}  // namespace detail

/// In `methods<...>`: a const method whose turns overlap one another while they await: `read_only<&seller::report>`.
template <auto Entry>
inline constexpr detail::reentrant_entry<Entry, reentrancy::read_only> read_only{};

/// In `methods<...>`: a method that a chain of calls may come back to while a turn of the actor waits for that chain.
template <auto Entry>
inline constexpr detail::reentrant_entry<Entry, reentrancy::call_chain> call_chain{};

/// In `methods<...>`: a method whose turns overlap one another while they await, each on its own copies of what it
/// edits.
template <auto Entry>
inline constexpr detail::reentrant_entry<Entry, reentrancy::interleave> interleave{};

/// In `methods<...>`: a method that has the actor to itself, in a type whose methods otherwise do not.
template <auto Entry>
inline constexpr detail::reentrant_entry<Entry, reentrancy::none> exclusive{};

/// In `methods<...>`: gives a method a timeout of its own, for calls that do not name one:
/// `timeout_ms<&seller::quote_price, 500>`. The method may be another such entry.
template <auto Entry, std::int64_t Milliseconds>
inline constexpr detail::timeout_entry<Entry, Milliseconds> timeout_ms{};

/// The methods of an actor class that can be called: member pointers, or `method<"name", &member>{}` for a wire name
/// other than the member's. A wire name is part of the contract: renaming it breaks callers by name.
template <auto... Entries>
struct methods {
  using entries = std::tuple<detail::method_entry<Entries>...>;

  /// The wire name of a member in the list; a member that is not listed does not compile.
  template <auto Member>
  [[nodiscard]] static constexpr std::string_view name_of() {
    std::string_view found;
    // Compared as template arguments: g++ 12 with -fsanitize=undefined does not take == of member pointers as constant.
    const auto look = [&]<class Entry>(std::type_identity<Entry>) {
      if constexpr (std::is_same_v<detail::member_tag<Entry::member>, detail::member_tag<Member>>) found = Entry::name;
    };
    (look(std::type_identity<detail::method_entry<Entries>>{}), ...);
    return found;
  }

  template <auto Member>
  static constexpr bool contains = !name_of<Member>().empty();

  /// What the list says of a member besides its name.
  template <auto Member>
  [[nodiscard]] static constexpr detail::method_traits traits_of() {
    detail::method_traits found;
    const auto look = [&]<class Entry>(std::type_identity<Entry>) {
      if constexpr (std::is_same_v<detail::member_tag<Entry::member>, detail::member_tag<Member>>)
        found = Entry::traits;
    };
    (look(std::type_identity<detail::method_entry<Entries>>{}), ...);
    return found;
  }
};

namespace detail {

/// A method called by its wire name, with JSON arguments (an array); `done` gets the reply or why not.
/// Throws `error{errc::invalid_argument}` for arguments that do not fit.
using dynamic_reply = std::function<void(std::exception_ptr, std::string reply_json)>;
using dynamic_sender = void (*)(activation_ptr target, std::string_view arguments_json, call_settings options,
                                dynamic_reply done);

using request_maker = request* (*)(std::string_view arguments_json);

struct method_info {
  std::string_view name;
  dynamic_sender send;  ///< null when arguments or result have no encoding
  request_maker make;   ///< for a message that nobody waits for; null as `send` is
  method_traits traits{};
};

/// Everything the runtime knows of a hosted class.
struct actor_type_info {
  std::string name;
  std::type_index cpp_type = typeid(void);
  std::function<std::unique_ptr<actor>()> make;
  std::vector<method_info> methods;
  actor_type_options options;
  bool handles_reminders = false;
};

}  // namespace detail
}  // namespace troupe
