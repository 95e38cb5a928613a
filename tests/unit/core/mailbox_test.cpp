#include "core/mailbox.hpp"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

struct letter final : detail::message {
  letter() noexcept : message(role::work) {}
  void run() noexcept override {}
  void abandon() noexcept override {}
};

struct order final : detail::request {
  std::coroutine_handle<detail::task_promise_base> start(actor&) override { return nullptr; }
  void take_result(std::coroutine_handle<detail::task_promise_base>) override {}
  void encode_reply(std::string&) const override {}
  void decode_reply(std::string_view) override {}
  void complete(std::exception_ptr) noexcept override {}
  void abandon() noexcept override {}
  [[nodiscard]] std::string_view name() const noexcept override { return "order"; }
};

TEST(Mailbox, TellsThePusherWhoSchedulesTheStrand) {
  mailbox_word box;
  letter first;
  letter second;
  letter third;
  EXPECT_EQ(box.push(first), pushed::onto_dormant);
  EXPECT_EQ(box.push(second), pushed::onto_busy);
  static_cast<void>(box.take());
  EXPECT_EQ(box.push(third), pushed::onto_busy) << "the strand runs";
}

TEST(Mailbox, TakesEverythingOldestFirst) {
  mailbox_word box;
  letter first;
  letter second;
  letter third;
  for (letter* each : {&first, &second, &third}) box.push(*each);
  EXPECT_EQ(box.take(), &first);
  EXPECT_EQ(first.next, &second);
  EXPECT_EQ(second.next, &third);
  EXPECT_EQ(third.next, nullptr);
  EXPECT_EQ(box.take(), nullptr);
}

TEST(Mailbox, WithoutABoundTakesMoreThanItCounts) {
  constexpr std::size_t many = 70'000;
  mailbox_word box;
  std::vector<order> all(many);
  for (order& each : all) {
    ASSERT_NE(box.push_counted(
                  each, [] {}, mailbox_word::crowd_never),
              pushed::crowded);
  }
  std::size_t taken = 0;
  for (const detail::message* m = box.take(); m != nullptr; m = m->next) ++taken;
  EXPECT_EQ(taken, many);
  EXPECT_TRUE(all.back().found_busy);
}

TEST(Mailbox, RestsOnlyWhenNothingCameMeanwhile) {
  mailbox_word box;
  letter first;
  letter second;
  box.push(first);
  static_cast<void>(box.take());
  box.push(second);
  EXPECT_FALSE(box.rest(false));
  EXPECT_EQ(box.take(), &second);
  EXPECT_TRUE(box.rest(false));
  EXPECT_EQ(box.push(first), pushed::onto_resting);
}

TEST(Mailbox, RestsAsDormantWhenNobodyIsActivated) {
  mailbox_word box;
  letter first;
  EXPECT_EQ(box.push(first), pushed::onto_dormant);
  static_cast<void>(box.take());
  EXPECT_TRUE(box.rest(true));
  EXPECT_EQ(box.push(first), pushed::onto_dormant);
}

TEST(Mailbox, SaysBeforehandThatAPushMayWakeADormantOne) {
  mailbox_word box;
  letter first;
  letter second;
  int told = 0;
  box.push(first, [&] { ++told; });
  EXPECT_EQ(told, 1);
  box.push(second, [&] { ++told; });
  EXPECT_EQ(told, 1);
}

TEST(Mailbox, SaysWhenItIsClosedWhetherItWasDormant) {
  mailbox_word never_used;
  EXPECT_TRUE(never_used.close().was_dormant);
  mailbox_word resting;
  letter first;
  resting.push(first);
  static_cast<void>(resting.take());
  EXPECT_TRUE(resting.rest(false));
  EXPECT_FALSE(resting.close().was_dormant);
}

TEST(Mailbox, TakesNothingOnceItIsClosed) {
  mailbox_word box;
  letter first;
  letter second;
  box.push(first);
  EXPECT_EQ(box.close().messages, &first);
  EXPECT_EQ(box.push(second), pushed::nowhere);
  EXPECT_EQ(box.close().messages, nullptr);
}

TEST(Mailbox, CountsRequestsThatFoundItBusyAndTakesNoMoreOfThemThanItIsTold) {
  mailbox_word box;
  order first;
  order second;
  order third;
  order fourth;
  letter work;
  EXPECT_EQ(box.push_counted(
                first, [] {}, 1),
            pushed::onto_dormant);
  EXPECT_FALSE(first.found_busy);
  EXPECT_EQ(box.push_counted(
                second, [] {}, 1),
            pushed::onto_busy);
  EXPECT_TRUE(second.found_busy);
  EXPECT_EQ(box.push_counted(
                third, [] {}, 1),
            pushed::crowded);
  EXPECT_EQ(box.push(work, [] {}), pushed::onto_busy) << "what continues something is not counted";
  EXPECT_EQ(box.push_counted(
                third, [] {}, 2),
            pushed::onto_busy);
  EXPECT_EQ(box.take(), &first);
  EXPECT_EQ(box.push_counted(
                fourth, [] {}, 1),
            pushed::onto_busy)
      << "taken ones do not count";
}

TEST(RequestList, KeepsOrderAndPutsOneBackInFront) {
  request_list list;
  order first;
  order second;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.pop(), nullptr);
  list.push(first);
  list.push(second);
  EXPECT_EQ(list.pop(), &first);
  list.push_front(first);
  EXPECT_EQ(list.front(), &first);
  EXPECT_EQ(list.pop(), &first);
  EXPECT_EQ(list.pop(), &second);
  EXPECT_TRUE(list.empty());
  list.push_front(second);
  list.push(first);
  EXPECT_EQ(list.pop(), &second) << "put in front of an empty list, it is also the last";
  EXPECT_EQ(list.pop(), &first);
}

}  // namespace
}  // namespace troupe::internal
