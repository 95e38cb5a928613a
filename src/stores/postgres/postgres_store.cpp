#include <utility>

#include "base/system_clock.hpp"
#include "stores/postgres/connection_string.hpp"
#include "stores/postgres/postgres_reader.hpp"
#include "stores/postgres/postgres_schema.hpp"
#include "stores/postgres/postgres_writer.hpp"
#include "stores/postgres/store_of_parts.hpp"
#include "stores/rules/commit_rules.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/postgres.hpp"

namespace troupe::stores {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;
constexpr std::size_t schema_bytes_max = 63;

class postgres_state_store final : public spi::state_store {
 public:
  postgres_state_store(const postgres_options& options, internal::pg_place place)
      : place_(std::move(place)),
        clock_(internal::make_system_clock()),
        entropy_(internal::make_system_entropy()),
        purger_(place_, clock_, entropy_),
        writer_(place_, lease_, purger_, options.connections, clock_, entropy_),
        reader_(place_, lease_, clock_, entropy_) {
    limits_.record_bytes_max = options.record_bytes_max;
    limits_.large_cell_bytes = options.large_cell_bytes;
    limits_.batch_records_max = internal::commit_queue::batch_records_max;
  }

  ~postgres_state_store() override { close_threads(); }

  [[nodiscard]] std::string_view name() const noexcept override { return "postgres"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return limits_; }
  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override {
    return {.host_leases = true, .consistent_scans = true, .durable = true};
  }

  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override {
    reader_.load(actors, std::move(done));
  }

  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override {
    writer_.commit(records, limits_, std::move(done));
  }

  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override {
    reader_.list(std::move(query), std::move(done));
  }

  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override {
    reader_.scan_due(std::move(query), std::move(done));
  }

  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override {
    reader_.read_log(std::move(query), std::move(done));
  }

  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override {
    reader_.read_items(std::move(query), std::move(done));
  }

  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override {
    if (auto bad = internal::refused_lease(host)) {
      done({spi::read_status::unavailable, *std::move(bad), 0});
    } else {
      reader_.take_lease(std::move(host), std::move(done));
    }
  }

  void close() override { close_threads(); }

 private:
  void close_threads() {
    reader_.close();
    writer_.close();
    purger_.close();
  }

  // Constant after construction.
  const internal::pg_place place_;
  const std::shared_ptr<const spi::clock> clock_;
  const std::shared_ptr<spi::entropy> entropy_;
  spi::store_limits limits_;

  internal::held_lease lease_;
  internal::leftover_purger purger_;
  internal::postgres_writer writer_;
  internal::postgres_reader reader_;
};

void check(const postgres_options& options) {
  const auto refuse = [](const std::string& what) { throw error(errc::invalid_argument, "PostgreSQL store: " + what); };
  constexpr std::chrono::milliseconds least{10};
  constexpr std::chrono::hours most{24};
  if (options.connection.find('\0') != std::string::npos) refuse("the connection string contains a NUL byte");
  if (options.schema.empty() || options.schema.size() > schema_bytes_max ||
      options.schema.find('\0') != std::string::npos || options.schema.starts_with("pg_")) {
    refuse("the schema's name is not 1 to 63 bytes without NUL that do not begin with pg_");
  }
  if (options.connections < 1 || options.connections > 16) refuse("connections is not 1 to 16");
  for (const auto timeout : {options.statement_timeout, options.lock_timeout, options.answer_timeout}) {
    if (timeout < least || timeout > most) refuse("a timeout is not between 10 ms and 24 h");
  }
  if (options.answer_timeout <= options.statement_timeout) refuse("answer_timeout is not above statement_timeout");
  if (options.record_bytes_max > 128 * mebibyte) refuse("record_bytes_max is above 128 MiB");
}

std::shared_ptr<spi::state_store> open_store(const postgres_options& options, std::size_t part_rows) {
  check(options);
  const std::string where = internal::place_of(options.connection) + ", schema " + options.schema;
  try {
    // libpq tells more of a refused connection than libpqxx does: the first one is its own.
    static_cast<void>(
        internal::pg_link(options.connection, options.answer_timeout, internal::make_system_clock()).server_version());
    internal::pg_place place = internal::open_postgres_schema(options, internal::postgres_migrations);
    place.layout.part_rows = part_rows;
    return std::make_shared<postgres_state_store>(options, std::move(place));
  } catch (const internal::pg_failure& failure) {
    internal::refuse_place(where, failure);
  }
}

}  // namespace

std::shared_ptr<spi::state_store> postgres_store(postgres_options options) {
  return open_store(options, internal::pg_layout{}.part_rows);
}

}  // namespace troupe::stores

namespace troupe::internal {

std::shared_ptr<spi::state_store> postgres_store_of_parts(const stores::postgres_options& options,
                                                          std::size_t part_rows) {
  return stores::open_store(options, part_rows);
}

}  // namespace troupe::internal
