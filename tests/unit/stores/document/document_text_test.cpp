#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "stores/document/document_reader.hpp"
#include "stores/document/document_sink.hpp"
#include "unit/stores/document/sample_document.hpp"

namespace troupe::internal {
namespace {

document read_back(const std::string& text) {
  const auto result = read_document(nlohmann::json::parse(text), {"seller", "ac/me"});
  EXPECT_EQ(result.damage, std::nullopt);
  return result.content;
}

TEST(DocumentText, IsWhatTheFormatSays) {
  EXPECT_EQ(
      text_of(sample_document()),
      R"({"version":"9007199254740993","writer":"18446744073709551615","epoch":"3","due":"-5",)"
      R"("erasures":[{"version":"7","writer":"70"}],"cells":{"book":{"schema":"2","json":"{\"a\":\"\\u0000\"}"},)"
      R"("x":{"json":"1"}},"reminders":[{"name":{"base64":"cv8="},"due":"10","period":"5"},{"name":"s","due":"20",)"
      R"("data":"[1]"}],"requests":[{"key":"k","reply":"null","at":"1"},{"key":"\u0000","reply":"2","at":"2"}],)"
      R"("stream":"9","messages":[{"sequence":"4","to_type":"buyer","to_key":{"base64":"YgD/"},"method":"take",)"
      R"("arguments":"[1]","sent":"1","attempts":"2","not_before":"3"}],"marks":[{"from_type":"buyer",)"
      R"("from_key":{"base64":"YgD/"},"stream":"5","sequence":"6","at":"7"}],"letters":[{"id":"8",)"
      R"("from_type":"buyer","from_key":{"base64":"YgD/"},"to_type":"seller","to_key":"ac/me","method":"pay",)"
      R"("arguments":"[]","attempts":"1","sent":"2","died":"3"}],"life":{"version":"5","writer":"50"},"logs":[{"name":"empty","first":"1","next":"1"},)"
      R"({"name":"sales","first":"2","next":"4","entries":[{"at":"20","json":"2"},{"at":"30","json":"3"}]}],)"
      R"("items_expire":"99","items":[{"key":"i","json":"true","version":"1","expires":"99"}]})");
}

TEST(DocumentText, IsReadBackWhole) {
  const document wanted = sample_document();
  const document got = read_back(text_of(wanted));
  // One text tells it all, but for the name.
  EXPECT_EQ(text_of(got), text_of(wanted));
  EXPECT_EQ(got.actor.image.requests, wanted.actor.image.requests);
  EXPECT_EQ(got.actor.logs, wanted.actor.logs);
  EXPECT_EQ(got.actor.items, wanted.actor.items);
}

TEST(DocumentText, OfAnErasedActorHasNoContent) {
  document erased;
  erased.erased = true;
  erased.erasures = {{2, 11}};
  erased.actor.image.stamp = {2, 11};
  EXPECT_EQ(text_of(erased),
            R"({"version":"2","writer":"11","erasures":[{"version":"2","writer":"11"}],"erased":true})");
  EXPECT_TRUE(read_back(text_of(erased)).erased);
}

TEST(DocumentText, DamageOfTheContentLeavesTheStamp) {
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{R"("json":"1")", R"("json":"{")"},
                                                        {R"("cells":{)", R"("cell":{)"},
                                                        {R"("schema":"2")", R"("schema":"0")"},
                                                        {R"("schema":"2")", R"("schema":2)"},
                                                        {R"("due":"10")", R"("due":"soon")"},
                                                        {R"("reply":"2")", R"("reply":"")"},
                                                        {R"("sequence":"4")", R"("sequence":"0")"},
                                                        {R"("arguments":"[1]")", R"("arguments":"{}")"},
                                                        {R"("cv8=")", R"("cv8")"},
                                                        {R"("next":"4")", R"("next":"3")"},
                                                        {R"("name":"empty")", R"("name":"sales")"},
                                                        {R"("life")", R"("live")"},
                                                        {R"("from_type":"buyer",)", ""}}) {
    std::string text = text_of(sample_document());
    const auto place = text.find(from);
    ASSERT_NE(place, std::string::npos) << from;
    text.replace(place, from.size(), to);
    const auto result = read_document(nlohmann::json::parse(text), {"seller", "a"});
    EXPECT_TRUE(result.damage) << to;
    EXPECT_EQ(result.content.actor.image.stamp, sample_document().actor.image.stamp);
    EXPECT_TRUE(result.content.actor.image.requests.empty());
  }
}

TEST(DocumentText, WithoutAStampIsNone) {
  for (const char* text : {"[]", "{}", R"({"version":"1"})", R"({"version":"0","writer":"1"})",
                           R"({"version":1,"writer":"1"})", R"({"version":"-1","writer":"1"})"}) {
    EXPECT_THROW(static_cast<void>(read_document(nlohmann::json::parse(text), {"seller", "a"})), damaged_document)
        << text;
  }
}

TEST(JsonText, EscapesWhatJsonCannotHold) {
  std::string out;
  append_json_string(std::string("a\"\\\n\0\x7f\xc3\xa9", 8), out);
  EXPECT_EQ(out, "\"a\\\"\\\\\\u000a\\u0000\\u007f\xc3\xa9\"");
}

}  // namespace
}  // namespace troupe::internal
