#include <thread>

#include "postgres_fixture.hpp"
#include "stores/postgres/postgres_schema.hpp"

namespace troupe::postgres_test {
namespace {

using stores::postgres_state;

class PostgresOpen : public postgres_fixture {};

TEST_F(PostgresOpen, RefusesAWrongPassword) {
  server_.sql("CREATE ROLE clerk LOGIN PASSWORD 'right'");
  auto options = this->options();
  options.connection = server_.uri_of("clerk", "w%3Fsecret");
  const error refusal = refusal_of(options);
  EXPECT_EQ(refusal.kind(), errc::invalid_argument);
  for (const char* words :
       {"database postgres at 127.0.0.1", "password authentication failed", "28P01", "pg_hba.conf"}) {
    EXPECT_TRUE(has(refusal.what(), words)) << refusal.what();
  }
  EXPECT_FALSE(has(refusal.what(), "secret")) << refusal.what();
  EXPECT_FALSE(has(refusal.what(), "LOCATION")) << refusal.what();
}

TEST_F(PostgresOpen, RefusesADatabaseThatIsNotThere) {
  auto options = this->options();
  options.connection = server_.uri("nowhere");
  const error refusal = refusal_of(options);
  EXPECT_EQ(refusal.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(refusal.what(), "\"nowhere\" does not exist")) << refusal.what();
  EXPECT_TRUE(has(refusal.what(), "createdb")) << refusal.what();
}

TEST_F(PostgresOpen, SaysThatNobodyListens) {
  auto options = this->options();
  options.connection = "postgresql://postgres@127.0.0.1:" + std::to_string(testing_support::free_port()) + "/postgres";
  const error refusal = refusal_of(options);
  EXPECT_EQ(refusal.kind(), errc::unavailable);
  EXPECT_TRUE(has(refusal.what(), "refused")) << refusal.what();
}

TEST_F(PostgresOpen, SaysThatTheServerHasNoTls) {
  auto options = this->options();
  options.connection = server_.uri() + "?sslmode=require";
  EXPECT_TRUE(has(refusal_of(options).what(), "does not support SSL")) << refusal_of(options).what();
}

TEST_F(PostgresOpen, NamesTheRightThatIsMissingAndWorksWithoutMore) {
  server_.sql("CREATE ROLE tenant LOGIN PASSWORD 'right'");
  auto options = this->options();
  options.connection = server_.uri_of("tenant", "right");
  const error refusal = refusal_of(options);
  EXPECT_EQ(refusal.kind(), errc::invalid_argument);
  EXPECT_TRUE(has(refusal.what(), "permission denied")) << refusal.what();
  EXPECT_TRUE(has(refusal.what(), "13-postgresql.md")) << refusal.what();
  sql("CREATE SCHEMA @ AUTHORIZATION tenant");
  const auto client = open(options);
  auto record = contract::birth({"seller", "acme"});
  EXPECT_EQ(client.status_of(record), spi::commit_status::committed);
  EXPECT_EQ(client.load(record.actor).image.stamp, record.next);
  EXPECT_EQ(client.take_lease("east").epoch, 1U);
}

TEST_F(PostgresOpen, SaysThatConnectionsAreUsedUp) {
  server_.sql("CREATE ROLE few LOGIN PASSWORD 'right' CONNECTION LIMIT 4");
  sql("CREATE SCHEMA @ AUTHORIZATION few");
  auto options = this->options();
  options.connection = server_.uri_of("few", "right");
  options.connections = 4;  // and one that reads
  const error refusal = refusal_of(options);
  EXPECT_EQ(refusal.kind(), errc::unavailable);
  EXPECT_TRUE(has(refusal.what(), "too many connections")) << refusal.what();
  EXPECT_TRUE(has(refusal.what(), "troupe_connections")) << refusal.what();
  options.connections = 1;
  EXPECT_EQ(open(options).status_of(contract::birth({"seller", "acme"})), spi::commit_status::committed);
}

TEST_F(PostgresOpen, RefusesANewerFormatAndADamagedOne) {
  open().store().close();
  sql("UPDATE @.meta SET value = '99' WHERE name = 'format'");
  const error newer = refusal_of(options());
  EXPECT_EQ(newer.kind(), errc::bad_state);
  EXPECT_TRUE(has(newer.what(), "format 99")) << newer.what();
  for (const char* value : {"x", "", "0", "-1"}) {
    sql("UPDATE @.meta SET value = '" + std::string(value) + "' WHERE name = 'format'");
    EXPECT_TRUE(has(refusal_of(options()).what(), "damaged")) << value;
  }
  sql("UPDATE @.meta SET value = '1' WHERE name = 'format'; UPDATE @.meta SET value = 'xml' WHERE name = 'state'");
  EXPECT_TRUE(has(refusal_of(options()).what(), "names the state \"xml\""));
}

TEST_F(PostgresOpen, RefusesASchemaOfSomebodyElse) {
  sql("CREATE SCHEMA @; CREATE TABLE @.actor(name text)");
  const error refusal = refusal_of(options());
  EXPECT_EQ(refusal.kind(), errc::bad_state);
  EXPECT_TRUE(has(refusal.what(), "troupe_schema")) << refusal.what();
  EXPECT_EQ(sql("SELECT count(*) FROM pg_class WHERE relnamespace = '@'::regnamespace"), "1");
}

TEST_F(PostgresOpen, SaysHowAStoreKeepsJson) {
  auto bytea = options();
  bytea.state = postgres_state::bytea;
  open(bytea).store().close();
  auto text = options();
  text.state = postgres_state::text;
  const error refusal = refusal_of(text);
  EXPECT_EQ(refusal.kind(), errc::bad_state);
  EXPECT_TRUE(has(refusal.what(), "as bytea")) << refusal.what();
  EXPECT_EQ(open().status_of(contract::birth({"seller", "acme"})), spi::commit_status::committed);
  EXPECT_EQ(sql("SELECT pg_typeof(state) FROM @.actor"), "bytea");
}

TEST_F(PostgresOpen, TakesAnotherEncodingOnlyForBytea) {
  server_.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1");
  auto options = this->options();
  options.connection = server_.uri("latin");
  const error refusal = refusal_of(options);
  EXPECT_EQ(refusal.kind(), errc::bad_state);
  EXPECT_TRUE(has(refusal.what(), "LATIN1")) << refusal.what();
  options.state = postgres_state::bytea;
  const auto client = open(options);
  auto record = contract::birth({"seller", "acme"});
  record.cells = {contract::cell("name", "\"\xf0\x9f\x8e\xad\"")};
  EXPECT_EQ(client.status_of(record), spi::commit_status::committed);
  EXPECT_EQ(client.load(record.actor).image.cells, record.cells);
}

TEST_F(PostgresOpen, MakesOneSchemaForFourStoresAtOnce) {
  std::vector<std::shared_ptr<spi::state_store>> made(4);
  std::vector<std::thread> threads;
  for (auto& store : made) {
    threads.emplace_back([&] { store = stores::postgres_store(options()); });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < made.size(); ++i) {
    const contract::store_client client(made[i]);
    EXPECT_EQ(client.status_of(contract::birth({"seller", std::to_string(i)})), spi::commit_status::committed);
    made[i]->close();
  }
  EXPECT_EQ(sql("SELECT count(*) FROM @.actor"), "4");
  EXPECT_EQ(sql("SELECT string_agg(name || '=' || value, ' ' ORDER BY name) FROM @.meta"), "format=2 state=text");
}

std::vector<internal::pg_migration> first_step(postgres_state) { return {{1, "CREATE TABLE one(a int)"}}; }

std::vector<internal::pg_migration> two_steps(postgres_state) {
  return {{1, "CREATE TABLE one(a int)"}, {2, "CREATE TABLE two(a int); INSERT INTO two VALUES(2)"}};
}

std::vector<internal::pg_migration> failing_step(postgres_state) {
  return {{1, "CREATE TABLE one(a int)"}, {2, "CREATE TABLE two(a int)"}, {3, "CREATE TABLE three(a int); SELECT 1/0"}};
}

TEST_F(PostgresOpen, GoesFromFormatToFormatOnceAndWholly) {
  static_cast<void>(internal::open_postgres_schema(options(), first_step));
  EXPECT_EQ(sql("SELECT value FROM @.meta WHERE name = 'format'"), "1");
  for (int i = 0; i < 2; ++i) static_cast<void>(internal::open_postgres_schema(options(), two_steps));
  EXPECT_EQ(sql("SELECT value FROM @.meta WHERE name = 'format'"), "2");
  EXPECT_EQ(sql("SELECT count(*) FROM @.two"), "1");
  EXPECT_THROW(static_cast<void>(internal::open_postgres_schema(options(), failing_step)), internal::pg_failure);
  EXPECT_EQ(sql("SELECT value FROM @.meta WHERE name = 'format'"), "2");
  EXPECT_EQ(sql("SELECT to_regclass('@.three') IS NULL"), "t");
  EXPECT_THROW(static_cast<void>(internal::open_postgres_schema(options(), first_step)), error);
}

TEST_F(PostgresOpen, LeavesNothingBehindWhenItCannotBeMade) {
  EXPECT_THROW(
      static_cast<void>(internal::open_postgres_schema(options(),
                                                       [](postgres_state) {
                                                         return std::vector<internal::pg_migration>{{1, "SELECT 1/0"}};
                                                       })),
      internal::pg_failure);
  EXPECT_EQ(sql("SELECT count(*) FROM pg_namespace WHERE nspname = '@'"), "0");
}

TEST_F(PostgresOpen, TakesASchemaOfAnyName) {
  auto options = this->options();
  options.schema = "My \"shop\"'; --\xc3\xa9";
  const auto client = open(options);
  auto record = contract::birth({"seller", "acme"});
  EXPECT_EQ(client.status_of(record), spi::commit_status::committed);
  EXPECT_EQ(client.load(record.actor).image.stamp, record.next);
}

}  // namespace
}  // namespace troupe::postgres_test
