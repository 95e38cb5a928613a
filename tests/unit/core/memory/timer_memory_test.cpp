#include <array>
#include <cstddef>
#include <deque>

#include <gtest/gtest.h>

#include "core/tick_pool.hpp"
#include "troupe/detail/recycled.hpp"
#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"
#include "unit/core/memory/counted_new.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

class metronome : public actor {
 public:
  static constexpr std::string_view actor_type = "metronome";
  static constexpr auto idle_timeout = 0ms;

  /// Returns the bytes that it took.
  std::size_t start(int timers) {
    const std::size_t before = allocated_bytes;
    for (int i = 0; i < timers; ++i) timers_.emplace_back(*this).start(1ms, 1ms, [this] { ++ticks_; });
    return allocated_bytes - before;
  }
  void start_named() {
    timers_.emplace_back(*this, timer_keeps_alive::yes).set_name("a name too long to be kept without an allocation");
    timers_.back().start(1ms, 1ms, [this] { ++ticks_; });
  }
  int ticks() const { return ticks_; }
  using methods = troupe::methods<&metronome::start, &metronome::start_named, &metronome::ticks>;

 private:
  std::deque<timer> timers_;
  int ticks_ = 0;
};

class TimerMemory : public ::testing::Test {
 protected:
  TimerMemory() { rt.host<metronome>(); }
  ~TimerMemory() override { blocks_to_refuse = 0; }
  [[nodiscard]] actor_ref<metronome> a() { return rt.ref<metronome>("a"); }

  test_runtime rt;
};

TEST_F(TimerMemory, TicksOfARunningTimerAllocateNothing) {
  a().call<&metronome::start>(20).get();
  a().call<&metronome::start_named>().get();
  rt.advance(10ms);
  const std::size_t before = allocated;
  rt.advance(1000ms);
  if (detail::recycles_blocks) {
    EXPECT_EQ(allocated - before, 0U);
  }
  EXPECT_EQ(a().call<&metronome::ticks>().get(), 21 * 1010);
}

TEST_F(TimerMemory, TickForWhichThereIsNoMemoryComesLater) {
  a().call<&metronome::start>(3).get();
  size_to_refuse = internal::tick_pool::block_size;
  blocks_to_refuse = 4;  // all of them once, and one again
  rt.advance(1ms);
  EXPECT_EQ(blocks_to_refuse, 1);
  EXPECT_EQ(a().call<&metronome::ticks>().get(), 0);
  rt.advance(50ms);
  EXPECT_EQ(blocks_to_refuse, 0);
  EXPECT_EQ(a().call<&metronome::ticks>().get(), 2 * 41 + 31);
}

TEST_F(TimerMemory, RestingTimerTakesAtMost128Bytes) {
  constexpr int many = 10'000;
  EXPECT_LE(a().call<&metronome::start>(many).get(), std::size_t{128} * many);
}

TEST(TickPool, KeepsABoundedNumberOfBlocks) {
  internal::tick_pool pool;
  std::deque<void*> taken;
  for (int i = 0; i < 3000; ++i) taken.push_back(pool.take());
  for (void* block : taken) pool.give(block);
  const std::size_t before = allocated;
  std::array<void*, 1024> again{};
  for (void*& block : again) block = pool.take();
  EXPECT_EQ(allocated, before);
  void* one_more = pool.take();
  EXPECT_EQ(allocated, before + 1) << "it keeps more than it says";
  pool.give(one_more);
  for (void* block : again) pool.give(block);
}

}  // namespace
}  // namespace troupe::testing
