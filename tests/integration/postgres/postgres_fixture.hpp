#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "contract/clause_support.hpp"
#include "contract/store_client.hpp"
#include "support/postgres_server.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/postgres.hpp"

namespace troupe::postgres_test {

/// The server of the tests that do not stop it.
inline testing_support::postgres_server& shared_server() {
  static testing_support::postgres_server server(testing_support::postgres_fsync::off, {"max_connections = 40"});
  return server;
}

/// A schema of the test's own on a server, and stores on it that are closed at the end.
class postgres_fixture : public testing::Test {
 protected:
  explicit postgres_fixture(testing_support::postgres_server& server = shared_server()) : server_(server) {
    static int schemas = 0;
    schema_ = "test_" + std::to_string(++schemas);
  }

  void TearDown() override {
    for (const auto& store : stores_) store->close();
  }

  [[nodiscard]] stores::postgres_options options() const {
    stores::postgres_options options;
    options.connection = server_.uri();
    options.schema = schema_;
    return options;
  }

  contract::store_client open(const stores::postgres_options& options) {
    stores_.push_back(stores::postgres_store(options));
    return contract::store_client(stores_.back());
  }
  contract::store_client open() { return open(options()); }

  /// Runs SQL in which `@` stands for the schema.
  std::string sql(std::string text) {
    for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at))
      text.replace(at, 1, schema_);
    return server_.sql(text);
  }

  testing_support::postgres_server& server_;
  std::string schema_;

 private:
  std::vector<std::shared_ptr<spi::state_store>> stores_;
};

/// Returns the error with which opening fails; a success is a test failure.
inline error refusal_of(const stores::postgres_options& options) {
  try {
    stores::postgres_store(options)->close();
  } catch (const error& refusal) {
    return refusal;
  }
  ADD_FAILURE() << options.schema << " was opened";
  return {errc::unavailable, ""};
}

inline bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

}  // namespace troupe::postgres_test
