#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include <troupe/saga/saga_end.hpp>
#include <troupe/troupe.hpp>

#include "actors/deal_settlement.hpp"

namespace marketplace {

/// Waits for the settlement of the deal that is its key.
class clerk : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "clerk";
  static constexpr std::chrono::minutes idle_timeout{1};
  static constexpr troupe::durability persistence = troupe::durability::none();

  /// Returns when the deal is settled, or there is nothing to settle. Errors: `std::runtime_error` when the settlement
  /// waits for an operator.
  troupe::task<void> wait_for_settlement() {
    const auto target = ref<deal_settlement>(key());
    const troupe::saga_status now = co_await target.call<&deal_settlement::status>();
    if (now.phase == troupe::saga_phase::none) co_return;
    const troupe::saga_wait often{.first_pause = std::chrono::milliseconds(1)};
    const auto ended = co_await troupe::saga_end<&deal_settlement::status>(target, std::string(key()), often);
    if (!ended.ended()) throw std::runtime_error("deal " + std::string(key()) + " waits: " + ended.trouble);
  }

  using methods = troupe::methods<&clerk::wait_for_settlement>;
};

}  // namespace marketplace
