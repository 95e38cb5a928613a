#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "troupe/base/actor_id.hpp"
#include "troupe/core/actor_type.hpp"
#include "troupe/core/call.hpp"
#include "troupe/detail/class_checks.hpp"
#include "troupe/detail/reminder_calls.hpp"

namespace troupe {

/// A reference whose calls carry options; made by `actor_ref::with`.
template <class Actor>
class configured_ref;

namespace detail {

template <class...>
inline constexpr bool never = false;

/// The arguments of a reminder's handler as JSON.
template <auto Member, class... Args>
[[nodiscard]] std::string reminder_arguments(Args&&... args) {
  using arguments = typename member_traits<decltype(Member)>::arguments;
  static_assert(all_encodable<arguments>, "a reminder is stored: a parameter of its handler has no JSON conversion");
  static_assert(encodable_result<typename member_traits<decltype(Member)>::result>,
                "a reminder's handler is called by name: its result has no JSON conversion");
  std::string json;
  if constexpr (all_encodable<arguments>) encode_tuple(arguments(std::forward<Args>(args)...), json);
  return json;
}

}  // namespace detail

/// Names one actor and reaches it: the actor always exists, it is never created.
///
/// A reference is one pointer, found once; a call through it does not look anything up. It neither activates the actor
/// nor keeps it activated, and stays good across any number of deactivations.
///
/// Thread-safety: like a `std::shared_ptr`: distinct references from any thread, one reference from several threads
/// for its const members. Lifetime: may outlive the runtime; calls then fail with `errc::shutting_down`.
template <class Actor>
class actor_ref {
 public:
  explicit actor_ref(detail::activation_ptr target) noexcept : target_(std::move(target)) {}

  /// Describes a call; see `call_operation` for how it is made.
  template <auto Member, class... Args>
  [[nodiscard("describing a call does not make it: co_await it, give it a completion token, or get()")]] call_operation<
      Actor, Member>
  call(Args&&... args) const {
    return describe<Member>({}, std::forward<Args>(args)...);
  }

  /// Sends a one-way message. In a turn it leaves when the turn has been committed, and not at all when the turn
  /// fails; outside it leaves at once. A crash may lose it. A failure of the handler is logged. It may be given a
  /// delay: `reference.with({.delay = 5s}).tell<&shop::close>()`.
  template <auto Member, class... Args>
  void tell(Args&&... args) const {
    send<Member>({}, std::forward<Args>(args)...);
  }

  /// Sends a durable one-way message, in a turn: `reference.tell<&bank::pay>(troupe::durable, account, pence)`. It
  /// becomes part of the turn's commit, survives crash and restart, arrives in order among the durable messages from
  /// this actor to that one, and has its effect exactly once. When its handler fails, it is delivered again after
  /// growing pauses, the messages behind it wait, and in the end it becomes a dead letter of the receiver; see
  /// `message_options`. The handler's result is dropped. Throws `error{errc::invalid_argument}` when the durability of
  /// sender or receiver is none, `errc::not_encodable` and `errc::too_large` for its arguments, `errc::overloaded`
  /// when too many of this actor's messages have not arrived yet, and `std::logic_error` outside a turn and in
  /// `on_deactivate`.
  template <auto Member, class... Args>
  void tell(durable_t, Args&&... args) const {
    using arguments = typename detail::member_traits<decltype(Member)>::arguments;
    using result = typename detail::member_traits<decltype(Member)>::result;
    if constexpr (check_member<Member, Args...>()) {
      static_assert(detail::all_encodable<arguments>,
                    "a durable message is stored: a parameter has no JSON conversion");
      static_assert(detail::encodable_result<result>,
                    "a durable message goes by name: the result has no JSON conversion");
      if constexpr (detail::all_encodable<arguments>) {
        std::string json;
        detail::encode_tuple(arguments(std::forward<Args>(args)...), json);
        detail::send_durable(*target_, Actor::methods::template name_of<Member>(), std::move(json));
      }
    }
  }

  /// Sets a reminder of the actor from outside, in a turn of the actor: durable when the call is answered. One of the
  /// same name is replaced. Errors: as `actor::schedule_reminder` throws.
  [[nodiscard]] auto schedule_reminder(std::string name, reminder_schedule when) const {
    return order_reminder({std::move(name), std::move(when), {}, {}}, {});
  }

  /// The same with a handler of its own: `reference.schedule_reminder<&order::expire>("expire", {.due_in = 1h}, 7)`
  /// calls `expire(7)` at each tick.
  template <auto Member, class... Args>
  [[nodiscard]] auto schedule_reminder(std::string name, reminder_schedule when, Args&&... args) const {
    return order_reminder(make_order<Member>(std::move(name), std::move(when), std::forward<Args>(args)...), {});
  }

  /// Removes a reminder of the actor; says whether there was one. This and the following are calls too, made as any.
  [[nodiscard]] auto cancel_reminder(std::string name) const {
    return of_reminders<&detail::cancel_reminder_of>({}, std::move(name));
  }

  /// Removes the actor's reminders whose names begin with `prefix`; says how many there were.
  [[nodiscard]] auto cancel_reminders(std::string prefix = {}) const {
    return of_reminders<&detail::cancel_reminders_of>({}, std::move(prefix));
  }

  /// Holds a reminder up until it is resumed, as `actor::pause_reminder`; says whether there is one.
  [[nodiscard]] auto pause_reminder(std::string name) const {
    return of_reminders<&detail::pause_reminder_of>({}, std::move(name));
  }
  [[nodiscard]] auto resume_reminder(std::string name) const {
    return of_reminders<&detail::resume_reminder_of>({}, std::move(name));
  }

  /// Lists the actor's reminders by name.
  [[nodiscard]] auto reminders() const { return of_reminders<&detail::reminders_of>({}); }

  /// The same reference with options for the calls made through it.
  [[nodiscard]] configured_ref<Actor> with(call_options options) const { return {*this, options}; }

  /// The actor's key, as given.
  [[nodiscard]] std::string_view key() const noexcept { return detail::key_of(*target_); }
  [[nodiscard]] actor_id id() const { return {std::string(detail::type_of(*target_)), std::string(key())}; }

  /// Two references are equal when they name the same actor of the same runtime.
  friend bool operator==(const actor_ref&, const actor_ref&) = default;

 private:
  friend class configured_ref<Actor>;

  template <auto Member, class... Args>
  [[nodiscard]] call_operation<Actor, Member> describe(detail::call_settings options, Args&&... args) const {
    using arguments = typename detail::member_traits<decltype(Member)>::arguments;
    if constexpr (check_member<Member, Args...>()) {
      return {target_, arguments(std::forward<Args>(args)...), std::move(options)};
    }
  }

  template <auto Function, class... Args>
  [[nodiscard]] call_operation<detail::reminder_calls, Function> of_reminders(detail::call_settings options,
                                                                              Args&&... args) const {
    return {target_, {std::forward<Args>(args)...}, std::move(options)};
  }

  [[nodiscard]] auto order_reminder(detail::reminder_order order, detail::call_settings options) const {
    return of_reminders<&detail::set_reminder_of>(std::move(options), std::move(order));
  }

  template <auto Member, class... Args>
  [[nodiscard]] static detail::reminder_order make_order(std::string name, reminder_schedule when, Args&&... args) {
    if constexpr (check_member<Member, Args...>()) {
      return {std::move(name), std::move(when), std::string(Actor::methods::template name_of<Member>()),
              detail::reminder_arguments<Member>(std::forward<Args>(args)...)};
    }
  }

  template <auto Member, class... Args>
  void send(detail::call_settings options, Args&&... args) const {
    using arguments = typename detail::member_traits<decltype(Member)>::arguments;
    if constexpr (check_member<Member, Args...>()) {
      const auto timeout = options.timeout;
      detail::send_one_way(
          *target_,
          *new detail::tell_request<Actor, Member>(target_, arguments(std::forward<Args>(args)...), std::move(options)),
          timeout);
    }
  }

  template <auto Member, class... Args>
  static consteval bool check_member() {
    using arguments = typename detail::member_traits<decltype(Member)>::arguments;
    static_assert(Actor::methods::template contains<Member>, "the method is not in the actor's methods<...> list");
    static_assert(sizeof...(Args) == std::tuple_size_v<arguments>, "the call has another number of arguments");
    constexpr bool number = sizeof...(Args) == std::tuple_size_v<arguments>;
    constexpr bool convert = std::is_constructible_v<arguments, Args&&...>;
    static_assert(!number || convert, "an argument does not convert to its parameter");
    static_assert(!number || !convert || detail::keep_values<arguments, Args...>,
                  "an argument has a wider type than its parameter and would be cut: convert it yourself");
    return number && convert;
  }

  detail::activation_ptr target_;
};

template <class Actor>
class configured_ref {
 public:
  configured_ref(actor_ref<Actor> target, call_options options) : target_(std::move(target)), options_(options) {
    check(options);
  }

  template <auto Member, class... Args>
  [[nodiscard]] call_operation<Actor, Member> call(Args&&... args) const {
    if (options_.rest && options_.rest->delay.count() != 0) detail::throw_delayed_call();
    return target_.template describe<Member>(options_, std::forward<Args>(args)...);
  }

  template <auto Member, class... Args>
  void tell(Args&&... args) const {
    target_.template send<Member>(options_, std::forward<Args>(args)...);
  }

  /// As `actor_ref::schedule_reminder`, with the options of this reference.
  [[nodiscard]] auto schedule_reminder(std::string name, reminder_schedule when) const {
    return target_.order_reminder({std::move(name), std::move(when), {}, {}}, options_);
  }
  template <auto Member, class... Args>
  [[nodiscard]] auto schedule_reminder(std::string name, reminder_schedule when, Args&&... args) const {
    return target_.order_reminder(
        target_.template make_order<Member>(std::move(name), std::move(when), std::forward<Args>(args)...), options_);
  }

  template <auto Member, class... Args>
  void tell(durable_t, Args&&...) const {
    static_assert(
        detail::never<Args...>,
        "a durable message has no call options: tell it by the plain reference. One that is to leave later is "
        "a reminder (schedule_reminder), which is durable, part of the turn, and has a due time");
  }

 private:
  static void check(const call_options& options) {
    if (options.idempotency_key.size() > idempotency_key_bytes_max) {
      throw error(errc::too_large, "the idempotency key has " + std::to_string(options.idempotency_key.size()) +
                                       " bytes, the limit is " + std::to_string(idempotency_key_bytes_max));
    }
    if (options.timeout.count() < 0) {
      throw error(errc::invalid_argument, "the timeout of a call is negative; 0 means that of its method or type");
    }
    if (options.delay.count() < 0 || options.delay > delay_max) {
      throw error(errc::invalid_argument, "the delay of a message is " + std::to_string(options.delay.count()) +
                                              " ms; 0 to 100 years is asked for");
    }
  }

  actor_ref<Actor> target_;
  detail::call_settings options_;
};

}  // namespace troupe
