#include <atomic>
#include <string>
#include <utility>

#include "contract/closing_place.hpp"
#include "contract/drivers.hpp"
#include "stores/postgres/store_of_parts.hpp"
#include "support/postgres_server.hpp"
#include "troupe/stores/postgres.hpp"

namespace troupe::contract {
namespace {

testing_support::postgres_server& server() {
  // No clause kills it: what its disk would cost is saved.
  static testing_support::postgres_server server(testing_support::postgres_fsync::off);
  return server;
}

/// A schema of the place's own, dropped with it.
class postgres_place final : public closing_place {
 public:
  /// `options` without connection and schema.
  explicit postgres_place(stores::postgres_options options, std::size_t part_rows)
      : options_(std::move(options)), part_rows_(part_rows) {
    static std::atomic<int> places = 0;
    options_.connection = server().uri();
    options_.schema = "place_" + std::to_string(++places);
    options_.record_bytes_max = record_bytes_max;
  }
  ~postgres_place() override {
    close_all();
    server().sql("DROP SCHEMA IF EXISTS " + options_.schema + " CASCADE");
  }

 private:
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one() override {
    return internal::postgres_store_of_parts(options_, part_rows_);
  }
  [[nodiscard]] std::shared_ptr<spi::state_store> open_one_with(std::size_t large_cell_bytes) override {
    stores::postgres_options options = options_;
    options.large_cell_bytes = large_cell_bytes;
    return internal::postgres_store_of_parts(options, part_rows_);
  }

  stores::postgres_options options_;
  const std::size_t part_rows_;
};

driver postgres_driver(const std::string& name, const stores::postgres_options& options,
                       std::size_t part_rows = 10'000) {
  return {name, [=] { return std::make_unique<postgres_place>(options, part_rows); }};
}

}  // namespace

std::vector<driver> drivers() {
  stores::postgres_options bytea;
  bytea.state = stores::postgres_state::bytea;
  stores::postgres_options packed;
  packed.large_cell_bytes = 0;
  packed.compress_bytes_min = 1;
  return {postgres_driver("Postgres", {}), postgres_driver("PostgresBytea", bytea),
          postgres_driver("PostgresOfPackedCells", packed), postgres_driver("PostgresOfSmallParts", {}, 1)};
}

}  // namespace troupe::contract
