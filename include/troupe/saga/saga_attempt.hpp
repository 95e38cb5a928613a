#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "troupe/core/actor_ref.hpp"

namespace troupe {

/// One try of a step or of its compensation: whose it is, and the keys that make its calls exactly-once in effect.
///
/// Every try of the same step has the same keys, also after a crash: a participant that has done it already answers
/// with the reply it gave then. Lifetime: until the step returns.
class saga_attempt {
 public:
  /// `refusal` is where `refuse` puts its reason; it outlives the try.
  saga_attempt(std::string id, std::string step, bool undo, std::string* refusal = nullptr)
      : id_(std::move(id)), step_(std::move(step)), undo_(undo), refusal_(refusal) {}

  /// The saga's id, and the step's name.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& step() const noexcept { return step_; }

  /// The idempotency key of the step's call: `id/step`, for a compensation `id/undo step`, with a label `...#label`.
  /// Labels tell several calls apart that one step makes to the same actor.
  /// Throws `error{errc::invalid_argument}` for a label that is no name, see `is_saga_name`.
  [[nodiscard]] std::string key(std::string_view label = {}) const;

  /// Refuses the step when it returns, as a throw does, but what it changed in its coordinator is kept, and nothing is
  /// logged: for the refusals that are to be expected. `why` is not empty.
  void refuse(std::string_view why) const {
    if (refusal_ != nullptr) *refusal_ = why;
  }

  /// The reference whose calls carry the step's key, and `options` otherwise.
  template <class Actor>
  [[nodiscard]] configured_ref<Actor> with(const actor_ref<Actor>& target, std::string_view label = {},
                                           call_options options = {}) const {
    const std::string name = key(label);
    options.idempotency_key = name;
    return target.with(options);
  }

 private:
  std::string id_;
  std::string step_;
  bool undo_;
  std::string* refusal_;
};

}  // namespace troupe
