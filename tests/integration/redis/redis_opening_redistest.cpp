#include <array>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>

#include "redis_fixture.hpp"

namespace troupe::redis_test {
namespace {

TEST(RedisOpening, RefusesAWrongPasswordWithoutShowingIt) {
  const redis_server server({"--requirepass", "right-one"});
  auto options = options_of(server);
  options.password = "wrong-one";
  const error wrong = refusal_of(options);
  EXPECT_EQ(wrong.kind(), errc::invalid_argument);
  expect_words(wrong.what(), {"127.0.0.1:" + std::to_string(server.port()), "password"});
  EXPECT_EQ(std::string(wrong.what()).find("wrong-one"), std::string::npos);
  options.password.clear();
  const error missing = refusal_of(options);
  EXPECT_EQ(missing.kind(), errc::invalid_argument);
  expect_words(missing.what(), {"asks for a password"});
  options.password = "right-one";
  const auto client = open(options);
  EXPECT_EQ(client.status_of(contract::birth(acme)), commit_status::committed);
}

TEST(RedisOpening, KnowsUsersThatMayDoWhatAStoreNeeds) {
  const redis_server server;
  server.run({"ACL", "SETUSER", "shop", "on", ">secret", "~shop:*", "+@all", "-@dangerous"});
  server.run({"ACL", "SETUSER", "guest", "on", ">secret", "~shop:*", "+ping"});
  auto options = options_of(server);
  options.prefix = "shop";
  options.user = "shop";
  options.password = "secret";
  const auto client = open(options);
  EXPECT_EQ(client.status_of(contract::birth(acme)), commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp.version, 1U);
  EXPECT_EQ(client.list({}).actors.size(), 1U);
  options.user = "guest";
  const error refused = refusal_of(options);
  EXPECT_EQ(refused.kind(), errc::invalid_argument);
  expect_words(refused.what(), {"the user may not"});
}

/// Redis asks for each command of a script by itself: one that is refused in the course of it would tear a turn.
TEST(RedisOpening, NamesTheCommandsThatAUserMayNotRun) {
  const redis_server server;
  server.run({"ACL", "SETUSER", "shop", "on", ">secret", "~shop:*", "+@all", "-@dangerous", "-@list"});
  auto options = options_of(server);
  options.prefix = "shop";
  options.user = "shop";
  options.password = "secret";
  const error refused = refusal_of(options);
  EXPECT_EQ(refused.kind(), errc::invalid_argument);
  expect_words(refused.what(), {"RPUSH", "LTRIM", "LRANGE", "LLEN"});
  EXPECT_EQ(std::string(refused.what()).find("HSET"), std::string::npos) << refused.what();
  for (const std::string command :
       {"UNLINK", "SET", "GET", "INCR", "HSET", "HGET", "HDEL", "HGETALL", "HMGET", "ZADD", "TYPE"}) {
    server.run({"ACL", "SETUSER", "shop", "+@all", "-@dangerous", "-" + command});
    expect_words(refusal_of(options).what(), {command});
  }
  server.run({"ACL", "SETUSER", "shop", "+@all", "-@dangerous"});
  EXPECT_EQ(open(options).status_of(contract::birth(acme)), commit_status::committed);
  // What the guide lists is enough.
  server.run({"ACL", "SETUSER", "shop", "-@all", "+@connection", "+script|load"});
  for (const char* command : {"eval",          "evalsha",     "exists", "type",           "unlink",  "set",    "get",
                              "incr",          "hset",        "hget",   "hmget",          "hgetall", "hdel",   "rpush",
                              "llen",          "lrange",      "ltrim",  "zadd",           "zscore",  "zcount", "zrange",
                              "zrangebyscore", "zrangebylex", "zrem",   "zremrangebyrank"}) {
    server.run({"ACL", "SETUSER", "shop", std::string("+") + command});
  }
  const auto client = open(options);
  auto record = contract::turn(acme, {1, 11}, {2, 11});
  record.logs = {{{{"sales", 1, 2}, 1, {{1, contract::at_ms(1), "1"}}}}};
  record.items = {std::nullopt, false, {"x"}, {{"new", "2", 2, std::nullopt}}};
  record.reminders = {{contract::reminder("bill", 5)}};
  const auto written = client.commit(record);
  EXPECT_EQ(written.status, commit_status::committed) << written.message;
  EXPECT_EQ(client.read_log({.actor = acme, .log = "sales"}).entries.size(), 1U);
  EXPECT_EQ(client.read_items({.actor = acme}).items.size(), 1U);
  EXPECT_EQ(client.scan_due({contract::at_ms(9), std::nullopt, 10}).actors.size(), 1U);
  EXPECT_EQ(client.list({}).actors.size(), 1U);
  EXPECT_EQ(client.status_of(contract::erasure(acme, {2, 11}, {3, 11})), commit_status::committed);
  EXPECT_EQ(client.take_lease("east").status, read_status::ok);
  server.run({"ACL", "SETUSER", "shop", "resetkeys", "~other:*"});
  EXPECT_EQ(refusal_of(options).kind(), errc::invalid_argument);
  EXPECT_EQ(server.run({"KEYS", "*probe*"}), "");
}

TEST(RedisOpening, NamesTheCommandsThatAServerDoesNotHave) {
  const redis_server server({"--rename-command", "RPUSH", "hidden"});
  const error refused = refusal_of(options_of(server));
  EXPECT_EQ(refused.kind(), errc::invalid_argument);
  expect_words(refused.what(), {"RPUSH"});
}

TEST(RedisOpening, RefusesWhatCannotBeReached) {
  stores::redis_options options;
  options.port = testing_support::free_port();
  const error refused = refusal_of(options);
  EXPECT_EQ(refused.kind(), errc::unavailable);
  expect_words(refused.what(), {"127.0.0.1:" + std::to_string(options.port), "refused"});
  options.socket_path = "/nowhere/redis.sock";
  const error socket = refusal_of(options);
  EXPECT_EQ(socket.kind(), errc::unavailable);
  expect_words(socket.what(), {"/nowhere/redis.sock", "No such file"});
}

/// Accepts one connection, and says what it is told to.
class other_server {
 public:
  explicit other_server(std::string said) : said_(std::move(said)) {
    thread_ = std::thread([this] {
      boost::system::error_code ignored;
      auto socket = acceptor_.accept(ignored);
      if (said_.empty()) {
        std::array<char, 4096> heard{};
        while (!ignored) socket.read_some(boost::asio::buffer(heard), ignored);  // until the other side goes
      } else {
        boost::asio::write(socket, boost::asio::buffer(said_), ignored);
      }
    });
  }
  ~other_server() { thread_.join(); }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  const std::string said_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

TEST(RedisOpening, RefusesAServerThatIsNotRedis) {
  stores::redis_options options;
  const other_server web("HTTP/1.1 400 Bad Request\r\n\r\n");
  options.port = web.port();
  const error refused = refusal_of(options);
  EXPECT_EQ(refused.kind(), errc::bad_state);
  expect_words(refused.what(), {"not a Redis server"});
}

TEST(RedisOpening, WaitsForASilentServerNoLongerThanItIsTold) {
  stores::redis_options options;
  const other_server silent("");
  options.port = silent.port();
  options.connect_timeout = std::chrono::milliseconds(50);
  const error refused = refusal_of(options);
  EXPECT_EQ(refused.kind(), errc::unavailable);
  expect_words(refused.what(), {"within 50 ms"});
}

TEST(RedisOpening, KeepsDatabasesAndPrefixesApart) {
  const redis_server server;
  auto options = options_of(server);
  const auto zero = open(options);
  options.database = 3;
  const auto three = open(options);
  options.prefix = "other";
  const auto other = open(options);
  EXPECT_EQ(zero.status_of(contract::birth(acme)), commit_status::committed);
  EXPECT_EQ(three.load(acme).image.stamp.version, 0U);
  EXPECT_EQ(three.status_of(contract::birth(acme)), commit_status::committed);
  EXPECT_EQ(other.load(acme).image.stamp.version, 0U);
  EXPECT_EQ(server.run({"GET", "troupe:format"}, "", 3), "1");
  EXPECT_EQ(server.run({"GET", "other:format"}, "", 3), "1");
  options.database = 16;
  const error refused = refusal_of(options);
  EXPECT_EQ(refused.kind(), errc::invalid_argument);
  expect_words(refused.what(), {"database 16"});
}

TEST(RedisOpening, TakesAUnixSocketAndItsOwnName) {
  const redis_server server;
  auto options = stores::parse_redis_uri("redis+unix://" + server.socket_path() + "?client_name=till-7");
  const auto client = open(options);
  EXPECT_EQ(client.status_of(contract::birth(acme)), commit_status::committed);
  expect_words(server.run({"CLIENT", "LIST"}), {"name=till-7", server.socket_path()});
}

TEST(RedisOpening, RefusesANewerFormatAndLeavesIt) {
  const redis_server server;
  server.run({"SET", "troupe:format", "2"});
  const error newer = refusal_of(options_of(server));
  EXPECT_EQ(newer.kind(), errc::bad_state);
  expect_words(newer.what(), {"format 2", "up to 1", "newer troupe"});
  EXPECT_EQ(server.run({"GET", "troupe:format"}), "2");
  for (const char* foreign : {"", "1.0", "mine"}) {
    server.run({"SET", "troupe:format", foreign});
    EXPECT_EQ(refusal_of(options_of(server)).kind(), errc::bad_state) << foreign;
  }
  server.run({"DEL", "troupe:format"});
  server.run({"LPUSH", "troupe:format", "x"});
  EXPECT_EQ(refusal_of(options_of(server)).kind(), errc::bad_state);
}

TEST(RedisOpening, RefusesAReplica) {
  const redis_server server;
  server.run({"REPLICAOF", "127.0.0.1", std::to_string(testing_support::free_port())});
  const error refused = refusal_of(options_of(server));
  EXPECT_EQ(refused.kind(), errc::unavailable);
  expect_words(refused.what(), {"replica"});
}

TEST(RedisOpening, RefusesOptionsOutOfRange) {
  const auto refused = [](auto change, const std::string& word) {
    stores::redis_options options;
    change(options);
    const error failure = refusal_of(options);
    EXPECT_EQ(failure.kind(), errc::invalid_argument) << word;
    expect_words(failure.what(), {word});
  };
  refused([](auto& options) { options.host.clear(); }, "host");
  refused([](auto& options) { options.prefix = "a{b}"; }, "prefix");
  refused([](auto& options) { options.prefix.clear(); }, "prefix");
  refused([](auto& options) { options.client_name = "a b"; }, "client_name");
  refused([](auto& options) { options.user = "me"; }, "password");
  refused([](auto& options) { options.record_bytes_max = std::size_t{257} << 20U; }, "record_bytes_max");
  refused([](auto& options) { options.connect_timeout = {}; }, "connect_timeout");
  refused([](auto& options) { options.answer_timeout = {}; }, "answer_timeout");
  refused([](auto& options) { options.waiting_records_max = 1; }, "waiting_records_max");
  refused([](auto& options) { options.socket_path = std::string(200, 'x'); }, "socket_path");
}

TEST(RedisOpening, SaysWhatTlsNeedsWhereThereIsNone) {
  const redis_server server;
  auto options = options_of(server);
  options.tls = stores::redis_tls::on;
  const error refused = refusal_of(options);
  EXPECT_TRUE(refused.kind() == errc::invalid_argument || refused.kind() == errc::unavailable) << refused.what();
  EXPECT_EQ(server.run({"EXISTS", "troupe:format"}), "0");
}

TEST(RedisOpening, WorksOnTheApplicationsExecutor) {
  const redis_server server;
  boost::asio::thread_pool pool(2);
  auto options = options_of(server);
  options.executor = pool.get_executor();
  {
    const auto client = open(options);
    std::vector<spi::turn_record> records;
    for (int i = 0; i < 300; ++i) records.push_back(contract::birth({"seller", std::to_string(i)}));
    for (const auto& result : client.commit(records)) EXPECT_EQ(result.status, commit_status::committed);
    EXPECT_EQ(client.list({}).actors.size(), 300U);
    client.store().close();
    EXPECT_EQ(client.status_of(records[0]), commit_status::unavailable);
  }
  pool.join();
}

}  // namespace
}  // namespace troupe::redis_test
