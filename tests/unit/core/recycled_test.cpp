#include "troupe/detail/recycled.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace troupe::detail {
namespace {

struct held {
  unsigned char* at;
  std::size_t bytes;
  unsigned char mark;
};

held take_marked(std::size_t bytes, unsigned char mark) {
  auto* at = static_cast<unsigned char*>(take_block(bytes));
  std::memset(at, mark, bytes);
  return {at, bytes, mark};
}

bool is_untouched(const held& h) {
  for (std::size_t i = 0; i < h.bytes; ++i) {
    if (h.at[i] != h.mark) return false;
  }
  return true;
}

TEST(Recycled, BlocksOfAnySizeAreApartAndAligned) {
  std::vector<held> all;
  unsigned char mark = 0;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{8}, std::size_t{31}, std::size_t{32}, std::size_t{33},
                                  std::size_t{104}, std::size_t{1024}, std::size_t{1025}, std::size_t{100'000}}) {
    for (int i = 0; i < 200; ++i) all.push_back(take_marked(bytes, ++mark));
  }
  for (const held& h : all) {
    EXPECT_TRUE(is_untouched(h));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(h.at) % alignof(std::max_align_t), 0U);
  }
  for (const held& h : all) give_block(h.at, h.bytes);
}

TEST(Recycled, NoBlockIsHandedOutTwice) {
  std::vector<held> taken;
  std::set<void*> known;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 500; ++i) {
      taken.push_back(take_marked(96, static_cast<unsigned char>(i)));
      ASSERT_TRUE(known.insert(taken.back().at).second);
    }
    for (int i = 0; i < 400; ++i) {
      ASSERT_TRUE(is_untouched(taken.back()));
      known.erase(taken.back().at);
      give_block(taken.back().at, taken.back().bytes);
      taken.pop_back();
    }
  }
  for (const held& h : taken) give_block(h.at, h.bytes);
}

TEST(Recycled, BlocksMayBeGivenBackByOtherThreadsAndThreadsEnd) {
  std::mutex mutex;
  std::vector<held> under_way;  // guarded by mutex
  const auto work = [&](unsigned char mark) {
    for (int i = 0; i < 20'000; ++i) {
      const held mine = take_marked(64 + static_cast<std::size_t>(i % 3) * 32, mark);
      held other{};
      {
        const std::scoped_lock lock(mutex);
        under_way.push_back(mine);
        if (under_way.size() > 300) {
          other = std::exchange(under_way[static_cast<std::size_t>(i) % under_way.size()], under_way.back());
          under_way.pop_back();
        }
      }
      if (other.at == nullptr) continue;
      ASSERT_TRUE(is_untouched(other));
      give_block(other.at, other.bytes);
    }
  };
  for (unsigned char round = 0; round < 3; ++round) {
    std::vector<std::thread> threads;
    for (unsigned char i = 0; i < 4; ++i) threads.emplace_back(work, static_cast<unsigned char>(round * 10 + i));
    for (std::thread& thread : threads) thread.join();
  }
  for (const held& h : under_way) {
    EXPECT_TRUE(is_untouched(h));
    give_block(h.at, h.bytes);
  }
}

}  // namespace
}  // namespace troupe::detail
