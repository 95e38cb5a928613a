#include <map>

#include <gtest/gtest.h>

#include "stores/postgres/connection_string.hpp"
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
      {"postgresql://h/d?large_cell_bytes=0", "\"large_cell_bytes\" is written \"troupe_large_cell_bytes\""},
      {"postgresql://h/d?schema=shop", "begin with troupe_: troupe_schema, troupe_state, "},
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

/// Each with a password whose special characters are written as they are: libpq takes parts of it for something else.
TEST(PostgresUri, RefusesAPasswordOfWhichItIsUnclearWhereItEnds) {
  for (const std::string uri :
       {"postgresql://u:pa/secret@h/d", "postgresql://u:12/secret@h/d", "postgresql://u:pa@secret@h/d",
        "postgresql://u:pa@secret/x@h/d", "postgresql://u:pa@secret:x@h/d", "postgresql://u:pa@h2?sslmode=secret@h/d",
        "postgresql://u:12?sslmode=/secret@h/d", "postgresql://u:12?troupe_state=/secret@h/d",
        "postgresql://u:12/d?secret=x@h/d", "postgresql://u:12/d?troupe_secret=x@h/d", "postgresql://u:secret/d",
        "postgresql://u:secret#/d", "postgresql://u:secret?sslmode=require", "postgresql://u:secret",
        "postgresql://u:pa@h:12,secret:x@h2/d", "postgresql://u:pa@h:secret/d", "postgresql://u:pa@[::1]:secret/d",
        "postgresql://u:pa@[::1/secret@h/d", "postgres://u:p#a/secret@h/d"}) {
    const std::string said = refusal_of(uri);
    EXPECT_NE(said.find("%XX"), std::string::npos) << uri << " got: " << said;
    EXPECT_EQ(said.find("secret"), std::string::npos) << said;
    postgres_options options;
    options.connection = uri;
    try {
      static_cast<void>(postgres_store(options));
      ADD_FAILURE() << uri << " was opened";
    } catch (const error& failure) {
      EXPECT_EQ(failure.kind(), errc::invalid_argument);
      EXPECT_NE(std::string(failure.what()).find("%XX"), std::string::npos) << failure.what();
      EXPECT_EQ(std::string(failure.what()).find("secret"), std::string::npos) << failure.what();
    }
  }
}

TEST(PostgresUri, TakesEveryPasswordThatIsWrittenAsItShould) {
  for (const std::string uri :
       {"postgresql://u:p%2F%40%3F%23@h:5432,[::1]:5433,h2/d", "postgresql://u:p?a#b:c@h/d", "postgresql://u@h:5432",
        "postgresql://h?application_name=a%40b", "postgresql://u:p@/d?host=/run", "postgresql://u:p@[::1]/d"}) {
    EXPECT_EQ(parse_postgres_uri(uri).connection, uri);
    EXPECT_NE(internal::place_of(uri), "");
  }
  EXPECT_EQ(internal::place_of("postgresql://u:p%2F%40%3F%23@h:5432,[::1]:5433/d"), "database d at h,::1:5432,5433");
}

TEST(PostgresUri, SaysWhichOptionsThereAreWhenOneIsUnknown) {
  for (const std::string uri : {"postgresql://u:p@h/d?sslmode=require&large_cels=0", "postgresql://h?colour=red"}) {
    try {
      static_cast<void>(internal::place_of(parse_postgres_uri(uri).connection));
      ADD_FAILURE() << uri << " was accepted";
    } catch (const error& failure) {
      const std::string said = failure.what();
      EXPECT_NE(said.find("neither libpq nor the store knows"), std::string::npos) << said;
      EXPECT_NE(said.find("troupe_large_cell_bytes and troupe_compress_bytes_min"), std::string::npos) << said;
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
