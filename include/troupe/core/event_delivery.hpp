#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/core/actor_ref.hpp"
#include "troupe/core/subscription.hpp"

namespace troupe::detail {

/// Logs that an actor's handler failed for an event.
void report_undelivered(internal::activation& publisher, const actor_id& subscriber, std::string_view method,
                        const std::exception_ptr& failure) noexcept;

/// Takes events and calls an actor with them, the next when the last was handled.
template <class Event, class Actor, auto OnEvent, auto OnEnd>
class event_pump final : public std::enable_shared_from_this<event_pump<Event, Actor, OnEvent, OnEnd>> {
 public:
  event_pump(subscription<Event> from, activation_ptr publisher, actor_ref<Actor> to)
      : from_(std::move(from)), publisher_(std::move(publisher)), to_(std::move(to)) {}

  void take() {
    from_.async_next([self = this->shared_from_this()](boost::system::error_code, std::optional<Event> event) {
      if (event) {
        self->hand_over(std::move(*event));
      } else {
        self->end();
      }
    });
  }
  void unsubscribe() noexcept { from_.unsubscribe(); }

 private:
  void hand_over(Event event) {
    to_.template call<OnEvent>(std::move(event))([self = this->shared_from_this()](std::exception_ptr failure) {
      if (failure) {
        report_undelivered(*self->publisher_, self->to_.id(), Actor::methods::template name_of<OnEvent>(), failure);
      }
      self->take();
    });
  }
  void end() {
    if constexpr (!std::is_same_v<decltype(OnEnd), std::nullptr_t>) {
      const stream_end why = from_.ended();
      if (why != stream_end::unsubscribed) to_.template tell<OnEnd>(why);
    }
  }

  subscription<Event> from_;
  const activation_ptr publisher_;
  const actor_ref<Actor> to_;
};

}  // namespace troupe::detail

namespace troupe {

/// Keeps the events coming that `deliver` hands to an actor; destroying it unsubscribes. As a plain member of the
/// subscribing actor it ends with the activation. Thread-safety: one thread at a time.
class [[nodiscard]] event_delivery {
 public:
  event_delivery() = default;

  /// Hands over nothing more, but for an event that is on its way.
  void stop() noexcept { keeps_.reset(); }

 private:
  template <auto OnEvent, auto OnEnd, class Event, class Actor>
  friend event_delivery deliver(subscription<Event> from, actor_ref<Actor> to);

  explicit event_delivery(std::shared_ptr<void> keeps) noexcept : keeps_(std::move(keeps)) {}

  std::shared_ptr<void> keeps_;
};

/// Calls `OnEvent` of an actor with each event of a subscription, in their order: the next when the last was handled,
/// so that no more than the subscription's queue ever waits. `OnEvent` takes the event and returns nothing. A handler
/// that fails is logged, and the event counts as handled. When the stream ends, slow subscribers included, `OnEnd`, if
/// there is one, gets the `stream_end`.
template <auto OnEvent, auto OnEnd, class Event, class Actor>
event_delivery deliver(subscription<Event> from, actor_ref<Actor> to) {
  using traits = detail::member_traits<decltype(OnEvent)>;
  static_assert(std::is_void_v<typename traits::result>, "a handler of events returns task<void> or nothing");
  using pump = detail::event_pump<Event, Actor, OnEvent, OnEnd>;
  detail::activation_ptr publisher = from.publisher_;
  if (!publisher) return event_delivery();
  auto running = std::make_shared<pump>(std::move(from), std::move(publisher), std::move(to));
  running->take();
  return event_delivery(std::shared_ptr<void>(running.get(), [running](void*) { running->unsubscribe(); }));
}

}  // namespace troupe
