#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>

#include "troupe/fwd.hpp"

namespace troupe {

/// Why a subscription gives no more events.
enum class stream_end : std::uint8_t {
  none,          ///< it has not ended
  slow,          ///< its queue was full: events were lost, and it was dropped
  left,          ///< the actor that publishes left memory
  unsubscribed,  ///< it was given up by the subscriber, or never made
  failed,        ///< the copy of an event threw: that event was lost, and it was dropped
};

}  // namespace troupe

namespace troupe::detail {

/// Somebody who waits for the next event of a queue.
template <class Event>
class event_waiter {
 public:
  event_waiter() = default;
  event_waiter(const event_waiter&) = delete;
  event_waiter& operator=(const event_waiter&) = delete;
  virtual ~event_waiter() = default;

  /// Posts the completion handler; called once.
  virtual void complete(boost::system::error_code failure, std::optional<Event> event) = 0;
};

/// The same with a completion handler.
template <class Event, class Handler>
class handler_waiter final : public event_waiter<Event> {
 public:
  handler_waiter(Handler handler, const boost::asio::any_io_executor& otherwise)
      : handler_(std::move(handler)),
        executor_(boost::asio::prefer(boost::asio::get_associated_executor(handler_, otherwise),
                                      boost::asio::execution::outstanding_work.tracked)) {}

  void complete(boost::system::error_code failure, std::optional<Event> event) override {
    boost::asio::post(executor_, [handler = std::move(handler_), failure, event = std::move(event)]() mutable {
      std::move(handler)(failure, std::move(event));
    });
  }

 private:
  using handler_executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
  using tracked_executor = std::decay_t<decltype(boost::asio::prefer(
      std::declval<handler_executor>(), boost::asio::execution::outstanding_work.tracked))>;

  Handler handler_;
  tracked_executor executor_;
};

/// The events that wait for one subscriber. Thread-safety: any thread.
template <class Event>
class event_queue {
  using waiter_ptr = std::unique_ptr<event_waiter<Event>>;

 public:
  /// Takes events with a number of at least `from`, and holds at most `events_max`.
  event_queue(std::uint64_t from, std::size_t events_max) noexcept : from_(from), events_max_(events_max) {}

  /// Puts a copy of an event behind the others. Returns false when the subscription has ended. When the copy throws,
  /// the subscription ends with `failed`, and the exception comes out.
  bool offer(const Event& event, std::uint64_t number) {
    std::unique_lock lock(mutex_);
    if (end_ != stream_end::none) return false;
    if (number < from_) return true;
    if (!waiter_ && events_.size() == events_max_) {
      end_ = stream_end::slow;
      return false;
    }
    std::optional<Event> copy;
    try {
      if (waiter_) {
        copy.emplace(event);
      } else {
        events_.push_back(event);
      }
    } catch (...) {
      end_ = stream_end::failed;
      const waiter_ptr waiter = std::move(waiter_);
      lock.unlock();
      if (waiter) waiter->complete({}, std::nullopt);
      throw;
    }
    const waiter_ptr waiter = std::move(waiter_);
    lock.unlock();
    if (waiter) waiter->complete({}, std::move(copy));
    return true;
  }

  /// Ends the subscription. What waits can still be taken, unless the subscriber itself has ended it.
  void finish(stream_end why) {
    std::unique_lock lock(mutex_);
    if (end_ == stream_end::none || why == stream_end::unsubscribed) end_ = why;
    if (why == stream_end::unsubscribed) events_.clear();
    const waiter_ptr waiter = std::move(waiter_);
    lock.unlock();
    if (waiter) waiter->complete({}, std::nullopt);
  }

  /// The number of the next wait, for `cancel`.
  [[nodiscard]] std::uint64_t number_of_next_wait() const {
    const std::scoped_lock lock(mutex_);
    return waits_ + 1;
  }

  /// Completes `waiter` with the next event, or with none at the end. It may be completed before this returns.
  /// Throws `std::logic_error` when somebody waits already.
  void wait(waiter_ptr waiter) {
    std::unique_lock lock(mutex_);
    if (waiter_) throw std::logic_error("troupe::subscription: two waits for the next event at a time");
    ++waits_;
    if (events_.empty() && end_ == stream_end::none) {
      waiter_ = std::move(waiter);
      return;
    }
    std::optional<Event> event;
    if (!events_.empty()) {
      event.emplace(std::move(events_.front()));
      events_.pop_front();
    }
    lock.unlock();
    waiter->complete({}, std::move(event));
  }

  /// Calls a wait off, if it still waits.
  void cancel(std::uint64_t wait) {
    std::unique_lock lock(mutex_);
    if (wait != waits_ || !waiter_) return;
    const waiter_ptr waiter = std::move(waiter_);
    lock.unlock();
    waiter->complete(boost::asio::error::operation_aborted, std::nullopt);
  }

  /// Why there is nothing more to be taken.
  [[nodiscard]] stream_end ended() const {
    const std::scoped_lock lock(mutex_);
    return events_.empty() ? end_ : stream_end::none;
  }

  [[nodiscard]] bool open() const {
    const std::scoped_lock lock(mutex_);
    return end_ == stream_end::none;
  }

 private:
  const std::uint64_t from_;
  const std::size_t events_max_;
  mutable std::mutex mutex_;
  std::deque<Event> events_;           // guarded by mutex_
  waiter_ptr waiter_;                  // guarded by mutex_; then no event waits
  std::uint64_t waits_ = 0;            // guarded by mutex_
  stream_end end_ = stream_end::none;  // guarded by mutex_
};

/// Where completion handlers run that have no executor of their own.
[[nodiscard]] boost::asio::any_io_executor io_executor_of(internal::activation& target);

}  // namespace troupe::detail
