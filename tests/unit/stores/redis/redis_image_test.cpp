#include "stores/redis/redis_image.hpp"

#include <map>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::string_literals;
using field_map = std::map<std::string, std::string>;

const actor_id seller_acme{"seller", "acme"};

wall_time at_ms(std::int64_t milliseconds) { return wall_time(std::chrono::milliseconds(milliseconds)); }

/// What `HGETALL` would answer. Lifetime: of `fields`.
std::vector<redis_reply> answer_of(const field_map& fields) {
  std::vector<redis_reply> items;
  for (const auto& [name, value] : fields) {
    items.push_back({redis_reply::kind::text, name, 0, {}});
    items.push_back({redis_reply::kind::text, value, 0, {}});
  }
  return items;
}

spi::turn_record full_record() {
  spi::turn_record record;
  record.actor = seller_acme;
  record.epoch = 5;
  record.next = {3, 77};
  record.cells = {{"book", 1, "", true}, {"cart", 4, "[1]"}, {"name", 1, "\"Acme\""}};
  record.reminders = {{{"bill", at_ms(1000), std::chrono::milliseconds(60000), R"({"to":"x"})", R"({"left":2})"},
                       {"\xff 1:", at_ms(-2000), std::chrono::milliseconds(0), "null"}}};
  record.requests_added = {{"r\0"s, R"({"ok":true})", at_ms(20)}, {"a", "1", at_ms(20)}};
  spi::message_changes& messages = record.messages.emplace();
  messages.stream = 9;
  messages.sent_added = {{7, {"buyer", "b/\0"s}, "take", "[1]", at_ms(30), 2, at_ms(40)}};
  messages.marks_set = {{{"buyer", "b/\0"s}, ~std::uint64_t{0}, 9, at_ms(50)}};
  messages.letters_added = {{1, {"buyer", "b"}, seller_acme, "pay", "[]", "no 3:x", 16, at_ms(60), at_ms(70)}};
  record.logs = {{{{"audit", 1, 1}, 1, {}}, {{"sales", 3, 7}, 2, {}}}};
  record.items = {at_ms(-80), false, {"gone"}, {{"offer", "1", 3, at_ms(5)}}};
  return record;
}

/// Each has a field of its own.
std::vector<spi::cell_image> full_cells() {
  return {{"book", 1, "[]", true}, {"cart", 4, "[1]", true}, {"name", 1, "\"Acme\"", true}};
}

/// The format: whatever changes this needs a new number.
field_map full_fields() {
  return {{"head", "3 77 5 book cart name"},
          {"c:book", "[]"},
          {"c:cart", "@4 [1]"},
          {"c:name", "\"Acme\""},
          {"reminders", "4:bill 1000 60000 10:{\"to\":\"x\"} 4:\xff 1: -2000 0 4:null "},
          {"plans", "4:bill 10:{\"left\":2} "},
          {"q:r\0"s, "20 3 0 {\"ok\":true}"},
          {"q:a", "20 3 1 1"},
          {"stream", "9"},
          {"m:7", "5:buyer 3:b/\0 4:take 30 2 40 [1]"s},
          {"k:buyer/b/\0"s, "18446744073709551615 9 50 "},
          {"l:1", "5:buyer 1:b 6:seller 4:acme 3:pay 6:no 3:x 16 60 70 []"},
          {"logs", "audit 1 1 sales 3 7 "},
          {"expire", "-80"}};
}

TEST(RedisImage, FieldsAreThoseOfTheFormat) {
  const redis_fields fields = fields_of(full_record(), 0);
  auto wanted = full_fields();
  wanted.erase("head");
  wanted.erase("c:book");  // kept
  EXPECT_EQ(field_map(fields.set.begin(), fields.set.end()), wanted);
  EXPECT_TRUE(fields.deleted.empty());
  EXPECT_EQ(cell_names_of(full_record()), " book cart name");
  EXPECT_EQ(text_of(spi::commit_stamp{3, ~std::uint64_t{0}}), "3 18446744073709551615");
  EXPECT_EQ(text_of(spi::commit_stamp{}), "");
}

TEST(RedisImage, IsReadFromTheFields) {
  const auto fields = full_fields();
  const auto record = full_record();
  const spi::actor_image image = image_of(seller_acme, answer_of(fields), redis_detail::all);
  EXPECT_EQ(image.actor, seller_acme);
  EXPECT_EQ(image.stamp, record.next);
  EXPECT_EQ(image.epoch, 5U);
  EXPECT_EQ(image.cells, full_cells());
  EXPECT_EQ(image.reminders, *record.reminders);
  EXPECT_EQ(image.requests, record.requests_added);
  EXPECT_EQ(image.stream, 9U);
  EXPECT_EQ(image.messages, record.messages->sent_added);
  EXPECT_EQ(image.marks, record.messages->marks_set);
  EXPECT_EQ(image.letters, record.messages->letters_added);
  EXPECT_EQ(image.logs, (std::vector<spi::log_head>{{"audit", 1, 1}, {"sales", 3, 7}}));
  EXPECT_EQ(image.items_expire, at_ms(-80));
}

TEST(RedisImage, EntriesAndItemsAreThoseOfTheFormat) {
  const spi::log_entry_image entry{9, at_ms(-7), R"({"a": 1})"};
  EXPECT_EQ(value_of(entry), "-7 {\"a\": 1}");
  EXPECT_EQ(entry_of(9, value_of(entry)), entry);
  const spi::item_image lasting{"k\0"s, "-1", ~std::uint64_t{0}, std::nullopt};
  EXPECT_EQ(value_of(lasting), "18446744073709551615 . -1");
  EXPECT_EQ(item_of("k\0"s, value_of(lasting)), lasting);
  const spi::item_image passing{"k", "\"x y\"", 3, at_ms(-5)};
  EXPECT_EQ(value_of(passing), "3 -5 \"x y\"");
  EXPECT_EQ(item_of("k", value_of(passing)), passing);
  for (const std::string value : {"", "1", "x 1", "1 {"})
    EXPECT_THROW((void)entry_of(9, value), damaged_field) << value;
  for (const std::string value : {"", "1", "1 2", "1 . ", "x . 1", "1 . {", "1 .1"}) {
    EXPECT_THROW((void)item_of("k", value), damaged_field) << value;
  }
}

TEST(RedisImage, LargeCellsAreCompressedWhereThatIsAskedFor) {
  spi::turn_record record;
  record.next = {1, 1};
  record.cells = {{"big", 3, "\"" + std::string(1000, 'x') + "\""}, {"small", 1, "1"}};
  const auto fields = fields_of(record, 100);
  EXPECT_TRUE(fields.set[0].second.starts_with("#3 1 "));
  EXPECT_LT(fields.set[0].second.size(), 100U);
  EXPECT_EQ(fields.set[1].second, "1");
  field_map stored{{"head", "1 1 0 big small"}};
  for (const auto& [name, value] : fields.set) stored[name] = value;
  auto wanted = record.cells;
  for (auto& cell : wanted) cell.kept = true;
  EXPECT_EQ(image_of(seller_acme, answer_of(stored), redis_detail::all).cells, wanted);
  EXPECT_EQ(fields_of(record, 0).set[0].second, "@3 " + record.cells[0].json);
}

TEST(RedisImage, OfAListLeavesOutWhatAListDoesNotShow) {
  const auto fields = full_fields();
  const spi::actor_image image = image_of(seller_acme, answer_of(fields), redis_detail::listed);
  EXPECT_EQ(image.cells, full_cells());
  EXPECT_EQ(image.reminders, *full_record().reminders);
  EXPECT_TRUE(image.requests.empty());
  EXPECT_TRUE(image.messages.empty());
  EXPECT_EQ(image.stream, 0U);
}

TEST(RedisImage, OfNoFieldsIsNoActor) {
  const spi::actor_image image = image_of(seller_acme, {}, redis_detail::all);
  EXPECT_EQ(image.actor, seller_acme);
  EXPECT_EQ(image.stamp.version, 0U);
}

TEST(RedisImage, FieldThatIsSetIsNotDeletedAsWell) {
  spi::turn_record record;
  record.next = {2, 1};
  record.requests_dropped = {"a", "b"};
  record.requests_added = {{"b", "1", at_ms(5)}};
  record.reminders.emplace();
  record.messages.emplace();
  record.messages->sent_dropped = {1, 2};
  record.messages->sent_added = {{2, seller_acme, "m", "[]", at_ms(0), 0, at_ms(0)}};
  record.messages->marks_dropped = {{"buyer", "b"}};
  record.messages->letters_dropped = {3};
  record.logs.emplace();
  record.items.emplace();
  EXPECT_EQ(fields_of(record, 0).deleted,
            (std::vector<std::string>{"q:a", "reminders", "plans", "logs", "expire", "m:1", "k:buyer/b", "l:3"}));
}

TEST(RedisImage, RequestsAreOrderedByTimeThenByWhatBroughtThem) {
  const field_map fields{
      {"head", "9 1 0"}, {"q:a", "20 3 1 1"}, {"q:b", "20 3 0 2"}, {"q:c", "20 2 7 3"}, {"q:d", "10 9 9 4"}};
  std::string keys;
  for (const auto& request : image_of(seller_acme, answer_of(fields), redis_detail::all).requests) keys += request.key;
  EXPECT_EQ(keys, "dcba");
}

TEST(RedisImage, DamageNamesTheField) {
  for (const auto& [field, value] :
       std::vector<std::pair<std::string, std::string>>{{"head", ""},
                                                        {"head", "3 77"},
                                                        {"head", "0 77 5"},
                                                        {"head", "3 77 5  a"},
                                                        {"head", "3 77 5x"},
                                                        {"head", "-3 77 5"},
                                                        {"head", "3 77 5 cart"},
                                                        {"head", "3 77 5 cart name more"},
                                                        {"c:cart", "[1"},
                                                        {"c:cart", "@x [1]"},
                                                        {"c:cart", "@0 [1]"},
                                                        {"c:cart", "@4"},
                                                        {"c:cart", "#4 9 x"},
                                                        {"c:cart", "#4 1 x"},
                                                        {"logs", "a 1"},
                                                        {"logs", "a 0 1 "},
                                                        {"logs", "a 2 1 "},
                                                        {"logs", " 1 1 "},
                                                        {"expire", "x"},
                                                        {"c:more", "1"},
                                                        {"reminders", "4:bill"},
                                                        {"plans", "4:bill"},
                                                        {"plans", "4:coal 4:null "},
                                                        {"reminders", "0: 1 1 4:null "},
                                                        {"reminders", "4:bill 1 1 3:{}} "},
                                                        {"reminders", "99:bill 1 1 4:null "},
                                                        {"q:a", "20 3"},
                                                        {"q:a", "20 3 1 {"},
                                                        {"stream", "x"},
                                                        {"stream", "1 "},
                                                        {"m:7", "5:buyer 1:b 4:take 30 2 [1]"},
                                                        {"m:x", "5:buyer 1:b 4:take 30 2 40 [1]"},
                                                        {"m:0", "5:buyer 1:b 4:take 30 2 40 [1]"},
                                                        {"m:7", "5:buyer 1:b 4:take 30 2 40 {}"},
                                                        {"m:7", "5:buyer 1:b 4:take 30 2 40 [1"},
                                                        {"m:7", "0: 1:b 4:take 30 2 40 [1]"},
                                                        {"k:buyer", "1 9 50 "},
                                                        {"k:buyer/b", "1 0 50 "},
                                                        {"k:buyer/b", "1 9"},
                                                        {"l:1", "5:buyer 1:b 6:seller 4:acme 3:pay 2:no 16 60 []"},
                                                        {"x:1", "1"},
                                                        {"", "1"}}) {
    auto fields = full_fields();
    fields[field] = value;
    try {
      (void)image_of(seller_acme, answer_of(fields), redis_detail::all);
      ADD_FAILURE() << field << " = " << value << " was accepted";
    } catch (const damaged_field& fault) {
      const std::string name = field == "c:cart" && value == "[1" ? "c:cart" : field.substr(0, 1);
      EXPECT_NE(std::string(fault.what()).find(name), std::string::npos) << fault.what();
    }
  }
  auto headless = full_fields();
  headless.erase("head");
  EXPECT_THROW((void)image_of(seller_acme, answer_of(headless), redis_detail::all), damaged_field);
}

TEST(RedisImage, HeadGivesStampEpochAndCells) {
  EXPECT_EQ(read_head("18446744073709551615 2 3"), (redis_head{{~std::uint64_t{0}, 2}, 3, {}}));
  EXPECT_EQ(read_head("1 2 3 a b-c"), (redis_head{{1, 2}, 3, {"a", "b-c"}}));
  EXPECT_FALSE(read_head("18446744073709551616 2 3"));
}

}  // namespace
}  // namespace troupe::internal
