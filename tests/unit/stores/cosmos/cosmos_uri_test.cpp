#include <map>

#include <gtest/gtest.h>

#include "troupe/base/error.hpp"
#include "troupe/stores/cosmos.hpp"

namespace troupe::stores {
namespace {

TEST(CosmosUri, GivesOptions) {
  const auto options = parse_cosmos_uri("cosmos://a%2Bb%2Fc%3D%3D@127.0.0.1:8081/shop/market?tls=off&create=on");
  EXPECT_EQ(options.account_key, "a+b/c==");
  EXPECT_EQ(options.host, "127.0.0.1");
  EXPECT_EQ(options.port, 8081);
  EXPECT_EQ(options.database, "shop");
  EXPECT_EQ(options.container, "market");
  EXPECT_TRUE(!options.tls && options.create);
  EXPECT_TRUE(parse_cosmos_uri("cosmos://k@h/d/c").tls);
}

TEST(CosmosUri, RefusalNamesThePartAndNoSecret) {
  for (const auto& [uri, words] :
       std::map<std::string, std::string>{{"cosmos://host/a/b", "key"},
                                          {"cosmos://HUSH:HUSH@host/a/b", "nothing else"},
                                          {"cosmos://HUSH@host/a", "a container"},
                                          {"cosmos://HUSH@host/a/b/c", "a container"},
                                          {"cosmos://HUSH@host/a/b?region=x", "\"region\" is unknown"}}) {
    try {
      static_cast<void>(parse_cosmos_uri(uri));
      ADD_FAILURE() << uri << " was accepted";
    } catch (const error& failure) {
      EXPECT_EQ(failure.kind(), errc::invalid_argument);
      EXPECT_NE(std::string(failure.what()).find(words), std::string::npos) << uri << " got: " << failure.what();
      EXPECT_EQ(std::string(failure.what()).find("HUSH"), std::string::npos) << failure.what();
    }
  }
}

TEST(CosmosOptions, KeyMustBeBase64) {
  cosmos_options options;
  options.host = "127.0.0.1";
  options.database = "shop";
  options.container = "market";
  options.account_key = "HUSH!";
  try {
    static_cast<void>(cosmos_store(options));
    ADD_FAILURE() << "accepted";
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::invalid_argument);
    EXPECT_EQ(std::string(failure.what()).find("HUSH"), std::string::npos);
  }
}

}  // namespace
}  // namespace troupe::stores
