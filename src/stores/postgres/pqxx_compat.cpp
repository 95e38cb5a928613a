#include "stores/postgres/pqxx_compat.hpp"

#include <exception>

#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/result>
#include <pqxx/transaction>
#include <pqxx/version>

#include "stores/postgres/sqlstate.hpp"

namespace troupe::internal {
namespace {

/// From version 7 on a connection that is lost stays lost. Before, it was made anew in silence, which would have split
/// what is meant to be one transaction; the call that forbids it is marked as deprecated and has no substitute.
void forbid_silent_reconnection([[maybe_unused]] pqxx::connection& connection) {
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
#endif
}

/// Not every kind of error keeps its SQLSTATE: asked for every detail, the server puts it into the message.
void ask_for_details(pqxx::connection& connection) {
#if PQXX_VERSION_MAJOR < 7
  connection.set_verbosity(pqxx::connection_base::verbose);
#else
  connection.set_verbosity(pqxx::error_verbosity::verbose);
#endif
}

pg_failure failure_of(const std::string& message, bool lost) {
  return {std::string(sqlstate_in(message)), plain_message(message), lost};
}

/// Version 8 gives fields as views of their row, and made some types of values nodiscard.
std::optional<std::string> first_field(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  const auto field = rows[0][0];
  if (field.is_null()) return std::nullopt;
#if PQXX_VERSION_MAJOR < 8
  return std::string(field.c_str());
#else
  return std::string(field.view());
#endif
}

class pqxx_administration final : public pg_administration {
 public:
  explicit pqxx_administration(pqxx::connection& connection) : connection_(connection), transaction_(connection) {}

  void run(const std::string& sql) override { static_cast<void>(transaction_.exec(sql)); }

  std::optional<std::string> value(const std::string& sql) override { return first_field(transaction_.exec(sql)); }

  std::string quoted(const std::string& text) override { return connection_.quote(text); }
  std::string quoted_name(const std::string& name) override { return connection_.quote_name(name); }

  void commit() { transaction_.commit(); }

 private:
  pqxx::connection& connection_;
  pqxx::work transaction_;
};

}  // namespace

void administer(const std::string& connection, const std::function<void(pg_administration&)>& work) {
  try {
    pqxx::connection made(connection);
    forbid_silent_reconnection(made);
    ask_for_details(made);
    pqxx_administration administration(made);
    work(administration);
    administration.commit();
  } catch (const pqxx::broken_connection& failure) {
    throw failure_of(failure.what(), true);
  } catch (const pqxx::failure& failure) {
    throw failure_of(failure.what(), false);
  } catch (const pqxx::usage_error& failure) {
    throw failure_of(failure.what(), false);
  }
}

}  // namespace troupe::internal
