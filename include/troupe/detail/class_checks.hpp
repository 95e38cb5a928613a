#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "troupe/core/actor_type.hpp"
#include "troupe/fwd.hpp"

// What can be said about an actor class at compile time, in words that tell what to change.

namespace boost::asio {
template <class T, class Executor>
class awaitable;
}  // namespace boost::asio

namespace troupe::detail {

template <class T>
inline constexpr bool is_borrowed = std::is_reference_v<T> || std::is_pointer_v<T>;
template <class Char, class Traits>
inline constexpr bool is_borrowed<std::basic_string_view<Char, Traits>> = true;
template <class T, std::size_t Extent>
inline constexpr bool is_borrowed<std::span<T, Extent>> = true;

template <class T>
inline constexpr bool is_foreign_coroutine = false;
template <class T, class Executor>
inline constexpr bool is_foreign_coroutine<boost::asio::awaitable<T, Executor>> = true;

template <class Arguments>
inline constexpr bool any_borrowed = false;
template <class... Args>
inline constexpr bool any_borrowed<std::tuple<Args...>> = (is_borrowed<Args> || ...);

/// Instantiated for each method of an actor class.
template <auto Member>
struct check_method {
  using traits = member_traits<decltype(Member)>;
  static_assert(!is_foreign_coroutine<typename traits::result>,
                "a handler that awaits returns troupe::task<T>: an asio::awaitable would never be run");
  static_assert(!is_borrowed<typename traits::result>,
                "a handler returns a value: a reference, pointer, string_view or span would outlive what it refers to");
  static_assert(!traits::mutable_reference, "a handler takes its parameters by value or by const reference");
  static_assert(!traits::is_task || traits::by_value,
                "a handler that may await takes its parameters by value: a reference would outlive what it refers to");
  static_assert(
      !any_borrowed<typename traits::arguments>,
      "a handler's parameters are values: a pointer, string_view or span would outlive what it refers to; take "
      "a std::string, a std::vector or a std::shared_ptr");
  static constexpr bool passed = true;
};

template <class Entries>
inline constexpr bool methods_passed = false;
template <class... Entries>
inline constexpr bool methods_passed<std::tuple<Entries...>> = (check_method<Entries::member>::passed && ...);

/// Says first, and in plain words, what an actor class lacks.
template <class Actor>
consteval bool check_actor_class() {
  static_assert(std::is_base_of_v<actor, Actor>, "an actor class derives publicly from troupe::actor");
  constexpr bool named = requires { std::string_view(Actor::actor_type); };
  static_assert(named, "an actor class names itself: static constexpr std::string_view actor_type = \"...\";");
  constexpr bool lists_methods = requires { typename Actor::methods::entries; };
  static_assert(
      lists_methods,
      "an actor class lists what can be called, in a public section: using methods = troupe::methods<&X::f>;");
  if constexpr (lists_methods) {
    return methods_passed<typename Actor::methods::entries>;
  } else {
    return false;
  }
}

/// Whether an argument reaches its parameter without losing digits or its fraction.
template <class Parameter, class Argument>
inline constexpr bool keeps_value =
    !(std::is_integral_v<Parameter> && !std::is_same_v<Parameter, bool> &&
      (std::is_floating_point_v<Argument> || (std::is_integral_v<Argument> && sizeof(Argument) > sizeof(Parameter))));

template <class Parameters, class... Arguments>
inline constexpr bool keep_values = false;
template <class... Parameters, class... Arguments>
requires(sizeof...(Parameters) ==
         sizeof...(Arguments)) inline constexpr bool keep_values<std::tuple<Parameters...>, Arguments...> =
    (keeps_value<Parameters, std::decay_t<Arguments>> && ...);

}  // namespace troupe::detail
