#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/system_executor.hpp>

#include "troupe/detail/event_queue.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::detail {

/// Starts a wait for the next event when its completion token has become a handler.
template <class Event>
struct next_event_initiation {
  // Not an aggregate: see `call_initiation`.
  next_event_initiation() noexcept {}  // NOLINT(modernize-use-equals-default)

  template <class Handler>
  void operator()(Handler handler, const std::shared_ptr<event_queue<Event>>& queue,
                  const boost::asio::any_io_executor& otherwise) const {
    const auto slot = boost::asio::get_associated_cancellation_slot(handler);
    auto waiter = std::make_unique<handler_waiter<Event, Handler>>(std::move(handler), otherwise);
    // Before the wait begins: afterwards the handler, and with it the slot, may be gone already.
    if (auto open_slot = slot; open_slot.is_connected()) {
      open_slot.assign([link = std::weak_ptr<event_queue<Event>>(queue),
                        number = queue->number_of_next_wait()](boost::asio::cancellation_type type) {
        if (type == boost::asio::cancellation_type::none) return;
        if (const auto there = link.lock()) there->cancel(number);
      });
    }
    queue->wait(std::move(waiter));
  }
};

}  // namespace troupe::detail

namespace troupe {

template <class Event>
class event_stream;
template <class Event>
class subscription;
class event_delivery;
template <auto OnEvent, auto OnEnd = nullptr, class Event, class Actor>
event_delivery deliver(subscription<Event> from, actor_ref<Actor> to);

/// The receiving end of an actor's events, made by `event_stream::subscribe`. Destroying it, or assigning another,
/// unsubscribes.
///
/// Thread-safety: one thread at a time. Lifetime: may outlive the runtime.
template <class Event>
class subscription {
 public:
  /// Subscribed to nothing: it has ended.
  subscription() = default;
  subscription(subscription&& other) noexcept = default;
  subscription& operator=(subscription&& other) noexcept {
    if (this != &other) {
      unsubscribe();
      queue_ = std::move(other.queue_);
      publisher_ = std::move(other.publisher_);
    }
    return *this;
  }
  ~subscription() { unsubscribe(); }

  /// Gives the next event, or nothing when there are no more; `ended` says why. Events come in the order in which the
  /// actor published them. Signature `void(boost::system::error_code, std::optional<Event>)`; the handler is posted to
  /// its associated executor, by default a thread of the runtime. One wait at a time.
  /// Cancellation: by the token's slot, with `operation_aborted`; no event is lost. Type `none` does nothing.
  template <class CompletionToken>
  auto async_next(CompletionToken&& token) {
    if (!queue_) {
      queue_ = std::make_shared<detail::event_queue<Event>>(0, 1);
      queue_->finish(stream_end::unsubscribed);
    }
    const boost::asio::any_io_executor otherwise =
        publisher_ ? detail::io_executor_of(*publisher_) : boost::asio::any_io_executor(boost::asio::system_executor());
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code, std::optional<Event>)>(
        detail::next_event_initiation<Event>(), token, queue_, otherwise);
  }

  /// The same for `co_await`, in a handler as in an `asio::awaitable`.
  auto next() { return async_next(boost::asio::deferred); }

  /// Why there are no more events; `none` while there may be.
  [[nodiscard]] stream_end ended() const { return queue_ ? queue_->ended() : stream_end::unsubscribed; }

  /// Takes no more events. A wait for one ends, with nothing.
  void unsubscribe() noexcept {
    if (queue_) queue_->finish(stream_end::unsubscribed);
  }

 private:
  friend class event_stream<Event>;
  template <auto OnEvent, auto OnEnd, class Other, class Actor>
  friend event_delivery deliver(subscription<Other> from, actor_ref<Actor> to);

  subscription(std::shared_ptr<detail::event_queue<Event>> queue, detail::activation_ptr publisher) noexcept
      : queue_(std::move(queue)), publisher_(std::move(publisher)) {}

  std::shared_ptr<detail::event_queue<Event>> queue_;
  detail::activation_ptr publisher_;
};

}  // namespace troupe
