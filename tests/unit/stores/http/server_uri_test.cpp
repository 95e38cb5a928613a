#include "stores/http/server_uri.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

std::string fault_of(const std::string& uri) {
  try {
    static_cast<void>(cut_server_uri(uri, "db"));
  } catch (const bad_uri& fault) {
    return fault.what();
  }
  return "none";
}

uri_options options_of(const std::string& name, const std::string& value) {
  return uri_options(std::map<std::string, std::string>{{name, value}});
}

TEST(ServerUri, IsCutIntoItsParts) {
  const auto uri = cut_server_uri("db://us%2Fer:p%40ss%3A@host.example:8000/a%20b/c?x=%26&y=", "db");
  EXPECT_EQ(uri.user, "us/er");
  EXPECT_EQ(uri.password, "p@ss:");
  EXPECT_EQ(uri.host, "host.example");
  EXPECT_EQ(uri.port, "8000");
  EXPECT_EQ(uri.path, (std::vector<std::string>{"a b", "c"}));
  EXPECT_EQ(uri.options, (std::map<std::string, std::string>{{"x", "&"}, {"y", ""}}));
}

TEST(ServerUri, LeavesOutWhatIsNotGiven) {
  const auto uri = cut_server_uri("db://[::1]", "db");
  EXPECT_EQ(uri.host, "::1");
  EXPECT_EQ(uri.user, std::nullopt);
  EXPECT_TRUE(uri.port.empty() && uri.path.empty() && uri.options.empty());
  EXPECT_EQ(cut_server_uri("db://[::1]:77/x", "db").port, "77");
}

TEST(ServerUri, NamesThePartThatIsWrong) {
  for (const auto& [uri, words] : std::map<std::string, std::string>{{"dbx://h", "db://"},
                                                                     {"db:h", "db://"},
                                                                     {"db://", "host is missing"},
                                                                     {"db://k@:1/t", "host is missing"},
                                                                     {"db://h:0", "port"},
                                                                     {"db://h:65536", "port"},
                                                                     {"db://h:1x", "port"},
                                                                     {"db://::1", "brackets"},
                                                                     {"db://[::1", "no end"},
                                                                     {"db://[::1]x", "port"},
                                                                     {"db://h/%zz", "hexadecimal"},
                                                                     {"db://h/%0", "hexadecimal"},
                                                                     {"db://h/%00", "NUL"},
                                                                     {"db://h?x", "name=value"},
                                                                     {"db://h?=x", "name=value"},
                                                                     {"db://h?x=1&x=2", "given twice"}}) {
    EXPECT_NE(fault_of(uri).find(words), std::string::npos) << uri << " got: " << fault_of(uri);
  }
}

TEST(UriOptions, KnowNumbersAndSwitches) {
  uri_options options({{"n", "7"}, {"s", "off"}, {"t", "x"}});
  EXPECT_EQ(options.take_number("n", 1, 7), 7U);
  EXPECT_EQ(options.take_number("n", 1, 7), std::nullopt);
  EXPECT_EQ(options.take_switch("s"), false);
  EXPECT_THROW(options.expect_none_left("n and s"), bad_uri);
  EXPECT_EQ(options.take("t"), "x");
  EXPECT_NO_THROW(options.expect_none_left("n and s"));
  EXPECT_THROW(static_cast<void>(options_of("n", "8").take_number("n", 1, 7)), bad_uri);
  EXPECT_THROW(static_cast<void>(options_of("n", "1.5").take_number("n", 1, 7)), bad_uri);
  EXPECT_THROW(static_cast<void>(options_of("s", "yes").take_switch("s")), bad_uri);
}

}  // namespace
}  // namespace troupe::internal
