#include <map>

#include <gtest/gtest.h>

#include "troupe/base/error.hpp"
#include "troupe/stores/dynamodb.hpp"

namespace troupe::stores {
namespace {

TEST(DynamodbUri, GivesOptions) {
  const auto options = parse_dynamodb_uri(
      "dynamodb://AKID:s%2Fe%2Bc@127.0.0.1:8000/market?region=eu-central-1&tls=off&create=on&connections=7&"
      "cache_bytes=0&attempt_timeout_ms=5&answer_timeout_ms=50&session_token=t");
  EXPECT_EQ(options.credentials.access_key, "AKID");
  EXPECT_EQ(options.credentials.secret_key, "s/e+c");
  EXPECT_EQ(options.credentials.session_token, "t");
  EXPECT_EQ(options.host, "127.0.0.1");
  EXPECT_EQ(options.port, 8000);
  EXPECT_EQ(options.table, "market");
  EXPECT_EQ(options.region, "eu-central-1");
  EXPECT_TRUE(!options.tls && options.create);
  EXPECT_EQ(options.connections_max, 7U);
  EXPECT_EQ(options.cache_bytes, 0U);
  EXPECT_EQ(options.attempt_timeout, std::chrono::milliseconds(5));
  EXPECT_EQ(options.answer_timeout, std::chrono::milliseconds(50));
}

TEST(DynamodbUri, StandsForThePublicServer) {
  const auto options = parse_dynamodb_uri("dynamodb://k:s@aws/market?region=us-east-1");
  EXPECT_EQ(options.host, "");
  EXPECT_EQ(options.port, 0);
  EXPECT_TRUE(options.tls && !options.create);
}

TEST(DynamodbUri, RefusalNamesThePartAndNoSecret) {
  for (const auto& [uri, words] : std::map<std::string, std::string>{
           {"dynamodb://host/table?region=x", "access key"},
           {"dynamodb://AKID@host/table?region=x", "secret key"},
           {"dynamodb://AKID:HUSH@host?region=x", "one table"},
           {"dynamodb://AKID:HUSH@host/a/b?region=x", "one table"},
           {"dynamodb://AKID:HUSH@host/table", "\"region\" is missing"},
           {"dynamodb://AKID:HUSH@host/table?region=x&color=red", "\"color\" is unknown"},
           {"dynamodb://AKID:HUSH@host/table?region=x&tls=maybe", "on or off"},
           {"dynamodb://AKID:HUSH@host/table?region=x&connections=0", "1 to 1024"},
           {"dynamodb://AKID:HUSH%zz@host/table?region=x", "hexadecimal"}}) {
    try {
      static_cast<void>(parse_dynamodb_uri(uri));
      ADD_FAILURE() << uri << " was accepted";
    } catch (const error& failure) {
      EXPECT_EQ(failure.kind(), errc::invalid_argument);
      EXPECT_NE(std::string(failure.what()).find(words), std::string::npos) << uri << " got: " << failure.what();
      EXPECT_EQ(std::string(failure.what()).find("HUSH"), std::string::npos) << failure.what();
    }
  }
}

}  // namespace
}  // namespace troupe::stores
