#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/frail_disk.hpp"
#include "support/postgres_server.hpp"
#include "troupe/stores/postgres.hpp"

namespace troupe::fault_test {

inline constexpr int postgres_places = 12;

inline const testing_support::frail_disk& postgres_disk() {
  static const testing_support::frail_disk disk;
  return disk;
}

/// One server for the tests that follow each other: to make one takes longer than most of them. It has all its places
/// for everybody, and runs when a test begins and ends. It does not wait for the disk, which outlives what these tests
/// do to it.
inline testing_support::postgres_server& shared_postgres() {
  static testing_support::postgres_server server(
      testing_support::postgres_fsync::off,
      {"max_connections = " + std::to_string(postgres_places), "superuser_reserved_connections = 0"},
      postgres_disk().launcher());
  return server;
}

/// Options of a store in a schema of the test's own.
inline stores::postgres_options postgres_options_of(const std::string& schema, const std::string& connection) {
  stores::postgres_options options;
  options.connection = connection;
  options.schema = schema;
  return options;
}

}  // namespace troupe::fault_test
