#include <string>
#include <type_traits>
#include <utility>

#include "stores/rules/commit_rules.hpp"
#include "stores/sqlite/sqlite_reader.hpp"
#include "stores/sqlite/sqlite_schema.hpp"
#include "stores/sqlite/sqlite_writer.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::stores {
namespace {

using internal::row_reader;
using internal::sqlite_failure;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

class sqlite_state_store final : public spi::state_store {
 public:
  explicit sqlite_state_store(const sqlite_options& options)
      : path_(options.path), writer_(options, internal::open_sqlite_writer(options)), reader_(options) {
    limits_.record_bytes_max = options.record_bytes_max;
    limits_.large_cell_bytes = options.large_cell_bytes;
  }

  ~sqlite_state_store() override { close_threads(); }

  [[nodiscard]] std::string_view name() const noexcept override { return "sqlite"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return limits_; }
  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override {
    return {.host_leases = true, .consistent_scans = true, .durable = true};
  }

  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override {
    reader_.post([this, actors, done = std::move(done)](row_reader* rows) {
      const auto failed = [&](spi::read_status status, const std::string& message) {
        std::vector<spi::load_result> results;
        results.reserve(actors.size());
        for (const actor_id& actor : actors) results.push_back(internal::load_of_nothing(actor, status, message));
        return results;
      };
      done(answer(
          rows, [&] { return rows->load(actors); }, failed));
    });
  }

  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override {
    writer_.commit(records, limits_, std::move(done));
  }

  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override {
    reader_.post([this, query = std::move(query), done = std::move(done)](row_reader* rows) {
      done(answer(
          rows, [&] { return rows->list(query); },
          [](spi::read_status status, const std::string& message) {
            return spi::list_result{status, message, {}};
          }));
    });
  }

  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override {
    reader_.post([this, query = std::move(query), done = std::move(done)](row_reader* rows) {
      done(answer(
          rows, [&] { return rows->scan_due(query); },
          [](spi::read_status status, const std::string& message) {
            return spi::due_result{status, message, {}};
          }));
    });
  }

  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override {
    reader_.post([this, query = std::move(query), done = std::move(done)](row_reader* rows) {
      done(answer(
          rows, [&] { return rows->read_log(query); },
          [](spi::read_status status, const std::string& message) {
            return spi::log_result{status, message, {}};
          }));
    });
  }

  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override {
    reader_.post([this, query = std::move(query), done = std::move(done)](row_reader* rows) {
      done(answer(
          rows, [&] { return rows->read_items(query); },
          [](spi::read_status status, const std::string& message) {
            return spi::item_result{status, message, {}, false};
          }));
    });
  }

  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override {
    if (auto bad = internal::refused_lease(host)) {
      done({spi::read_status::unavailable, *std::move(bad), 0});
    } else {
      writer_.take_lease(std::move(host), std::move(done));
    }
  }

  void close() override { close_threads(); }

 private:
  /// The writer's connection is the last to go: SQLite then empties the log into the file and removes it.
  void close_threads() {
    reader_.close();
    writer_.close();
  }

  /// Returns what `read` returns, or `failed(status, message)` where the file does not answer.
  template <typename Read, typename Failed>
  std::invoke_result_t<Read> answer(const row_reader* rows, Read read, Failed failed) {
    if (rows == nullptr) return failed(spi::read_status::unavailable, "the store in " + path_ + " is closed");
    try {
      return read();
    } catch (const sqlite_failure& failure) {
      const bool damaged = failure.code() == SQLITE_CORRUPT || failure.code() == SQLITE_NOTADB;
      return failed(damaged ? spi::read_status::damaged : spi::read_status::unavailable,
                    internal::describe(path_, failure));
    }
  }

  // Constant after construction.
  const std::string path_;
  spi::store_limits limits_;

  internal::sqlite_writer writer_;
  internal::sqlite_reader reader_;
};

void check(const sqlite_options& options) {
  const auto refuse = [](const std::string& what) { throw error(errc::invalid_argument, "SQLite store: " + what); };
  if (options.record_bytes_max > 512 * mebibyte) refuse("record_bytes_max is above 512 MiB");
  if (options.wal_bytes_max < mebibyte) refuse("wal_bytes_max is below 1 MiB");
  if (options.cache_bytes < mebibyte) refuse("cache_bytes is below 1 MiB");
  if (options.busy_timeout.count() < 0) refuse("busy_timeout is negative");
}

}  // namespace

std::shared_ptr<spi::state_store> sqlite_store(sqlite_options options) {
  check(options);
  try {
    return std::make_shared<sqlite_state_store>(options);
  } catch (const sqlite_failure& failure) {
    internal::refuse_sqlite_file(options.path, failure);
  }
}

}  // namespace troupe::stores
