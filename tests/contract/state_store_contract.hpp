#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "contract/store_client.hpp"
#include "troupe/spi/state_store.hpp"

/// Every sentence of troupe/spi/state_store.hpp that a driver must keep, as a function that says where it does not.
namespace troupe::contract {

/// Where a driver keeps actors: a file, a database, an object in memory. Empty when made, removed with this object.
class store_place {
 public:
  virtual ~store_place() = default;

  /// Opens one more store on the place; several may be open at once, as hosts of a cluster would.
  [[nodiscard]] virtual std::shared_ptr<spi::state_store> open() = 0;

  /// Opens one for which cells of this many bytes are large, where a store of the driver can be told so.
  [[nodiscard]] virtual std::shared_ptr<spi::state_store> open_with(std::size_t /*large_cell_bytes*/) { return open(); }
};

/// Largest record that the stores of a place accept: small, so that the limit is cheap to reach.
inline constexpr std::size_t record_bytes_max = 64 * 1024;

/// What a driver adds to run the suite.
struct driver {
  std::string name;  ///< [A-Za-z0-9_]
  std::function<std::unique_ptr<store_place>()> make_place;
};

using violations = std::vector<std::string>;

/// One rule. `check` returns how the stores of an empty place break it; empty: they keep it.
struct clause {
  const char* name;
  violations (*check)(store_place& place);
};

// What GoogleTest prints of a parameter.
inline void PrintTo(const driver& driver, std::ostream* out) { *out << driver.name; }
inline void PrintTo(const clause& clause, std::ostream* out) { *out << clause.name; }

/// All clauses, each of which runs on a place of its own.
[[nodiscard]] std::vector<clause> state_store_clauses();

// The clauses by subject; one file each.
[[nodiscard]] std::span<const clause> commit_clauses();
[[nodiscard]] std::span<const clause> content_clauses();
[[nodiscard]] std::span<const clause> cell_clauses();
[[nodiscard]] std::span<const clause> message_clauses();
[[nodiscard]] std::span<const clause> log_clauses();
[[nodiscard]] std::span<const clause> item_clauses();
[[nodiscard]] std::span<const clause> lease_clauses();
[[nodiscard]] std::span<const clause> size_clauses();
[[nodiscard]] std::span<const clause> query_clauses();
[[nodiscard]] std::span<const clause> life_clauses();

}  // namespace troupe::contract
