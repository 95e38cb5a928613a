#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

/// libpqxx, behind the few calls that differ from 6.4 to 8.0; its headers are included in one file alone.
namespace troupe::internal {

/// One transaction, in which a store's schema is looked at and made. Errors: `pg_failure`.
class pg_administration {
 public:
  virtual ~pg_administration() = default;

  virtual void run(const std::string& sql) = 0;

  /// Returns the first column of the first row; nullopt: there is no row, or it is null.
  [[nodiscard]] virtual std::optional<std::string> value(const std::string& sql) = 0;

  /// Returns `text` as a literal, and `name` as an identifier, with their quotes.
  [[nodiscard]] virtual std::string quoted(const std::string& text) = 0;
  [[nodiscard]] virtual std::string quoted_name(const std::string& name) = 0;
};

/// Opens a connection of its own, runs `work` in one transaction and commits it, unless `work` throws.
/// Errors: `pg_failure`, and what `work` throws.
void administer(const std::string& connection, const std::function<void(pg_administration&)>& work);

}  // namespace troupe::internal
