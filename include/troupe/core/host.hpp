#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "troupe/core/actor.hpp"
#include "troupe/core/actor_type.hpp"
#include "troupe/detail/class_checks.hpp"
#include "troupe/detail/dynamic_request.hpp"

namespace troupe {

/// The options that an actor class sets by its static members, defaults elsewhere.
template <class Actor>
[[nodiscard]] actor_type_options options_of() {
  static_assert(detail::check_actor_class<Actor>());
  actor_type_options options;
  if constexpr (requires { Actor::idle_timeout; }) {
    options.idle_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(Actor::idle_timeout);
  }
  if constexpr (requires { Actor::persistence; }) options.persistence = Actor::persistence;
  if constexpr (requires { Actor::requests; }) options.requests = Actor::requests;
  if constexpr (requires { Actor::reentrant; }) options.reentrant = Actor::reentrant;
  if constexpr (requires { Actor::quarantine; }) options.quarantine = Actor::quarantine;
  if constexpr (requires { Actor::call_timeout; }) {
    options.call_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(Actor::call_timeout);
  }
  if constexpr (requires { Actor::mailbox_max; }) options.mailbox_max = Actor::mailbox_max;
  if constexpr (requires { requires std::is_convertible_v<decltype(Actor::messages), message_options>; }) {
    options.messages = Actor::messages;
  }
  if constexpr (requires { Actor::state_max; }) options.state_max = Actor::state_max;
  return options;
}

namespace detail {

/// Makes actors by their default constructor.
template <class Actor>
[[nodiscard]] std::unique_ptr<Actor> make_by_default() {
  static_assert(std::is_default_constructible_v<Actor>,
                "the actor class has no public default constructor: host it with a factory, "
                "host<X>(options, [=] { return std::make_unique<X>(...); })");
  if constexpr (std::is_default_constructible_v<Actor>) {
    return std::make_unique<Actor>();
  } else {
    return nullptr;
  }
}

/// Everything the runtime needs to host a class, checked at compile time as far as can be.
template <class Actor>
[[nodiscard]] actor_type_info describe_actor(actor_type_options options,
                                             std::function<std::unique_ptr<Actor>()> factory) {
  static_assert(check_actor_class<Actor>());
  actor_type_info info;
  info.name = Actor::actor_type;
  info.cpp_type = typeid(Actor);
  info.make = [factory = std::move(factory)]() -> std::unique_ptr<actor> { return factory(); };
  info.methods = describe_methods<Actor>(std::type_identity<typename Actor::methods::entries>{});
  info.options = options;
  // A class that overrides the hook has another type of member pointer.
  info.handles_reminders = !std::is_same_v<decltype(&Actor::on_reminder), task<void> (actor::*)(reminder_tick)>;
  return info;
}

}  // namespace detail
}  // namespace troupe
