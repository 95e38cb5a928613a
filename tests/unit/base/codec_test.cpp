#include "troupe/base/codec.hpp"

#include <limits>
#include <optional>
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

/// Values are copied and taken apart level by level, on the stack.
TEST(Codec, RefusesNestingThatCouldExhaustTheStack) {
  EXPECT_EQ(refusal_to_decode<nlohmann::json>(brackets(1'000)), std::nullopt);
  EXPECT_EQ(refusal_to_decode<nlohmann::json>(brackets(1'001)), errc::invalid_argument);
  EXPECT_EQ(refusal_to_decode<nlohmann::json>(brackets(400'000)), errc::invalid_argument);
  EXPECT_EQ(refusal_to_encode(nlohmann::json::parse(brackets(1'000))), std::nullopt);
  EXPECT_EQ(refusal_to_encode(nlohmann::json::parse(brackets(1'001))), errc::not_encodable) << "nobody could read it";
}

TEST(Codec, RefusesNumbersThatJsonDoesNotHave) {
  const nlohmann::json nested = {{"a", {1, 2, std::numeric_limits<double>::infinity()}}};
  EXPECT_EQ(refusal_to_encode(nested), errc::not_encodable);
}

}  // namespace
}  // namespace troupe
