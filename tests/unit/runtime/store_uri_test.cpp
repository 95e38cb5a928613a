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
                                          {"oracle:x", "scheme \"oracle\" is unknown"},
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
                                          {"memory:x", "neither path nor options"},
                                          {"memory:?a=b", "neither path nor options"}}) {
    const std::string said = refusal_of(uri);
    EXPECT_NE(said.find(words), std::string::npos) << uri << " got: " << said;
    EXPECT_NE(said.find("known forms"), std::string::npos) << uri;
  }
}

TEST(StoreUri, MemoryOpensAnEmptyStore) {
  const auto store = open_store("memory:");
  EXPECT_EQ(store->name(), "memory");
  store->close();
}

}  // namespace
}  // namespace troupe::internal
