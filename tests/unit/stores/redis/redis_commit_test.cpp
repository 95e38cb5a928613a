#include "stores/redis/redis_commit.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "unit/stores/redis/replies.hpp"

namespace troupe::internal {
namespace {

const actor_id acme{"seller", "acme"};

spi::turn_record record_of(actor_id actor) {
  spi::turn_record record;
  record.actor = std::move(actor);
  record.expected = {1, 11};
  record.next = {2, 11};
  record.epoch = 7;
  record.cells = {{"a", 1, "1"}};
  return record;
}

/// The words of a call, with "." for a NUL byte.
std::string words_of(const redis_batch& batch) {
  std::istringstream lines(commit_call(redis_layout("t"), batch).text());
  std::string line;
  std::string words;
  std::getline(lines, line);
  while (std::getline(lines, line) && std::getline(lines, line)) {
    line.pop_back();
    for (char& c : line) c = c == '\0' ? '.' : c;
    words += (words.empty() ? "" : "|") + line;
  }
  return words;
}

TEST(RedisCommit, CallHasTheWordsThatTheScriptReads) {
  const auto record = record_of(acme);
  EXPECT_EQ(words_of({.records = {&record}}),
            "4|t:{52}:a:seller/acme|t:{52}:due|t:{52}:index|t:{52}:erased|1|"
            "|0|w|1 11|2 11|7|seller.acme|=| a|0|1|c:a|1|=|=");
}

TEST(RedisCommit, CallNamesEachShardOnce) {
  const auto one = record_of(acme);
  auto two = record_of({"seller", "cask"});
  two.expected = {};
  two.keeps_cells = true;
  two.cells.clear();
  two.requests_dropped = {"r"};
  two.reminders.emplace();
  auto three = record_of(acme);
  three.cells.clear();
  three.erase = true;
  three.next.writer = 12;
  EXPECT_EQ(words_of({.records = {&one, &two, &three}}),
            "9|t:{52}:a:seller/acme|t:{60}:a:seller/cask|t:{52}:a:seller/acme"
            "|t:{52}:due|t:{52}:index|t:{52}:erased|t:{60}:due|t:{60}:index|t:{60}:erased|3|"
            "|0|w|1 11|2 11|7|seller.acme|=| a|0|1|c:a|1|=|="
            "|1|w||2 11|7|seller.cask||=|3|q:r|reminders|plans|0|=|="
            "|0|e|1 11|2 12|7|seller.acme|12/2/6237380434382925524|2048");
}

TEST(RedisCommit, CallHoldsLogsAndItemsBehindTheFields) {
  auto record = record_of(acme);
  const auto at = [](std::int64_t ms) { return wall_time(std::chrono::milliseconds(ms)); };
  record.logs = {{{{"audit", 1, 1}, 1, {}}, {{"sales", 3, 7}, 2, {{5, at(50), "5"}, {6, at(60), "6"}}}}};
  record.items = {std::nullopt, false, {"gone"}, {{"offer", "1", 2, std::nullopt}}};
  EXPECT_EQ(words_of({.records = {&record}}),
            "4|t:{52}:a:seller/acme|t:{52}:due|t:{52}:index|t:{52}:erased|1|"
            "|0|w|1 11|2 11|7|seller.acme|=| a|1|expire|2|c:a|1|logs|audit 1 1 sales 3 7 "
            "|2|audit|0|0|sales|1|2|50 5|60 6|+|1|gone|1|offer|2 . 1");
}

TEST(RedisCommit, CallNamesTheLeaseItIsMadeUnder) {
  const auto record = record_of(acme);
  const std::string words = words_of({.records = {&record}, .lease = redis_lease{"east", 9}, .lease_shard = 52});
  EXPECT_TRUE(
      words.starts_with("5|t:{52}:a:seller/acme|t:{52}:due|t:{52}:index|t:{52}:erased|t:{52}:lease:east|1|9|0|w|"))
      << words;
}

TEST(RedisCommit, DueTimeIsTheWakeTimeBeforeTheReminders) {
  auto record = record_of(acme);
  record.reminders = {{{"x", wall_time(std::chrono::milliseconds(500)), {}, "null"}}};
  EXPECT_NE(words_of({.records = {&record}}).find("|seller.acme|500| a|"), std::string::npos);
  record.wake.emplace().at = wall_time(std::chrono::milliseconds(-3));
  EXPECT_NE(words_of({.records = {&record}}).find("|seller.acme|-3| a|"), std::string::npos);
  record.wake->at.reset();
  EXPECT_NE(words_of({.records = {&record}}).find("|seller.acme|| a|"), std::string::npos);
}

TEST(RedisCommit, AnswerTellsOfEachRecord) {
  const auto record = record_of(acme);
  const redis_batch batch{.records = std::vector<const spi::turn_record*>(6, &record)};
  const redis_reply reply{redis_reply::kind::list,
                          {},
                          0,
                          {number(1), number(2), text("C9 12 3 a"), text("C"), text("EOOM command not allowed")}};
  const auto results = commit_results(batch, reply, "Redis at x");
  ASSERT_EQ(results.size(), 6U);
  EXPECT_EQ(results[0].status, spi::commit_status::committed);
  EXPECT_EQ(results[1].status, spi::commit_status::committed);
  EXPECT_EQ(results[2].status, spi::commit_status::conflict);
  EXPECT_NE(results[2].message.find("version 9 of writer 12"), std::string::npos) << results[2].message;
  EXPECT_NE(results[3].message.find("holds no state"), std::string::npos) << results[3].message;
  EXPECT_EQ(results[4].status, spi::commit_status::unavailable);
  // The answer is too short: nobody knows what became of the last one.
  EXPECT_EQ(results[5].status, spi::commit_status::unknown);
}

TEST(RedisCommit, LeaseThatSomebodyTookIsAConflictOfAll) {
  const auto record = record_of(acme);
  const redis_batch batch{.records = {&record, &record}, .lease = redis_lease{"east", 9}};
  const auto results = commit_results(batch, text("L10"), "Redis at x");
  ASSERT_EQ(results.size(), 2U);
  for (const auto& result : results) {
    EXPECT_EQ(result.status, spi::commit_status::conflict);
    EXPECT_NE(result.message.find("\"east\" in epoch 9"), std::string::npos) << result.message;
    EXPECT_NE(result.message.find("epoch 10"), std::string::npos) << result.message;
  }
}

TEST(RedisCommit, ErrorOfTheWholeScriptIsClearOnlyBeforeItRan) {
  const auto record = record_of(acme);
  const auto status_of = [&](std::string_view error) {
    return commit_results({.records = {&record}}, {redis_reply::kind::error, error, 0, {}}, "Redis at x").at(0).status;
  };
  EXPECT_EQ(status_of("LOADING Redis is loading the dataset in memory"), spi::commit_status::unavailable);
  EXPECT_EQ(status_of("BUSY Redis is busy"), spi::commit_status::unavailable);
  EXPECT_EQ(status_of("OOM command not allowed script: 0a, on @user_script:1."), spi::commit_status::unknown);
  EXPECT_EQ(status_of("ERR Error running script: @user_script:3: Script killed by user with SCRIPT KILL..."),
            spi::commit_status::unavailable);
  EXPECT_EQ(status_of("ERR what is this"), spi::commit_status::unknown);
}

TEST(RedisCommit, RefusesWhatACommandOrAKeyCannotHold) {
  auto record = record_of(acme);
  EXPECT_FALSE(redis_refusal(record));
  record.requests_dropped.resize(redis_record_words_max, "x");
  EXPECT_NE(redis_refusal(record).value_or("").find("500002 fields"), std::string::npos);
  record.requests_dropped.clear();
  record.logs = {{{{"sales", 1, redis_sequence_max}, 1, {}}}};
  EXPECT_FALSE(redis_refusal(record));
  ++record.logs->at(0).head.next;
  EXPECT_NE(redis_refusal(record).value_or("").find("log sales is numbered beyond"), std::string::npos);
  for (const std::string& type : {std::string("a/b"), std::string("a\0b", 3)}) {
    EXPECT_NE(redis_refusal(record_of({type, "k"})).value_or("").find("slash"), std::string::npos);
  }
}

}  // namespace
}  // namespace troupe::internal
