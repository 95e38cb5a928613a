#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "troupe/base/error.hpp"
#include "troupe/core/subscription.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::detail {

/// Logs that the copy of an event for a subscriber failed with the exception that is being handled. Called on the
/// strand of the publisher.
void report_uncopied() noexcept;

/// What a stream shares with its events on their way. Subscribers only on the strand of the publisher, and when nothing
/// runs any more.
template <class Event>
struct event_hub {
  std::vector<std::shared_ptr<event_queue<Event>>> subscribers;
  std::uint64_t published = 0;          // strand: number of the latest event
  std::atomic<std::size_t> holders{1};  // the stream, and its events on their way

  void deliver(const Event& event, std::uint64_t number) noexcept {
    std::erase_if(subscribers, [&](const auto& each) {
      try {
        return !each->offer(event, number);
      } catch (...) {
        report_uncopied();
        return true;
      }
    });
  }
  /// The last one, when the stream is gone and every event has arrived or was dropped, ends the subscriptions.
  void let_go() noexcept {
    if (holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    for (const auto& each : subscribers) each->finish(stream_end::left);
    subscribers.clear();
  }
};

/// An event on its way: leaves with its turn as one-way messages do, and is work of the publisher's own strand then.
template <class Event>
class event_message final : public request {
 public:
  event_message(std::shared_ptr<event_hub<Event>> hub, Event event, std::uint64_t number)
      : hub_(std::move(hub)), event_(std::move(event)), number_(number) {
    as = role::work;
    hub_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  ~event_message() override { hub_->let_go(); }

  void run() noexcept override {
    hub_->deliver(event_, number_);
    delete this;
  }
  void abandon() noexcept override { delete this; }
  void complete(std::exception_ptr) noexcept override { delete this; }

  std::coroutine_handle<task_promise_base> start(actor&) override { return nullptr; }
  void take_result(std::coroutine_handle<task_promise_base>) override {}
  void encode_reply(std::string&) const override {}
  void decode_reply(std::string_view) override {}
  [[nodiscard]] std::string_view name() const noexcept override { return "event"; }

 private:
  const std::shared_ptr<event_hub<Event>> hub_;
  const Event event_;
  const std::uint64_t number_;
};

/// The activation whose turn's code the calling thread runs. Throws `std::logic_error` outside a turn.
[[nodiscard]] activation_ptr publishing_turn(const char* what);

/// Throws `error` when `value` is not 1 to `most`.
void check_stream_limit(const char* name, std::size_t value, std::size_t most);

}  // namespace troupe::detail

namespace troupe {

/// Most events that may wait for one subscriber, and most subscribers of one stream.
inline constexpr std::size_t stream_queue_max = 1'000'000;
inline constexpr std::size_t stream_subscribers_max = 100'000;

/// How somebody subscribes.
struct subscribe_options {
  /// Events that may wait for the subscriber, 1 to `stream_queue_max`. One more, and the subscription is dropped: what
  /// waits can still be taken, then `subscription::ended` says `slow`.
  std::size_t queue_max = 1000;
};

/// The events that an actor publishes, to outside code and to other actors: a member of the actor, one for each type of
/// event.
///
/// An event leaves with its turn, when that is durable, and not at all when the turn fails; events arrive in the order
/// in which they were published; those of turns that overlap (`interleave`), in the order in which the turns end, and a
/// subscriber does not get what was published before its subscription by a turn that is still under way. They are not
/// stored: a subscriber gets what is published while it is subscribed. A
/// handler hands subscriptions out: `troupe::subscription<price> watch() { return prices_.subscribe(); }`. When the
/// actor leaves memory its subscriptions end with `stream_end::left`; whoever wants to go on subscribes anew.
///
/// A subscriber whose copy of an event throws is dropped with `stream_end::failed`, which is logged; the others go on.
///
/// Requires: Event is copyable. Thread-safety: the owning strand. Complexity: publishing is linear in the subscribers.
template <class Event>
class event_stream {
  static_assert(std::is_copy_constructible_v<Event> && std::is_nothrow_move_constructible_v<Event>,
                "an event is copied for each subscriber, and moved without a throw");

 public:
  /// `subscribers_max`: 1 to `stream_subscribers_max`. Throws `error{errc::invalid_argument}` when it is not.
  explicit event_stream(std::size_t subscribers_max = 1000) : subscribers_max_(subscribers_max) {
    detail::check_stream_limit("subscribers_max", subscribers_max, stream_subscribers_max);
  }
  event_stream(const event_stream&) = delete;
  event_stream& operator=(const event_stream&) = delete;
  ~event_stream() { hub_->let_go(); }

  /// Sends `event` to all subscribers when the running turn is durable. Throws `std::logic_error` outside a turn.
  void publish(Event event) {
    static_cast<void>(detail::publishing_turn("publish"));
    const std::uint64_t number = ++hub_->published;
    if (hub_->subscribers.empty()) return;
    detail::run_after_commit(*new detail::event_message<Event>(hub_, std::move(event), number));
  }

  /// Subscribes to the events that are published from here on, also by this turn.
  /// Throws `error{errc::invalid_argument}` for options out of range, `errc::too_large` past `subscribers_max`,
  /// `std::logic_error` outside a turn.
  [[nodiscard]] subscription<Event> subscribe(const subscribe_options& options = {}) {
    detail::activation_ptr self = detail::publishing_turn("subscribe");
    detail::check_stream_limit("subscribe_options::queue_max", options.queue_max, stream_queue_max);
    std::erase_if(hub_->subscribers, [](const auto& each) { return !each->open(); });
    if (hub_->subscribers.size() >= subscribers_max_) {
      throw error(errc::too_large,
                  "the stream has " + std::to_string(subscribers_max_) + " subscribers, and takes no more");
    }
    auto queue = std::make_shared<detail::event_queue<Event>>(hub_->published + 1, options.queue_max);
    hub_->subscribers.push_back(queue);
    return subscription<Event>(std::move(queue), std::move(self));
  }

  /// Those who are subscribed.
  [[nodiscard]] std::size_t subscribers() const {
    return static_cast<std::size_t>(std::count_if(hub_->subscribers.begin(), hub_->subscribers.end(),
                                                  [](const auto& each) { return each->open(); }));
  }

 private:
  std::shared_ptr<detail::event_hub<Event>> hub_ = std::make_shared<detail::event_hub<Event>>();
  const std::size_t subscribers_max_;
};

}  // namespace troupe
