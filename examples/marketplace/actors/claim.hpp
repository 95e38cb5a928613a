#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/troupe.hpp>

namespace marketplace {

/// What a claim was taken for.
struct claimed {
  std::string purpose;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(claimed, purpose)

/// Remembers what a store is used for, since a sale or a deal is known by its number within one file or one market.
class claim : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "claim";

  // The claims that a store has, by key.
  static constexpr std::string_view of_replay = "replay";
  static constexpr std::string_view of_negotiation = "negotiation";

  /// Takes the claim for a purpose; doing so again changes nothing.
  /// Errors: `std::invalid_argument` when it is taken for another one.
  void take(std::string purpose) {
    if (claimed_->purpose == purpose) return;
    if (claimed_.exists()) {
      throw std::invalid_argument("the store holds " + claimed_->purpose + ", and not " + purpose +
                                  "; name another --store");
    }
    claimed_.edit().purpose = std::move(purpose);
  }

  using methods = troupe::methods<&claim::take>;

 private:
  troupe::state<claimed> claimed_{*this, "claimed"};
};

}  // namespace marketplace
