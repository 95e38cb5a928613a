#pragma once

#include <memory>
#include <string>
#include <vector>

#include "contract/state_store_contract.hpp"

namespace troupe::contract {

/// A driver that breaks one rule, and the clause that must notice.
struct broken_driver {
  std::string fault;  ///< [A-Za-z0-9]: what it does wrong
  std::string noticed_by;
  std::function<std::unique_ptr<store_place>()> make_place;
};

inline void PrintTo(const broken_driver& broken, std::ostream* out) { *out << broken.fault; }

[[nodiscard]] std::vector<broken_driver> broken_drivers();

/// Returns a place of wrapped stores that change nothing.
[[nodiscard]] std::unique_ptr<store_place> untampered_place();

// By subject; one file each.
[[nodiscard]] std::vector<broken_driver> drivers_that_commit_wrongly();
[[nodiscard]] std::vector<broken_driver> drivers_that_read_wrongly();
[[nodiscard]] std::vector<broken_driver> drivers_that_live_wrongly();
[[nodiscard]] std::vector<broken_driver> drivers_that_lose_messages();
[[nodiscard]] std::vector<broken_driver> drivers_that_lose_parts();

}  // namespace troupe::contract
