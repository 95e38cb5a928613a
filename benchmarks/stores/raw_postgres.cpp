#include <stdexcept>

#include <libpq-fe.h>

#include "raw_library.hpp"
#include "troupe/stores/postgres.hpp"

namespace bench {
namespace {

constexpr Oid text_type = 25;
constexpr Oid int8_type = 20;

/// PostgreSQL's binary form of an array of one dimension.
class array_bytes {
 public:
  array_bytes(Oid element, std::size_t count) {
    for (const std::uint64_t field :
         {std::uint64_t{1}, std::uint64_t{0}, std::uint64_t{element}, std::uint64_t{count}, std::uint64_t{1}}) {
      append(field, 4);
    }
  }
  void add(const std::string& text) {
    append(text.size(), 4);
    bytes_ += text;
  }
  void add(std::uint64_t number) {
    append(8, 4);
    append(number, 8);
  }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  void append(std::uint64_t value, unsigned width) {
    while (width-- > 0) bytes_ += static_cast<char>((value >> (8U * width)) & 0xffU);
  }
  std::string bytes_;
};

/// One prepared statement over arrays for a batch, which checks the versions as it writes.
class raw_postgres final : public raw_connection {
 public:
  explicit raw_postgres(const std::string& connection) : server_(PQconnectdb(connection.c_str())) {
    if (PQstatus(server_) != CONNECTION_OK) fail();
    execute("SET client_min_messages = warning");
    execute("SET plan_cache_mode = force_generic_plan");
  }
  ~raw_postgres() override { PQfinish(server_); }

  void make_table() {
    execute("DROP TABLE IF EXISTS bench_raw");
    execute(
        "CREATE TABLE bench_raw(key text COLLATE \"C\" PRIMARY KEY, version bigint NOT NULL, document text NOT NULL) "
        "WITH (fillfactor = 70)");
  }

  void prepare() {
    const Oid types[] = {1009, 1016, 1009};  // text[], int8[], text[]
    check(PQprepare(server_, "upsert",
                    "INSERT INTO bench_raw SELECT k, v + 1, d FROM unnest($1, $2, $3) AS r(k, v, d) "
                    "ON CONFLICT (key) DO UPDATE SET version = excluded.version, document = excluded.document "
                    "WHERE bench_raw.version = excluded.version - 1",
                    3, types),
          PGRES_COMMAND_OK);
  }

  void write(std::span<const raw_row> rows) override {
    array_bytes keys(text_type, rows.size()), versions(int8_type, rows.size()), documents(text_type, rows.size());
    for (const raw_row& row : rows) {
      keys.add(row.key);
      versions.add(row.version);
      documents.add(row.document);
    }
    const char* values[3];
    int sizes[3];
    const int formats[] = {1, 1, 1};
    int i = 0;
    for (const array_bytes* each : {&keys, &versions, &documents}) {
      values[i] = each->bytes().data();
      sizes[i++] = static_cast<int>(each->bytes().size());
    }
    const std::string changed =
        check(PQexecPrepared(server_, "upsert", 3, values, sizes, formats, 1), PGRES_COMMAND_OK);
    if (changed != std::to_string(rows.size())) throw std::runtime_error("a row of PostgreSQL has another version");
  }

 private:
  [[noreturn]] void fail() { throw std::runtime_error(std::string("libpq itself: ") + PQerrorMessage(server_)); }
  std::string check(PGresult* result, ExecStatusType wanted) {
    const std::string changed = PQcmdTuples(result);
    const bool good = PQresultStatus(result) == wanted;
    PQclear(result);
    if (!good) fail();
    return changed;
  }
  void execute(const char* sql) { check(PQexec(server_, sql), PGRES_COMMAND_OK); }

  PGconn* server_;
};

}  // namespace

raw_library::connection_list open_raw_postgres(const std::string& uri) {
  const troupe::stores::postgres_options options = troupe::stores::parse_postgres_uri(uri);
  raw_library::connection_list all;
  for (std::size_t i = 0; i < options.connections; ++i) {
    auto one = std::make_unique<raw_postgres>(options.connection);
    if (i == 0) one->make_table();
    one->prepare();
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace bench
