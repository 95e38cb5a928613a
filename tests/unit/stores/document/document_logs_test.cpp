#include "stores/document/document_logs.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "stores/document/document_reader.hpp"
#include "stores/document/document_sink.hpp"
#include "unit/stores/document/sample_document.hpp"

namespace troupe::internal {
namespace {

/// A document whose log "l" has the entries [first, next), each of so many bytes.
document with_log(std::uint64_t first, std::uint64_t next, std::size_t bytes = 10) {
  document held;
  held.actor.image.actor = {"seller", "a"};
  held.actor.image.stamp = {1, 11};
  held.life = {1, 11};
  held.actor.image.logs = {{"l", first, next}};
  for (auto i = first; i < next; ++i) held.actor.logs["l"][i] = {i, at_ms(1), std::string(bytes, '1')};
  return held;
}

TEST(DocumentLogs, ChunksEndWhenTheyAreLargeEnough) {
  EXPECT_TRUE(chunks_of(with_log(1, 32)).empty());
  const auto chunks = chunks_of(with_log(1, 70));
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0].name, "seller!a!1.11!l!1");
  EXPECT_EQ(chunks[1].name, "seller!a!1.11!l!33");
  EXPECT_EQ(chunks[1].entries.size(), 32U);
  EXPECT_EQ(chunks_of(with_log(1, 4, 5000)).at(0).entries.size(), 2U);
  EXPECT_EQ(chunks_of(with_log(1, 2, 9000)).at(0).entries.size(), 1U);
}

TEST(DocumentLogs, ChunksDependOnTheOldestEntriesAlone) {
  const auto few = chunks_of(with_log(5, 40));
  const auto many = chunks_of(with_log(5, 200));
  EXPECT_EQ(few.at(0), many.at(0));
}

TEST(DocumentLogs, SealedEntriesLeaveTheDocument) {
  document held = with_log(1, 70);
  const auto chunks = chunks_of(held);
  seal(held, chunks);
  EXPECT_EQ(held.sealed["l"], (sealed_log{1, {32, 32}}));
  EXPECT_EQ(held.actor.logs["l"].begin()->first, 65U);
  EXPECT_EQ(held.actor.logs["l"].size(), 5U);
}

TEST(DocumentLogs, ChunksOfWhichNothingIsLeftAreForgotten) {
  document before = with_log(1, 100);
  seal(before, chunks_of(before));
  document after = before;
  after.actor.image.logs[0].first = 64;
  seal(after, {});
  EXPECT_EQ(after.sealed["l"], (sealed_log{33, {32, 32}}));
  EXPECT_EQ(chunks_dropped(before, {}, after), (std::vector<std::string>{"seller!a!1.11!l!1"}));
  after.actor.image.logs[0].first = 97;
  seal(after, {});
  EXPECT_TRUE(after.sealed.empty());
  EXPECT_EQ(chunks_dropped(before, {}, after).size(), 3U);
  EXPECT_TRUE(chunks_dropped(before, {}, before).empty());
}

TEST(DocumentLogs, ErasedAndRebornActorHasNoneOfTheChunks) {
  document before = with_log(1, 100);
  seal(before, chunks_of(before));
  spi::turn_record erase;
  erase.actor = before.actor.image.actor;
  erase.expected = {1, 11};
  erase.next = {2, 11};
  erase.erase = true;
  const document erased = document_after(&before, erase);
  EXPECT_EQ(chunks_dropped(before, {}, erased).size(), 3U);
  spi::turn_record birth;
  birth.actor = erase.actor;
  birth.next = {1, 12};
  birth.logs = {{{"l", 1, 2}, 1, {{1, at_ms(1), "1"}}}};
  const document reborn = document_after(&erased, birth);
  EXPECT_EQ(reborn.life, (spi::commit_stamp{1, 12}));
  EXPECT_TRUE(reborn.sealed.empty());
}

std::vector<std::uint64_t> firsts_for(const document& held, spi::log_query query) {
  query.log = "l";
  std::vector<std::uint64_t> firsts;
  for (const chunk_place& place : chunks_for(held, query)) firsts.push_back(place.first);
  return firsts;
}

TEST(DocumentLogs, QueriesNeedOnlyTheChunksOfTheirPage) {
  using firsts = std::vector<std::uint64_t>;
  document held = with_log(1, 331);
  seal(held, chunks_of(held));
  ASSERT_EQ(held.sealed["l"].lengths.size(), 10U);
  EXPECT_EQ(firsts_for(held, {}).size(), 10U);
  EXPECT_EQ(firsts_for(held, {.from = 33, .to = 64}), (firsts{33}));
  EXPECT_EQ(firsts_for(held, {.from = 32, .to = 65}), (firsts{1, 33, 65}));
  EXPECT_EQ(firsts_for(held, {.from = 321}), firsts{});
  EXPECT_EQ(firsts_for(held, {.limit = 10}), (firsts{1, 33}));
  EXPECT_EQ(firsts_for(held, {.limit = 40}), (firsts{1, 33, 65}));
  // The latest ten are in the document.
  EXPECT_EQ(firsts_for(held, {.newest_first = true, .limit = 10}), firsts{});
  EXPECT_EQ(firsts_for(held, {.newest_first = true, .limit = 11}), (firsts{257, 289}));
  EXPECT_EQ(firsts_for(held, {.to = 100, .newest_first = true, .limit = 1}), (firsts{65, 97}));
  EXPECT_TRUE(chunks_for(held, {.log = "other"}).empty());
}

TEST(DocumentLogs, LengthsAreWrittenOnceWhereTheyRepeat) {
  for (const auto& [lengths, text] : std::vector<std::pair<std::vector<std::uint32_t>, std::string>>{
           {{}, ""}, {{5}, "5"}, {{32, 32, 32, 7, 32, 32}, "32x3,7,32x2"}}) {
    EXPECT_EQ(pack_lengths(lengths), text);
    EXPECT_EQ(unpack_lengths(text), lengths);
  }
  for (const char* text :
       {",", "1,", "x", "0", "1x", "1x0", "1x99999999999", "1y", "-1", "1,,2", "9x9999999,1x9999999"}) {
    EXPECT_EQ(unpack_lengths(text), std::nullopt) << text;
  }
}

TEST(DocumentLogs, SealedLogIsReadBack) {
  document held = with_log(1, 70);
  seal(held, chunks_of(held));
  std::string text = text_of(held);
  EXPECT_NE(text.find(R"("sealed_first":"1","sealed":"32x2")"), std::string::npos) << text;
  const auto read = read_document(nlohmann::json::parse(text), {"seller", "a"});
  EXPECT_EQ(read.damage, std::nullopt);
  EXPECT_EQ(read.content.sealed, held.sealed);
  EXPECT_EQ(read.content.actor.logs, held.actor.logs);
  text.replace(text.find("32x2"), 4, "32x3");
  EXPECT_TRUE(read_document(nlohmann::json::parse(text), {"seller", "a"}).damage);
}

}  // namespace
}  // namespace troupe::internal
