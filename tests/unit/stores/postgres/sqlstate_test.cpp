#include "stores/postgres/sqlstate.hpp"

#include <map>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(Sqlstate, SaysWhatMayBeDone) {
  using kind = pg_failure_kind;
  const std::map<std::string, kind> known{
      {"40001", kind::again},       {"40P01", kind::again},       {"08006", kind::lost},
      {"57P01", kind::lost},        {"57P02", kind::lost},        {"57P03", kind::lost},
      {"25P03", kind::lost},        {"53100", kind::unavailable}, {"53200", kind::unavailable},
      {"53300", kind::unavailable}, {"57014", kind::unavailable}, {"55P03", kind::unavailable},
      {"42501", kind::unavailable}, {"42P01", kind::unavailable}, {"25006", kind::unavailable},
      {"28P01", kind::unavailable}, {"", kind::unavailable},      {"22021", kind::of_record},
      {"23514", kind::of_record},   {"54000", kind::of_record},   {"P0001", kind::of_record},
      {"XX000", kind::of_record},   {"XX001", kind::damaged},     {"XX002", kind::damaged}};
  for (const auto& [sqlstate, meaning] : known) EXPECT_EQ(kind_of_sqlstate(sqlstate), meaning) << sqlstate;
}

TEST(Sqlstate, OfALostConnectionDoesNotMatter) {
  EXPECT_EQ(pg_failure("23514", "x", true).kind(), pg_failure_kind::lost);
  EXPECT_EQ(pg_failure("23514", "x", false).kind(), pg_failure_kind::of_record);
}

TEST(Sqlstate, IsFoundInWhatLibpqSays) {
  EXPECT_EQ(sqlstate_in("connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
                        "authentication failed for user \"a\"\nLOCATION:  auth_failed, auth.c:326\n"),
            "28P01");
  EXPECT_EQ(sqlstate_in("FATAL:  3D000: database \"x\" does not exist"), "3D000");
  EXPECT_EQ(sqlstate_in("SCHWERWIEGEND:  53300: zu viele Verbindungen"), "53300");
  EXPECT_EQ(sqlstate_in("connection refused: port 12345: no"), "");
  EXPECT_EQ(sqlstate_in("Connection refused\n\tIs the server running?"), "");
  EXPECT_EQ(sqlstate_in("ends so: "), "");
}

TEST(Sqlstate, AndPlacesInTheServersSourceAreNotForPeople) {
  EXPECT_EQ(plain_message("connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
                          "authentication failed for user \"a\"\nLOCATION:  auth_failed, auth.c:326\n"),
            "connection to server at \"127.0.0.1\", port 5432 failed: password authentication failed for user \"a\"");
  EXPECT_EQ(plain_message("FATAL:  3D000: database \"x\" does not exist\n"), "database \"x\" does not exist");
  EXPECT_EQ(plain_message("Connection refused\n\tIs the server running?\n"),
            "Connection refused; Is the server running?");
  EXPECT_EQ(plain_message(""), "");
}

TEST(Sqlstate, ComesWithAdvice) {
  EXPECT_EQ(describe(pg_failure("53300", "too many clients", true)),
            "too many clients (SQLSTATE 53300); raise max_connections of the server, or lower troupe_connections");
  EXPECT_EQ(describe(pg_failure("", "gone", true)), "gone");
  EXPECT_NE(advice_for("28000").find("pg_hba.conf"), std::string::npos);
}

}  // namespace
}  // namespace troupe::internal
