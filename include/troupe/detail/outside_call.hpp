#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/cancellation_type.hpp>

#include "troupe/detail/message.hpp"
#include "troupe/detail/recycled.hpp"
#include "troupe/detail/typed_request.hpp"
#include "troupe/fwd.hpp"

namespace troupe::detail {

/// How an answer reaches a caller outside.
enum class delivery : std::uint8_t {
  usual,    ///< the runtime runs
  refused,  ///< on the caller's own thread, inside the call's initiation
  at_end,   ///< the runtime's threads are gone
};

/// A call from outside the actors while it is under way. The runtime watches its deadline, so that it is answered in
/// time even when the actor's thread is stuck in a handler; the request node lives on until the actor lets go of it.
class outside_call {
 public:
  outside_call(const outside_call&) = delete;
  outside_call& operator=(const outside_call&) = delete;

  /// Answers the caller, once. With an exception it does not touch what a running handler may be using.
  virtual void deliver(std::exception_ptr failure, delivery how) noexcept = 0;

  activation_ptr target;    // constant from send to end
  request* node = nullptr;  // constant from send to end
  std::uint32_t place = 0;  // guarded by the watch's shard: its entry there
  std::uint8_t shard = 0;   // constant once sent
  bool sent = false;        // constant once sent: the watch knows it
  // Guarded by the watch's shard:
  bool watched : 1 = false;  // it has an entry there
  bool overdue : 1 = false;  // the actor was told to give it up
  bool answered : 1 = false;
  bool leaving : 1 = false;  // the watch is about to answer it: it must stay until that is done

 protected:
  outside_call() noexcept = default;
  ~outside_call() = default;
};

/// Sends a call from outside, or made with a completion token inside a handler, and watches its deadline. `timeout` 0:
/// that of the callee's type. A runtime that shuts down delivers `shutting_down`.
void send_watched(outside_call& call, std::chrono::milliseconds timeout) noexcept;

/// Says that the caller is about to be answered. Returns whether it still is to be.
[[nodiscard]] bool end_watch(outside_call& call) noexcept;

/// Tells the actor that the caller gives the call up: it is answered with `errc::cancelled`. One that runs is
/// signalled; it is answered at once too, but for cancellation type `total`, which asks for no effect: then the turn's
/// own end is the answer.
void cancel_outside(outside_call& call, boost::asio::cancellation_type type) noexcept;

/// The request of a call from outside: `deliver` is left to say where the answer goes.
template <class Actor, auto Member>
class outside_request : public typed_request<Actor, Member>, public outside_call, public recycled {
  using base = typed_request<Actor, Member>;

 public:
  outside_request(activation_ptr to, typename base::arguments&& args, call_settings options) : base(std::move(args)) {
    this->set_options(std::move(options));
    target = std::move(to);
    node = this;
  }

  void send() noexcept { send_watched(*this, this->timeout()); }

  void complete(std::exception_ptr failure) noexcept override { end(std::move(failure), delivery::usual); }
  void abandon() noexcept override { end(stopped_error(turn_stage::waiting), delivery::at_end); }
  void abandon_in_doubt(turn_stage at) noexcept override { end(stopped_error(at), delivery::at_end); }
  void refuse() noexcept override { end(stopped_error(turn_stage::waiting), delivery::refused); }
  request* leave_to_turn(std::exception_ptr why) noexcept override {
    if (end_watch(*this)) deliver(std::move(why), delivery::usual);
    return this;
  }

 private:
  void end(std::exception_ptr failure, delivery how) noexcept {
    if (end_watch(*this)) deliver(std::move(failure), how);
    delete this;
  }
};

/// What a cancellation slot shares with a call, which may end before the slot is used.
class cancel_link {
 public:
  explicit cancel_link(outside_call& call) noexcept : call_(&call) {}

  void cancel(boost::asio::cancellation_type type) noexcept {
    const std::scoped_lock lock(mutex_);
    if (call_ != nullptr) cancel_outside(*call_, type);
  }
  void forget() noexcept {
    const std::scoped_lock lock(mutex_);
    call_ = nullptr;
  }

 private:
  std::mutex mutex_;
  outside_call* call_;  // guarded by mutex_; null once answered
};

}  // namespace troupe::detail
