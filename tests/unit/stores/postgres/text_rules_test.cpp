#include "stores/postgres/text_rules.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using stores::postgres_state;

TEST(TextRules, TakeWhatPostgresTakesForUtf8) {
  for (const std::string_view text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xf0\x9f\x8e\xad z"}) {
    EXPECT_TRUE(is_storable_text(text)) << text;
  }
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"\0"sv, "a\0b"sv, "\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2\x41"sv, "\xe0\x9f\xbf"sv, "\xe1\x80"sv,
        "\xed\xa0\x80"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv, "ok\xfe"sv}) {
    EXPECT_FALSE(is_storable_text(text)) << text;
  }
}

spi::turn_record record() {
  spi::turn_record made;
  made.actor = {"seller", std::string("any\0\xff", 5)};
  made.next = {1, 11};
  return made;
}

/// Expects that a record with the change is refused as text, and as bytea only if `always`.
template <typename Change>
void expect_refused(Change change, bool always, const std::string& words) {
  auto changed = record();
  change(changed);
  const auto said = text_refusal(changed, postgres_state::text);
  ASSERT_TRUE(said.has_value()) << words;
  EXPECT_NE(said->find(words), std::string::npos) << *said;
  EXPECT_NE(said->find("seller/any"), std::string::npos) << *said;
  EXPECT_EQ(text_refusal(changed, postgres_state::bytea).has_value(), always) << words;
}

TEST(TextRules, RefuseJsonThatIsNotUtf8OnlyWhereItIsText) {
  const std::string bad = "\"\xff\"";
  EXPECT_FALSE(text_refusal(record(), postgres_state::text));
  expect_refused([&](auto& r) { r.cells = {{.name = "stock", .json = bad}}; }, false, "cell stock");
  expect_refused([&](auto& r) { r.reminders = {{{"bill", {}, {}, bad}}}; }, false, "reminder");
  expect_refused([&](auto& r) { r.requests_added = {{"k", bad, {}}}; }, false, "reply");
  expect_refused(
      [&](auto& r) {
        r.messages.emplace().sent_added = {{.to = {"a", "b"}, .arguments = bad}};
      },
      false, "message");
  expect_refused(
      [&](auto& r) {
        r.messages.emplace().letters_added = {{.from = {"a", "b"}, .to = {"a", "b"}, .arguments = bad}};
      },
      false, "dead letter");
  expect_refused([&](auto& r) { r.logs = {{{{"sales", 1, 2}, 1, {{1, {}, bad}}}}}; }, false, "log sales");
  expect_refused([&](auto& r) { r.items.emplace().set = {{.key = "k", .json = bad}}; }, false, "item");
}

TEST(TextRules, RefuseTypeNamesThatAreNotUtf8Always) {
  expect_refused([](auto& r) { r.messages.emplace().marks_set = {{{"a\xff", "b"}, 1, 1, {}}}; }, true, "type name");
  expect_refused(
      [](auto& r) {
        r.messages.emplace().sent_added = {{.to = {std::string("a\0", 2), "b"}}};
      },
      true, "type name");
  auto bad = record();
  bad.actor.type = "sell\xffr";
  EXPECT_TRUE(text_refusal(bad, postgres_state::bytea));
}

}  // namespace
}  // namespace troupe::internal
