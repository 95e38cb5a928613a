#include "runtime/store_uri.hpp"

#include <gtest/gtest.h>

#include "troupe/base/error.hpp"
#include "troupe/runtime/runtime_options.hpp"

namespace troupe::internal {
namespace {

std::string refusal_of(const std::string& uri) {
  try {
    open_store(uri)->close();
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::invalid_argument) << uri;
    return failure.what();
  }
  ADD_FAILURE() << uri << " was accepted";
  return {};
}

TEST(StoreUri, IsCutIntoItsParts) {
  const auto parsed = parse_store_uri("sqlite:/var/lib/market.db?synchronous=normal&file_bytes_max=10");
  EXPECT_EQ(parsed.scheme, "sqlite");
  EXPECT_EQ(parsed.path, "/var/lib/market.db");
  EXPECT_EQ(parsed.options, (std::map<std::string, std::string>{{"synchronous", "normal"}, {"file_bytes_max", "10"}}));
}

TEST(StoreUri, DecodesPercentSigns) {
  const auto parsed = parse_store_uri("sqlite:a%20b%3Fc%25.db?x=%26");
  EXPECT_EQ(parsed.path, "a b?c%.db");
  EXPECT_EQ(parsed.options.at("x"), "&");
}

TEST(StoreUri, PathMayHoldColonsAndEqualSigns) { EXPECT_EQ(parse_store_uri("sqlite:C:/a=b.db").path, "C:/a=b.db"); }

TEST(StoreUri, RefusalNamesWhatIsWrongAndWhatIsKnown) {
  for (const auto& [uri, words] :
       std::map<std::string, std::string>{{"", "no scheme"},
                                          {"market.db", "no scheme"},
                                          {":x", "no scheme"},
                                          {"oracle:x", "\"oracle:...\": the scheme is unknown"},
                                          {"sqlite:", "path of the file is missing"},
                                          {"sqlite:a%2", "hexadecimal"},
                                          {"sqlite:a%", "hexadecimal"},
                                          {"sqlite:a%zz", "hexadecimal"},
                                          {"sqlite:a%00b", "NUL"},
                                          {"sqlite:a?x", "name=value"},
                                          {"sqlite:a?=x", "name=value"},
                                          {"sqlite:a?synchronous=full&synchronous=full", "given twice"},
                                          {"sqlite:a?synchronous=sometimes", "full or normal"},
                                          {"sqlite:a?file_bytes_max=many", "whole number"},
                                          {"sqlite:a?file_bytes_max=", "whole number"},
                                          {"sqlite:a?file_bytes_max=-1", "whole number"},
                                          {"sqlite:a?file_bytes_max=99999999999999999999", "whole number"},
                                          {"sqlite:a?color=red", "option \"color\" is unknown"},
                                          {"dynamodb:x", "dynamodb://"},
                                          {"dynamodb://key@host/table?region=x", "secret key"},
                                          {"cosmos:x", "cosmos://"},
                                          {"cosmos://key@host/database", "a container"},
                                          {"memory:x", "neither path nor options"},
                                          {"memory:?a=b", "neither path nor options"}}) {
    const std::string said = refusal_of(uri);
    EXPECT_NE(said.find(words), std::string::npos) << uri << " got: " << said;
    EXPECT_NE(said.find(uri.find("//") == std::string::npos ? "form" : "its form is"), std::string::npos) << uri;
  }
}

/// What a Redis URI may hold beside the part that is wrong: the driver reads it, since messages here show the URI.
TEST(StoreUri, OfRedisIsNotShownInARefusal) {
  for (const std::string uri :
       {"redis://me:secret@host:port", "redis:me:secret@host", "rediss://me:secret@[::1",
        "redis+unix://me:secret@host/path", "reddis://me:secret@host", "Redis://me:secret@host",
        "postgresqls://me:secret@h/d", "cosmosdb://secret@host/d/c", "me:secret@host", "secret@host",
        "host=db password=secret dbname=m", "secret@127.0.0.1:6379", "bob:pa?secret@cache:6379"}) {
    EXPECT_EQ(refusal_of(uri).find("secret"), std::string::npos) << uri;
  }
}

TEST(StoreUri, SchemeThatIsUnknownIsNamed) {
  EXPECT_NE(refusal_of("mysql://host/database").find("\"mysql:...\": the scheme is unknown"), std::string::npos);
}

TEST(StoreUri, MemoryOpensAnEmptyStore) {
  const auto store = open_store("memory:");
  EXPECT_EQ(store->name(), "memory");
  store->close();
}

TEST(StoreUri, OfADatabaseIsNotShown) {
  // In a build without the driver it is refused as a whole.
  const std::string said = refusal_of("postgresql://clerk:secret@h/d?troupe_colour=red");
  EXPECT_EQ(said.find("secret"), std::string::npos) << said;
  EXPECT_TRUE(said.find("troupe_colour") != std::string::npos || said.find("-DTROUPE_POSTGRES=ON") != std::string::npos)
      << said;
}

}  // namespace
}  // namespace troupe::internal
