#include "stores/document/document_cache.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

held_document document_of(const std::string& key, std::size_t bytes = 0, std::string tag = {}) {
  held_document held;
  held.content.actor.image.actor = {"seller", key};
  held.content.actor.image.cells = {{.name = "c", .json = std::string(bytes, 'x')}};
  held.tag = std::move(tag);
  return held;
}

TEST(DocumentCache, GivesBackWhatWasPutInLast) {
  document_cache cache(1 << 20);
  EXPECT_EQ(cache.find({"seller", "a"}), nullptr);
  cache.put(document_of("a", 10, "one"));
  cache.put(document_of("a", 10, "two"));
  ASSERT_NE(cache.find({"seller", "a"}), nullptr);
  EXPECT_EQ(cache.find({"seller", "a"})->tag, "two");
  cache.drop({"seller", "a"});
  EXPECT_EQ(cache.find({"seller", "a"}), nullptr);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(DocumentCache, StaysBelowItsBytesAndDropsWhatWasNotUsed) {
  const std::size_t each = memory_of(document_of("a", 10'000).content);
  document_cache cache(each * 3);
  for (const char* key : {"a", "b", "c"}) cache.put(document_of(key, 10'000));
  EXPECT_NE(cache.find({"seller", "a"}), nullptr);
  cache.put(document_of("d", 10'000));
  EXPECT_LE(cache.bytes(), each * 3);
  EXPECT_NE(cache.find({"seller", "a"}), nullptr);
  EXPECT_EQ(cache.find({"seller", "b"}), nullptr);
  EXPECT_NE(cache.find({"seller", "d"}), nullptr);
}

TEST(DocumentCache, LeavesOutWhatIsLargerThanAllOfIt) {
  document_cache cache(5'000);
  cache.put(document_of("small"));
  cache.put(document_of("large", 10'000));
  EXPECT_NE(cache.find({"seller", "small"}), nullptr);
  EXPECT_EQ(cache.find({"seller", "large"}), nullptr);
  document_cache none(0);
  none.put(document_of("small"));
  EXPECT_EQ(none.find({"seller", "small"}), nullptr);
}

}  // namespace
}  // namespace troupe::internal
