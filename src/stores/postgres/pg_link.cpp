#include "stores/postgres/pg_link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

#include "stores/postgres/array_image.hpp"
#include "troupe/base/error.hpp"

#ifndef LIBPQ_HAS_PIPELINING
#error "troupe needs libpq 14 or later"
#endif

namespace troupe::internal {
namespace {

constexpr std::chrono::milliseconds default_connect_timeout{5000};
constexpr int binary = 1;

std::string field_of(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? std::string() : std::string(text);
}

std::chrono::milliseconds connect_timeout_of(PGconn* connection) {
  std::chrono::milliseconds found = default_connect_timeout;
  PQconninfoOption* all = PQconninfo(connection);
  for (const PQconninfoOption* it = all; it != nullptr && it->keyword != nullptr; ++it) {
    if (std::string_view(it->keyword) != "connect_timeout" || it->val == nullptr) continue;
    long seconds = 0;
    std::from_chars(it->val, it->val + std::strlen(it->val), seconds);
    if (seconds > 0 && seconds < 3600) found = std::chrono::seconds(seconds);
  }
  PQconninfoFree(all);
  return found;
}

pg_failure failure_of(const PGresult* result, bool lost) {
  return {field_of(result, PG_DIAG_SQLSTATE), plain_message(field_of(result, PG_DIAG_MESSAGE_PRIMARY)), lost};
}

}  // namespace

void pg_rows::freer::operator()(pg_result* result) const noexcept { PQclear(result); }
void pg_link::closer::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

int pg_rows::size() const noexcept { return PQntuples(result_.get()); }
bool pg_rows::is_null(int row, int column) const noexcept { return PQgetisnull(result_.get(), row, column) != 0; }
std::string_view pg_rows::bytes(int row, int column) const noexcept {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}
std::int64_t pg_rows::integer(int row, int column) const noexcept { return pg_integer(bytes(row, column)); }
std::string_view pg_rows::tag() const noexcept { return PQcmdStatus(result_.get()); }

pg_link::pg_link(const std::string& connection, std::chrono::milliseconds answer_timeout,
                 std::shared_ptr<const spi::clock> clock)
    : answer_timeout_(answer_timeout), clock_(std::move(clock)) {
  connect(connection);
}

pg_link::~pg_link() = default;

void pg_link::connect(const std::string& connection) {
  // The connection string stands for `dbname`; what comes behind it overrides what is in it.
  const std::array names{"dbname", "client_encoding", "fallback_application_name", static_cast<const char*>(nullptr)};
  const std::array values{connection.c_str(), "UTF8", "troupe", static_cast<const char*>(nullptr)};
  connection_.reset(PQconnectStartParams(names.data(), values.data(), 1));
  PGconn* made = connection_.get();
  if (made == nullptr) throw pg_failure("53200", "no memory for a connection", true);
  PQsetNoticeProcessor(
      made, [](void*, const char*) {}, nullptr);
  PQsetErrorVerbosity(made, PQERRORS_VERBOSE);  // or the SQLSTATE of a refused connection would not be told
  const steady_time end = clock_->steady_now() + connect_timeout_of(made);
  PostgresPollingStatusType status = PQstatus(made) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) {
      const std::string message = PQerrorMessage(made);
      throw pg_failure(std::string(sqlstate_in(message)), plain_message(message), true);
    }
    wait(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, end, "the server did not accept the connection in time");
    status = PQconnectPoll(made);
  }
  PQsetErrorVerbosity(made, PQERRORS_DEFAULT);
  if (PQsetnonblocking(made, 1) != 0) fail_lost("the connection cannot be made non-blocking");
}

void pg_link::fail_lost(const std::string& message) {
  connection_.reset();
  prepared_.clear();
  throw pg_failure({}, message, true);
}

void pg_link::wait(short events, steady_time end, const char* what) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock_->steady_now());
    if (left.count() <= 0) fail_lost(what);
    pollfd waited{PQsocket(connection_.get()), events, 0};
    if (waited.fd < 0) fail_lost("the connection is closed");
    const int ready = poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) fail_lost("poll: " + std::generic_category().message(errno));
  }
}

void pg_link::send(const pg_call& call) {
  const pg_statement& statement = *call.statement;
  PGconn* connection = connection_.get();
  const bool is_named = !statement.name.empty();
  bool went = true;
  if (is_named && !prepared_.contains(statement.name) &&
      std::find(preparing_.begin(), preparing_.end(), statement.name) == preparing_.end()) {
    went = PQsendPrepare(connection, statement.name.c_str(), statement.text.c_str(), 0, nullptr) == 1;
    preparing_.push_back(statement.name);
    sent_.push_back(nullptr);
  }
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const std::string& parameter : call.parameters) {
    values.push_back(parameter.data());
    lengths.push_back(static_cast<int>(parameter.size()));
  }
  const std::vector<int> formats(values.size(), binary);
  const int count = static_cast<int>(values.size());
  went = went && (is_named ? PQsendQueryPrepared(connection, statement.name.c_str(), count, values.data(),
                                                 lengths.data(), formats.data(), binary)
                           : PQsendQueryParams(connection, statement.text.c_str(), count, nullptr, values.data(),
                                               lengths.data(), formats.data(), binary)) == 1;
  if (!went) fail_lost(plain_message(PQerrorMessage(connection)));
  sent_.push_back(&statement);
}

std::vector<pg_rows> pg_link::run(std::span<const pg_call> calls) {
  if (connection_ == nullptr) throw pg_failure({}, "the connection is closed", true);
  sent_.clear();
  preparing_.clear();
  if (PQenterPipelineMode(connection_.get()) != 1) fail_lost(plain_message(PQerrorMessage(connection_.get())));
  for (const pg_call& call : calls) send(call);
  if (PQpipelineSync(connection_.get()) != 1) fail_lost(plain_message(PQerrorMessage(connection_.get())));
  return collect(calls.size(), clock_->steady_now() + answer_timeout_);
}

pg_result* pg_link::next(steady_time end) {
  while (true) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) fail_lost(plain_message(PQerrorMessage(connection_.get())));
    if (PQisBusy(connection_.get()) == 0) return PQgetResult(connection_.get());
    const auto events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    wait(events, end, "the server did not answer in time (troupe_answer_timeout_ms)");
    if (PQconsumeInput(connection_.get()) != 1) {
      // What the server said before it hung up is still to be read.
      if (PQstatus(connection_.get()) != CONNECTION_BAD || PQisBusy(connection_.get()) != 0) {
        fail_lost(plain_message(PQerrorMessage(connection_.get())));
      }
    }
  }
}

std::vector<pg_rows> pg_link::collect(std::size_t queries, steady_time end) {
  std::vector<pg_rows> all;
  all.reserve(queries);
  std::optional<pg_failure> failed;
  std::size_t position = 0;
  std::size_t preparation = 0;
  int silence = 0;
  while (true) {
    pg_rows rows(next(end));
    PGresult* result = rows.get();
    if (result == nullptr) {  // the end of one statement's results
      const bool lost = PQstatus(connection_.get()) == CONNECTION_BAD;
      if (lost || ++silence > 2) {
        if (failed) {
          connection_.reset();
          throw pg_failure(failed->sqlstate(), failed->what(), true);
        }
        fail_lost("the server closed the connection");
      }
      continue;
    }
    silence = 0;
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_PIPELINE_ABORTED) continue;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      if (!failed) failed.emplace(failure_of(result, false));
      continue;
    }
    if (position < sent_.size() && sent_[position] == nullptr) {
      prepared_.insert(preparing_[preparation++]);
    } else {
      all.push_back(std::move(rows));
    }
    ++position;
  }
  if (PQexitPipelineMode(connection_.get()) != 1) fail_lost(plain_message(PQerrorMessage(connection_.get())));
  if (failed) throw *failed;
  return all;
}

void pg_link::run(const std::string& sql) {
  const pg_statement statement{{}, sql};
  const std::array calls{pg_call{&statement, {}}};
  static_cast<void>(run(calls));
}

void pg_link::roll_back() noexcept {
  if (connection_ == nullptr) return;
  try {
    if (PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) run("ROLLBACK");
  } catch (const std::exception&) {
    connection_.reset();
  }
}

bool pg_link::is_alive() noexcept {
  // What lies there unasked is a notice, or the server's last words, behind which comes the end of the connection.
  constexpr int reads_max = 4;
  for (int i = 0; i < reads_max && connection_ != nullptr; ++i) {
    pollfd asked{PQsocket(connection_.get()), POLLIN, 0};
    if (poll(&asked, 1, 0) <= 0) break;
    if (PQconsumeInput(connection_.get()) != 1 || PQstatus(connection_.get()) != CONNECTION_OK) connection_.reset();
  }
  return connection_ != nullptr;
}

int pg_link::server_version() const noexcept { return PQserverVersion(connection_.get()); }

void refuse_place(const std::string& place, const pg_failure& failure) {
  const std::string what = "PostgreSQL store in " + place + ": " + describe(failure);
  const std::string_view group = std::string_view(failure.sqlstate()).substr(0, 2);
  if (group == "28" || group == "3D" || group == "42" || group == "3F" || group == "22") {
    throw error(errc::invalid_argument, what);
  }
  throw error(group == "XX" ? errc::bad_state : errc::unavailable, what);
}

}  // namespace troupe::internal
