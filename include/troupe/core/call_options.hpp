#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "troupe/core/request_context.hpp"

namespace troupe {

/// Longest idempotency key, in bytes.
inline constexpr std::size_t idempotency_key_bytes_max = 128;

/// As a timeout: the call waits as long as it takes.
inline constexpr std::chrono::milliseconds no_timeout = std::chrono::milliseconds::max();

/// Longest delay of a one-way message: 100 years.
inline constexpr std::chrono::hours delay_max{24 * 365 * 100};

/// How one call is made. Read, and copied, when it is given to `actor_ref::with`; a trivial type, because g++ 12
/// destroys braced aggregates with members that own memory twice when they are written inside a `co_await` expression.
struct call_options {
  /// Makes the call exactly-once in effect: the turn and its reply are committed together under this key, and a later
  /// call of the same actor with the same key gets that reply without running again, also after a crash. The actor
  /// remembers the keys of its type's `request_window`. 0 to 128 bytes, any; empty: no key.
  /// Requires: the method's result can be encoded as JSON.
  std::string_view idempotency_key{};

  /// How long the answer may take, from 1 ms, or `no_timeout`. 0, the default, means the method's timeout, else that of
  /// the type (`actor_type_options::call_timeout`). A call that a handler awaits never has longer than is left of the
  /// call that the handler itself answers. A one-way message has no timeout unless one is given here; it is dropped,
  /// and that logged, when its time is over before it was begun.
  std::chrono::milliseconds timeout{0};

  /// What travels with the call and all that comes of it, instead of what travels with the running turn. Null: that,
  /// and nothing outside a turn.
  const request_context* context = nullptr;

  /// For one-way messages alone: how long one waits before it goes to its receiver, 0 to `delay_max`. It leaves its
  /// turn as ever, when that is committed, and not at all when the turn fails; the delay counts from then, and from
  /// the call outside a turn. Meanwhile it waits in the runtime, whose end loses it, and counts in its
  /// `overload_limits`; the receiver is neither activated nor kept in memory. What travels with it is what travelled
  /// when it was sent; its timeout counts from when it is due.
  /// A call that is awaited, and a durable message, have none: those are refused.
  std::chrono::milliseconds delay{0};
};

namespace detail {

/// Call options with memory of their own. Few calls have a key, a context or a delay, and every message has room for
/// this.
struct call_settings {
  struct seldom {
    std::string key;
    request_context context;
    std::chrono::milliseconds delay{0};
  };

  call_settings() = default;
  explicit call_settings(const call_options& from)
      : rest(from.idempotency_key.empty() && from.context == nullptr && from.delay.count() == 0
                 ? nullptr
                 : std::make_unique<seldom>(seldom{std::string(from.idempotency_key),
                                                   from.context != nullptr ? *from.context : request_context(),
                                                   from.delay})),
        timeout(from.timeout) {}
  call_settings(const call_settings& other)
      : rest(other.rest ? std::make_unique<seldom>(*other.rest) : nullptr), timeout(other.timeout) {}
  call_settings(call_settings&&) noexcept = default;
  call_settings& operator=(call_settings&&) noexcept = default;
  call_settings& operator=(const call_settings&) = delete;
  ~call_settings() = default;

  [[nodiscard]] std::string_view idempotency_key() const noexcept {
    return rest ? std::string_view(rest->key) : std::string_view();
  }
  [[nodiscard]] std::chrono::milliseconds delay() const noexcept {
    return rest ? rest->delay : std::chrono::milliseconds{0};
  }

  std::unique_ptr<seldom> rest;
  std::chrono::milliseconds timeout{0};
};

/// Refuses the delay of a call whose answer is awaited. Throws `error{errc::invalid_argument}`.
[[noreturn]] void throw_delayed_call();

}  // namespace detail
}  // namespace troupe
