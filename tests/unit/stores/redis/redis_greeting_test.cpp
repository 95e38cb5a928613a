#include "stores/redis/redis_greeting.hpp"

#include <gtest/gtest.h>

#include "unit/stores/redis/replies.hpp"

namespace troupe::internal {
namespace {

using stores::redis_options;

redis_reply ok() { return {redis_reply::kind::status, "OK", 0, {}}; }
redis_reply fault(std::string_view value) { return {redis_reply::kind::error, value, 0, {}}; }

redis_options full_options() {
  redis_options options;
  options.user = "me";
  options.password = "secret";
  options.database = 3;
  return options;
}

/// The first refusal of a greeting whose n-th answer is `reply`, the others good.
std::optional<redis_greeting::refusal> refusal_at(const redis_options& options, std::size_t n,
                                                  const redis_reply& reply) {
  redis_greeting greeting(options);
  for (std::size_t i = 0; i < n; ++i) EXPECT_FALSE(greeting.take(text("cluster_enabled:0")));
  return greeting.take(reply);
}

TEST(RedisGreeting, SaysWhoItIsThenWhatItNeeds) {
  const redis_options options = full_options();
  const redis_greeting greeting(options);
  ASSERT_EQ(greeting.commands().size(), 5 + std::size(redis_scripts));
  EXPECT_EQ(greeting.commands()[0].text(), (redis_command{"AUTH", "me", "secret"}.text()));
  EXPECT_EQ(greeting.commands()[1].text(), (redis_command{"SELECT", "3"}.text()));
  EXPECT_EQ(greeting.commands()[2].text(), (redis_command{"CLIENT", "SETNAME", "troupe"}.text()));
  EXPECT_EQ(greeting.commands()[3].text(), (redis_command{"INFO", "cluster"}.text()));
}

TEST(RedisGreeting, LeavesOutWhatIsNotAskedFor) {
  redis_options options;
  options.client_name.clear();
  EXPECT_EQ(redis_greeting(options).commands().size(), 2 + std::size(redis_scripts));
  options.password = "secret";
  EXPECT_EQ(redis_greeting(options).commands()[0].text(), (redis_command{"AUTH", "secret"}.text()));
}

TEST(RedisGreeting, LearnsTheScriptsAndTheTopology) {
  const redis_options options = full_options();
  redis_greeting greeting(options);
  EXPECT_FALSE(greeting.take(ok()));
  EXPECT_FALSE(greeting.take(ok()));
  EXPECT_FALSE(greeting.take(ok()));
  EXPECT_FALSE(greeting.take(text("# Cluster\r\ncluster_enabled:1\r\n")));
  for (const std::string digest : {"digest1", "digest2", "digest3", "digest4", "digest5"}) {
    EXPECT_FALSE(greeting.is_over());
    EXPECT_FALSE(greeting.take(text(digest)));
  }
  EXPECT_FALSE(greeting.is_over());
  EXPECT_FALSE(greeting.take(text("")));
  EXPECT_TRUE(greeting.is_over());
  EXPECT_TRUE(greeting.is_cluster());
  EXPECT_EQ(greeting.digest_of(redis_script::commit), "digest1");
  EXPECT_EQ(greeting.digest_of(redis_script::scan_due), "digest2");
}

TEST(RedisGreeting, RefusalSaysWhatIsWrongButNotThePassword) {
  const redis_options options = full_options();
  const auto password = refusal_at(options, 0, fault("WRONGPASS invalid username-password pair"));
  ASSERT_TRUE(password);
  EXPECT_EQ(password->code, errc::invalid_argument);
  EXPECT_EQ(password->what.find("secret"), std::string::npos);
  EXPECT_EQ(refusal_at(options, 0, fault("ERR wrong number of arguments for 'auth' command"))->code,
            errc::invalid_argument);
  const auto database = refusal_at(options, 1, fault("ERR DB index is out of range"));
  EXPECT_EQ(database->code, errc::invalid_argument);
  EXPECT_NE(database->what.find("database 3"), std::string::npos);
  EXPECT_EQ(refusal_at(options, 4, fault("LOADING Redis is loading"))->code, errc::unavailable);
  EXPECT_EQ(refusal_at(options, 4, fault("ERR unknown command 'SCRIPT'"))->code, errc::bad_state);
  EXPECT_EQ(refusal_at(options, 4, ok())->code, errc::bad_state);
  EXPECT_EQ(refusal_at(options, 4, fault("NOPERM no permissions"))->code, errc::invalid_argument);
}

TEST(RedisGreeting, CommandsThatCannotBeRunAreARefusal) {
  const auto refusal = refusal_at(full_options(), 4 + std::size(redis_scripts),
                                  text("RPUSH, LTRIM (ERR The user executing the script)"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, errc::invalid_argument);
  EXPECT_NE(refusal->what.find("RPUSH, LTRIM"), std::string::npos) << refusal->what;
  EXPECT_TRUE(refusal_at(full_options(), 4 + std::size(redis_scripts), ok()));
}

TEST(RedisGreeting, ForgivesAUserThatMayNotAskForTheTopology) {
  EXPECT_FALSE(refusal_at(full_options(), 2, fault("NOPERM no permissions")));
  EXPECT_FALSE(refusal_at(full_options(), 3, fault("NOPERM no permissions")));
}

TEST(RedisGreeting, AskingForAPasswordIsToldAsThat) {
  redis_options options;
  const auto refusal = refusal_at(options, 2, fault("NOAUTH Authentication required."));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, errc::invalid_argument);
  EXPECT_NE(refusal->what.find("asks for a password"), std::string::npos);
}

TEST(RedisGreeting, ServerOutsideAClusterIsRefusedWhereOneIsAskedFor) {
  redis_options options;
  options.topology = stores::redis_topology::cluster;
  const auto refusal = refusal_at(options, 1, text("cluster_enabled:0"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, errc::invalid_argument);
}

TEST(RedisGreeting, PlaceNamesTheServer) {
  redis_options options = full_options();
  EXPECT_EQ(redis_place(options), "Redis at 127.0.0.1:6379");
  options.host = "::1";
  EXPECT_EQ(redis_place(options), "Redis at [::1]:6379");
  options.socket_path = "/run/redis.sock";
  EXPECT_EQ(redis_place(options), "Redis at /run/redis.sock");
}

}  // namespace
}  // namespace troupe::internal
