#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <system_error>

namespace troupe {

/// What went wrong, cut by what the caller may do now. What a group says of the effect holds where the error comes
/// from; one that has passed through the handler of another actor may say more, see `error::effect`.
enum class errc : int {
  // Nothing happened, and trying again unchanged cannot help.
  invalid_argument = 1,  ///< an id, option, URI or argument breaks a documented rule
  unknown_type,          ///< no actor type of that name is hosted here
  unknown_method,        ///< the type has no method of that name
  too_large,             ///< a key, message or state exceeds a documented limit
  not_encodable,         ///< the operation needs an encoding that a value does not have
  bad_state,             ///< stored state is damaged, foreign or of a newer schema version, or the store refuses it
  too_deep,              ///< a chain of calls came back to one actor more often than its type allows
  would_block,           ///< a blocking wait was asked for on a thread of the runtime itself

  // Nothing happened; the same call may be tried again.
  unavailable,        ///< the store or the actor cannot be reached now
  activation_failed,  ///< the actor could not be activated; the message never ran
  shutting_down,      ///< the runtime takes no more work. For a call whose turn it dropped the effect is unknown
  quarantined,        ///< the actor could not be activated several times in a row, and is left alone for a while
  deadlock,           ///< the call would have closed a circle of actors that wait for each other
  overloaded,         ///< too much waits already; `error::retry_after` says when to try again

  // Nothing happened; read again, decide again, write again.
  conflict,  ///< someone else wrote the actor in the meantime

  // The call ended before its answer; `error::effect` says whether the turn may have run. Try again later.
  timeout,    ///< its time was over: the message names the phase, and the time spent in each
  cancelled,  ///< its caller gave it up

  // The effect may have happened: ask (or retry with the same idempotency key).
  commit_unknown,  ///< the store did not say whether the turn was committed
};

/// Whether the effect of a failed operation may be there all the same.
enum class effect {
  none,     ///< it is certain that nothing happened
  unknown,  ///< it may have happened
};

/// The category of `errc` ("troupe").
[[nodiscard]] const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// Returns whether an operation that failed with `code` may have had its effect, when the error itself does not say.
[[nodiscard]] effect effect_of(errc code) noexcept;

/// Returns whether the same call may succeed when it is made again. With an idempotency key that is safe; without one,
/// only when nothing happened, see `error::effect`.
[[nodiscard]] bool may_succeed_later(errc code) noexcept;

/// The one exception type of the library. What a handler throws reaches its caller with its own type instead.
///
/// `what()` says what happened, to what, in which phase, and what to do.
class error : public std::runtime_error {
 public:
  error(errc code, const std::string& what) : error(code, what, effect_of(code)) {}
  error(errc code, const std::string& what, troupe::effect may_have)
      : std::runtime_error(what), code_(code), effect_(may_have) {}
  error(errc code, const std::string& what, std::chrono::milliseconds retry_after)
      : error(code, what, effect_of(code), retry_after) {}
  error(errc code, const std::string& what, troupe::effect may_have, std::chrono::milliseconds retry_after)
      : std::runtime_error(what), code_(code), effect_(may_have), retry_after_(retry_after) {}

  [[nodiscard]] std::error_code code() const noexcept { return make_error_code(code_); }
  [[nodiscard]] errc kind() const noexcept { return code_; }

  /// Whether the effect may have happened in spite of the error. A handler that lets an error out whose effect is
  /// `none` gives it to its caller with `unknown` when other calls that the handler made may have had an effect;
  /// an object of a class derived from this one keeps what it was made with.
  [[nodiscard]] troupe::effect effect() const noexcept { return effect_; }

  /// With `errc::overloaded`: how long to wait before the next try, estimated from how fast what waits is worked off; 1
  /// ms to 60 s. Callers add some randomness of their own, or they all come back at once. 0 with other codes.
  [[nodiscard]] std::chrono::milliseconds retry_after() const noexcept { return retry_after_; }

 private:
  errc code_;
  troupe::effect effect_;
  std::chrono::milliseconds retry_after_{0};
};

}  // namespace troupe

template <>
struct std::is_error_code_enum<troupe::errc> : std::true_type {};
