#include "troupe/base/codec.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace troupe {
namespace {

std::string brackets(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

template <class T>
std::optional<errc> refusal_to_decode(const std::string& json) {
  try {
    static_cast<void>(codec<T>::decode(json));
  } catch (const error& why) {
    return why.kind();
  }
  return std::nullopt;
}

template <class T>
std::optional<errc> refusal_to_encode(const T& value) {
  try {
    std::string json;
    codec<T>::encode(value, json);
  } catch (const error& why) {
    return why.kind();
  }
  return std::nullopt;
}

TEST(Codec, GivesBackWhatItTook) {
  std::string json;
  codec<std::vector<std::string>>::encode({"a", "\n"}, json);
  EXPECT_EQ(json, R"(["a","\n"])");
  EXPECT_EQ(codec<std::vector<std::string>>::decode(json), (std::vector<std::string>{"a", "\n"}));
}

TEST(Codec, RefusesTextThatIsNotItsValue) {
  for (const char* bad : {"", "1 2", "nul", "\"a\"", "[1]"})
    EXPECT_EQ(refusal_to_decode<int>(bad), errc::invalid_argument);
}

struct shelf {
  std::int32_t stock = 0;
  std::vector<std::uint8_t> sizes;
  std::set<int> places;
  float weight = 0;
  double price = 0;
};

void from_json(const nlohmann::json& json, shelf& s) {
  s.stock = json.value("stock", 0);
  s.sizes = json.value("sizes", s.sizes);
  s.places = json.value("places", s.places);
  s.weight = json.value("weight", 0.0F);
  s.price = json.value("price", 0.0);
}
void to_json(nlohmann::json& json, const shelf& s) {
  json = {{"stock", s.stock}, {"sizes", s.sizes}, {"places", s.places}, {"weight", s.weight}, {"price", s.price}};
}

/// nlohmann converts by static_cast: what does not fit was cut without a word, and saved so.
TEST(Codec, RefusesIntegersThatTheirPlaceCannotHold) {
  for (const char* bad : {"1.9", "true", "4294967301", "2147483648", "1e300", "99999999999999999999", "-2147483649"}) {
    EXPECT_EQ(refusal_to_decode<int>(bad), errc::invalid_argument) << bad;
  }
  for (const char* bad : {"300", "-1", "256"}) EXPECT_EQ(refusal_to_decode<std::uint8_t>(bad), errc::invalid_argument);
  EXPECT_EQ(refusal_to_decode<unsigned>("-1"), errc::invalid_argument);
  EXPECT_EQ(refusal_to_decode<std::uint64_t>("-1"), errc::invalid_argument);
  for (const char* bad : {"18446744073709551615", "9223372036854775808"}) {
    EXPECT_EQ(refusal_to_decode<std::int64_t>(bad), errc::invalid_argument) << bad;
  }
  EXPECT_EQ(codec<int>::decode("2.0"), 2);
  EXPECT_EQ(codec<std::uint64_t>::decode("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(codec<std::int64_t>::decode("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(refusal_to_decode<shelf>(R"({"stock":4294967301.7})"), errc::invalid_argument);
  EXPECT_EQ(refusal_to_decode<shelf>(R"({"sizes":[1,300]})"), errc::invalid_argument);
  EXPECT_EQ(refusal_to_decode<shelf>(R"({"places":[3,1.5]})"), errc::invalid_argument);
}

TEST(Codec, TakesWhatReadsTheSameInAnotherForm) {
  const auto read = codec<shelf>::decode(
      R"({"stock":7,"sizes":[2,1],"places":[3,1,3,2],"weight":0.1,"price":5,"later":{"stock":1e300}})");
  EXPECT_EQ(read.stock, 7);
  EXPECT_EQ(read.places, (std::set<int>{1, 2, 3}));
  EXPECT_EQ((codec<std::map<int, int>>::decode("[[3,1],[1,2]]")), (std::map<int, int>{{1, 2}, {3, 1}}));
}

TEST(Codec, RefusesBytesBehindTheValue) {
  EXPECT_EQ(refusal_to_decode<int>(std::string("1\0", 2)), errc::invalid_argument);
  EXPECT_EQ(refusal_to_decode<std::string>(std::string("\"a\0\"", 4)), errc::invalid_argument);
}

/// Values are copied and taken apart level by level, on the stack.
TEST(Codec, RefusesNestingThatCouldExhaustTheStack) {
  EXPECT_EQ(refusal_to_decode<nlohmann::json>(brackets(1'000)), std::nullopt);
  EXPECT_EQ(refusal_to_decode<nlohmann::json>(brackets(1'001)), errc::invalid_argument);
  EXPECT_EQ(refusal_to_decode<nlohmann::json>(brackets(400'000)), errc::invalid_argument);
  EXPECT_EQ(refusal_to_encode(nlohmann::json::parse(brackets(1'000))), std::nullopt);
  EXPECT_EQ(refusal_to_encode(nlohmann::json::parse(brackets(1'001))), errc::not_encodable) << "nobody could read it";
  EXPECT_EQ(refusal_to_encode(nlohmann::json::parse(brackets(400'000))), errc::not_encodable);
}

TEST(Codec, RefusesNumbersThatJsonDoesNotHave) {
  const nlohmann::json nested = {{"a", {1, 2, std::numeric_limits<double>::infinity()}}};
  EXPECT_EQ(refusal_to_encode(nested), errc::not_encodable);
}

}  // namespace
}  // namespace troupe
