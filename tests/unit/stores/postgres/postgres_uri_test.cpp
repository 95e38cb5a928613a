#include <map>

#include <gtest/gtest.h>

#include "stores/postgres/pg_link.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/postgres.hpp"

namespace troupe::stores {
namespace {

std::string refusal_of(const std::string& uri) {
  try {
    static_cast<void>(parse_postgres_uri(uri));
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::invalid_argument);
    return failure.what();
  }
  ADD_FAILURE() << uri << " was accepted";
  return {};
}

TEST(PostgresUri, IsHandedToLibpqAsItIs) {
  for (const std::string uri :
       {"postgresql://u:p%40ss@db1:5433,db2/shop?sslmode=verify-full&target_session_attrs=read-write",
        "postgres://[::1]:5432/shop", "postgresql://", "postgresql:///shop?host=/var/run/postgresql",
        "postgresql://u:what?troupe_x=1@h/d"}) {
    const postgres_options options = parse_postgres_uri(uri);
    EXPECT_EQ(options.connection, uri);
    EXPECT_EQ(options.schema, "troupe");
    EXPECT_EQ(options.state, postgres_state::as_stored);
  }
}

TEST(PostgresUri, LosesTheOptionsOfTheStore) {
  const postgres_options options = parse_postgres_uri(
      "postgresql://h/d?troupe_schema=my%20shop&sslmode=require&troupe_state=bytea&troupe_connections=4&"
      "troupe_statement_timeout_ms=100&troupe_lock_timeout_ms=50&troupe_answer_timeout_ms=200&"
      "troupe_large_cell_bytes=0&troupe_compress_bytes_min=1000&connect_timeout=3");
  EXPECT_EQ(options.connection, "postgresql://h/d?sslmode=require&connect_timeout=3");
  EXPECT_EQ(options.schema, "my shop");
  EXPECT_EQ(options.state, postgres_state::bytea);
  EXPECT_EQ(options.connections, 4U);
  EXPECT_EQ(options.statement_timeout.count(), 100);
  EXPECT_EQ(options.lock_timeout.count(), 50);
  EXPECT_EQ(options.answer_timeout.count(), 200);
  EXPECT_EQ(options.large_cell_bytes, 0U);
  EXPECT_EQ(options.compress_bytes_min, 1000U);
  EXPECT_EQ(parse_postgres_uri("postgres://h?troupe_state=text").connection, "postgres://h");
}

TEST(PostgresUri, RefusalNamesWhatIsWrong) {
  const std::map<std::string, std::string> refused{
      {"mysql://h/d", "neither postgresql:// nor postgres://"},
      {"postgresql:h/d", "neither postgresql:// nor postgres://"},
      {std::string("postgresql://h\0/d", 17), "NUL"},
      {"postgresql://h/d?troupe_colour=red", "\"troupe_colour\" is unknown"},
      {"postgresql://h/d?troupe_schema", "has no value"},
      {"postgresql://h/d?troupe_state=json", "text or bytea"},
      {"postgresql://h/d?troupe_connections=many", "whole number"},
      {"postgresql://h/d?troupe_connections=", "whole number"},
      {"postgresql://h/d?troupe_connections=-1", "whole number"},
      {"postgresql://h/d?troupe_schema=%zz", "hexadecimal"},
      {"postgresql://h/d?troupe_schema=%4", "hexadecimal"},
      {"postgresql://h/d?troupe_schema=%00", "NUL"},
      {"postgresql://h/d?troupe_state=text&troupe_state=text", "twice"}};
  for (const auto& [uri, words] : refused) {
    const std::string said = refusal_of(uri);
    EXPECT_NE(said.find(words), std::string::npos) << uri << " got: " << said;
  }
}

TEST(PostgresUri, RefusalsDoNotShowThePassword) {
  EXPECT_EQ(refusal_of("postgresql://u:secret@h/d?troupe_colour=red").find("secret"), std::string::npos);
  for (const std::string connection : {"postgresql://u:secret@h:port:x/d?y", "postgresql://u:secret%zz@h/d",
                                       "host=h password=secret colour=red", "password='secret"}) {
    try {
      static_cast<void>(internal::place_of(connection));
      ADD_FAILURE() << connection << " was accepted";
    } catch (const error& failure) {
      EXPECT_EQ(std::string(failure.what()).find("secret"), std::string::npos) << failure.what();
    }
  }
}

TEST(PostgresUri, PlaceNamesHostAndDatabaseAlone) {
  EXPECT_EQ(internal::place_of("postgresql://u:secret@db1:5433/shop"), "database shop at db1:5433");
  EXPECT_EQ(internal::place_of("host=db1 user=u password=secret"), "the default database at db1");
}

TEST(PostgresOptions, AreChecked) {
  const auto refused = [](auto change) {
    postgres_options options;
    options.connection = "postgresql://127.0.0.1:1/none";
    change(options);
    try {
      static_cast<void>(postgres_store(options));
    } catch (const error& failure) {
      return failure.kind() == errc::invalid_argument;
    }
    return false;
  };
  EXPECT_TRUE(refused([](auto& options) { options.schema = ""; }));
  EXPECT_TRUE(refused([](auto& options) { options.schema = std::string(64, 'x'); }));
  EXPECT_TRUE(refused([](auto& options) { options.schema = "pg_mine"; }));
  EXPECT_TRUE(refused([](auto& options) { options.schema = std::string("a\0b", 3); }));
  EXPECT_TRUE(refused([](auto& options) { options.connections = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.connections = 17; }));
  EXPECT_TRUE(refused([](auto& options) { options.statement_timeout = std::chrono::milliseconds(9); }));
  EXPECT_TRUE(refused([](auto& options) { options.lock_timeout = std::chrono::hours(25); }));
  EXPECT_TRUE(refused([](auto& options) { options.answer_timeout = options.statement_timeout; }));
  EXPECT_TRUE(refused([](auto& options) { options.record_bytes_max = std::size_t{1} << 30U; }));
}

}  // namespace
}  // namespace troupe::stores
