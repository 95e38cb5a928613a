#include <map>
#include <string>

#include <gtest/gtest.h>

#include "troupe/base/error.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::stores {
namespace {

std::string refusal_of(const std::string& uri) {
  try {
    (void)parse_redis_uri(uri);
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::invalid_argument) << uri;
    return failure.what();
  }
  ADD_FAILURE() << uri << " was accepted";
  return {};
}

TEST(RedisUri, OfAHostAloneTakesTheDefaults) {
  const auto options = parse_redis_uri("redis://store.example");
  EXPECT_EQ(options.host, "store.example");
  EXPECT_EQ(options.port, 6379);
  EXPECT_EQ(options.database, 0U);
  EXPECT_EQ(options.user, "");
  EXPECT_EQ(options.password, "");
  EXPECT_EQ(options.prefix, "troupe");
  EXPECT_EQ(options.tls, redis_tls::off);
  EXPECT_EQ(options.topology, redis_topology::automatic);
}

TEST(RedisUri, HasUserPasswordPortAndDatabase) {
  const auto options = parse_redis_uri("redis://me:pass@10.0.0.1:7000/12");
  EXPECT_EQ(options.user, "me");
  EXPECT_EQ(options.password, "pass");
  EXPECT_EQ(options.host, "10.0.0.1");
  EXPECT_EQ(options.port, 7000);
  EXPECT_EQ(options.database, 12U);
}

TEST(RedisUri, PasswordMayStandAloneAndHoldAnything) {
  EXPECT_EQ(parse_redis_uri("redis://:p%40ss%3A%2F%3F@host").password, "p@ss:/?");
  EXPECT_EQ(parse_redis_uri("redis://:p%40ss@host").user, "");
  const auto careless = parse_redis_uri("redis://me:a@b:c?d/e@host:7000/3?prefix=shop");
  EXPECT_EQ(careless.password, "a@b:c?d/e");
  EXPECT_EQ(careless.host, "host");
  EXPECT_EQ(careless.port, 7000);
  EXPECT_EQ(careless.database, 3U);
  EXPECT_EQ(careless.prefix, "shop");
}

TEST(RedisUri, AtSignInAnOptionIsNoEndOfThePassword) {
  const auto options = parse_redis_uri("rediss://me:pa@ss@host:7000/3?tls_ca_file=/a@b.pem&tls_key_file=/c@d?e=f.pem");
  EXPECT_EQ(options.user, "me");
  EXPECT_EQ(options.password, "pa@ss");
  EXPECT_EQ(options.host, "host");
  EXPECT_EQ(options.port, 7000);
  EXPECT_EQ(options.database, 3U);
  EXPECT_EQ(options.tls_ca_file, "/a@b.pem");
  EXPECT_EQ(options.tls_key_file, "/c@d?e=f.pem");
  EXPECT_EQ(parse_redis_uri("rediss://host?tls_ca_file=/a@b.pem").host, "host");
}

TEST(RedisUri, TakesIpv6InBrackets) {
  const auto options = parse_redis_uri("redis://:x@[fe80::1]:7001/2");
  EXPECT_EQ(options.host, "fe80::1");
  EXPECT_EQ(options.port, 7001);
  EXPECT_EQ(options.database, 2U);
  EXPECT_EQ(parse_redis_uri("redis://[::1]").host, "::1");
}

TEST(RedisUri, WithTwoSAsksForTls) {
  const auto options = parse_redis_uri("rediss://host?tls_ca_file=/etc/ca.pem&tls_server_name=redis.example");
  EXPECT_EQ(options.tls, redis_tls::on);
  EXPECT_EQ(options.tls_ca_file, "/etc/ca.pem");
  EXPECT_EQ(options.tls_server_name, "redis.example");
}

TEST(RedisUri, NamesAUnixSocket) {
  const auto options = parse_redis_uri("redis+unix://:pw@/run/a%20b/redis.sock?database=4");
  EXPECT_EQ(options.socket_path, "/run/a b/redis.sock");
  EXPECT_EQ(options.password, "pw");
  EXPECT_EQ(options.database, 4U);
}

TEST(RedisUri, HasOptions) {
  const auto options = parse_redis_uri(
      "redis://host?prefix=a&client_name=b&topology=cluster&connect_timeout=100&answer_timeout=200&record_bytes_max=300"
      "&database=5&tls_certificate_file=c&tls_key_file=d");
  EXPECT_EQ(options.prefix, "a");
  EXPECT_EQ(options.client_name, "b");
  EXPECT_EQ(options.topology, redis_topology::cluster);
  EXPECT_EQ(options.connect_timeout, std::chrono::milliseconds(100));
  EXPECT_EQ(options.answer_timeout, std::chrono::milliseconds(200));
  EXPECT_EQ(options.record_bytes_max, 300U);
  EXPECT_EQ(options.database, 5U);
  EXPECT_EQ(options.tls_certificate_file, "c");
  EXPECT_EQ(options.tls_key_file, "d");
}

TEST(RedisUri, RefusalNamesWhatIsWrongAndShowsNoPassword) {
  for (const auto& [uri, words] : std::map<std::string, std::string>{
           {"", "does not begin with redis://"},
           {"redis:secret", "does not begin with redis://"},
           {"http://secret@host", "does not begin with redis://"},
           {"redis://", "host is missing"},
           {"redis://me:secret@", "host is missing"},
           {"redis://me:secret@host:", "port"},
           {"redis://me:secret@host:0", "port is 0"},
           {"redis://me:secret@host:65536", "from 0 to 65535"},
           {"redis://me:secret@host:80a", "port"},
           {"redis://me:secret@host/x", "database"},
           {"redis://me:secret@host/-1", "database"},
           {"redis://me:secret@::1", "in brackets"},
           {"redis://me:secret@[::1", "not closed"},
           {"redis://me:secret@[::1]x", "\":port\""},
           {"redis://secret@host", "without a password"},
           {"redis://me:secret%2@host", "hexadecimal"},
           {"redis://me:secret%00@host", "NUL"},
           {"redis://me:secret@host?x", "name=value"},
           {"redis://me:secret@host?=x", "name=value"},
           {"redis://me:secret@host?prefix=a&prefix=b", "given twice"},
           {"redis://me:secret@host?topology=ring", "cluster or automatic"},
           {"redis://me:secret@host?answer_timeout=soon", "whole number"},
           {"redis://me:secret@host?color=red", "\"color\" is unknown"},
           {"redis://me:secret@host?tls_ca=/a@b.pem", "%40"},
           {"redis://me:x?secret=y@host", "%3F"},
           {"redis+unix://me:secret@host/path", "three slashes"},
           {"redis+unix://", "path of the socket"},
       }) {
    const std::string said = refusal_of(uri);
    EXPECT_NE(said.find(words), std::string::npos) << uri << " got: " << said;
    EXPECT_EQ(said.find("secret"), std::string::npos) << uri << " got: " << said;
  }
}

}  // namespace
}  // namespace troupe::stores
