#include "base/json_members.hpp"

#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe::internal {
namespace {

using members = std::vector<json_member>;

members cut(std::string_view text) {
  members found;
  const auto fault = cut_json_object(text, found);
  EXPECT_FALSE(fault) << text << ": " << to_string(*fault);
  return found;
}

TEST(JsonMembers, CutsAnObjectWithoutChangingItsValues) {
  EXPECT_EQ(cut("{}"), members{});
  EXPECT_EQ(cut(R"({"a":1,"b":"x","c":null})"), (members{{"a", "1"}, {"b", "\"x\""}, {"c", "null"}}));
  EXPECT_EQ(cut(R"({"a":{"b":[1,{"c":2}]},"d":[[],{}]})"), (members{{"a", R"({"b":[1,{"c":2}]})"}, {"d", "[[],{}]"}}));
  EXPECT_EQ(cut(R"({"a":"}],{","b\"":"\\"})"), (members{{"a", R"("}],{")"}, {R"(b\")", R"("\\")"}}));
}

TEST(JsonMembers, LeavesWhiteSpaceAroundValuesOut) {
  EXPECT_EQ(cut(" \n{ \t\"a\" : [ 1 , 2 ] ,\r\n\"b\":-1.5e+3 } "), (members{{"a", "[ 1 , 2 ]"}, {"b", "-1.5e+3"}}));
}

TEST(JsonMembers, KeepsOrderAndRepetitionsOfNames) {
  EXPECT_EQ(cut(R"({"b":1,"a":2,"b":3})"), (members{{"b", "1"}, {"a", "2"}, {"b", "3"}}));
}

TEST(JsonMembers, CutsAnArray) {
  std::vector<std::string_view> elements;
  EXPECT_FALSE(cut_json_array(R"([ {"a":1}, "x,y" ,[2]])", elements));
  EXPECT_EQ(elements, (std::vector<std::string_view>{R"({"a":1})", R"("x,y")", "[2]"}));
  EXPECT_FALSE(cut_json_array(" [ ] ", elements));
  EXPECT_TRUE(elements.empty());
  EXPECT_TRUE(cut_json_array("{}", elements));
}

TEST(JsonMembers, NamesTheFaultAndWhereItIs) {
  members ignored;
  const auto fault_of = [&](std::string_view text) {
    const auto fault = cut_json_object(text, ignored);
    return fault ? to_string(*fault) : "none";
  };
  EXPECT_EQ(fault_of(""), "expected '{' at byte 0");
  EXPECT_EQ(fault_of("[]"), "expected '{' at byte 0");
  EXPECT_EQ(fault_of(R"({"a":1)"), "expected ',' or '}' at byte 6");
  EXPECT_EQ(fault_of(R"({"a":1,})"), "expected a string at byte 7");
  EXPECT_EQ(fault_of(R"({"a" 1})"), "expected ':' at byte 5");
  EXPECT_EQ(fault_of(R"({"a":})"), "expected a value at byte 5");
  EXPECT_EQ(fault_of(R"({"a":1}{)"), "expected the end of the text at byte 7");
  EXPECT_EQ(fault_of(R"({"a":"x)"), "expected the end of a string at byte 7");
}

TEST(JsonMembers, AcceptsEveryKindOfValue) {
  for (const std::string_view text :
       {"0", "-0", "10", "1.0", "0.5e-7", "1E9", "true", "false", "null", "\"\"", R"("\u00e9\/\b\f\n\r\t")", "[]", "{}",
        "[[[]]]", R"({"":{"":[]}})", "\"\xff\"", " 1 "}) {
    EXPECT_FALSE(check_json_value(text)) << text;
  }
}

TEST(JsonMembers, RefusesWhatIsNotJson) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv,        " "sv,
                                      "01"sv,      "+1"sv,
                                      "1."sv,      ".5"sv,
                                      "1e"sv,      "1e+"sv,
                                      "-"sv,       "--1"sv,
                                      "tru"sv,     "truee"sv,
                                      "nul"sv,     "'a'"sv,
                                      "\"\n\""sv,  "\"\0\""sv,
                                      "\"\\x\""sv, "\"\\u12g4\""sv,
                                      "\"\\u1"sv,  "\"\\"sv,
                                      "[1 2]"sv,   "[1,]"sv,
                                      "[,1]"sv,    "[1}"sv,
                                      "{]"sv,      "{1:2}"sv,
                                      "{\"a\"}"sv, "[1]]"sv,
                                      "[[1]"sv,    "1 2"sv,
                                      "NaN"sv,     "\0"sv,
                                      "1\0"sv,     "{\"a\":1,,\"b\":2}"sv}) {
    EXPECT_TRUE(check_json_value(text)) << text;
  }
}

TEST(JsonMembers, AcceptsAThousandLevelsAndNoMore) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_FALSE(check_json_value(nested(json_depth_max)));
  EXPECT_TRUE(check_json_value(nested(json_depth_max + 1)));
  EXPECT_TRUE(check_json_value(std::string(1'000'000, '[')));
}

/// Texts that are JSON, or nearly so, are judged as a full parser judges them.
TEST(JsonMembers, AgreesWithAFullParser) {
  constexpr std::string_view alphabet = "{}[]:,\"\\0123.eE+-truefalsn \n";
  std::mt19937 random(20240611);
  const std::string seed_text = R"({"a":[1,-2.5e3,true,null],"b\n":{"c":"\u0041x"},"d":false})";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seed_text;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const char letter = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0:
          text[at] = letter;
          break;
        case 1:
          text.insert(at, 1, letter);
          break;
        default:
          text.erase(at, 1);
      }
    }
    EXPECT_EQ(!check_json_value(text), nlohmann::json::accept(text)) << text;
  }
}

}  // namespace
}  // namespace troupe::internal
