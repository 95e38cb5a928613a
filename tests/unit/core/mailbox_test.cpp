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
  EXPECT_EQ(box.take().oldest, &first);
  EXPECT_EQ(first.next, &second);
  EXPECT_EQ(second.next, &third);
  EXPECT_EQ(third.next, nullptr);
  EXPECT_EQ(box.take().oldest, nullptr);
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
  for (const detail::message* m = box.take().oldest; m != nullptr; m = m->next) ++taken;
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
  EXPECT_EQ(box.take().oldest, &second);
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
  EXPECT_EQ(box.take().oldest, &first);
  EXPECT_EQ(box.push_counted(
                fourth, [] {}, 1),
            pushed::onto_busy)
      << "taken ones do not count";
}

TEST(Mailbox, SaysWhatItHeld) {
  mailbox_word box;
  order first;
  order second;
  letter work;
  first.from = 1;
  second.from = 1;
  box.push(first);
  box.push(second);
  message_batch taken = box.take();
  EXPECT_EQ(taken.count, 2U);
  EXPECT_FALSE(taken.has_work);
  EXPECT_FALSE(taken.is_mixed);
  second.from = 2;
  box.push(first);
  box.push(second);
  box.push(work);
  taken = box.take();
  EXPECT_EQ(taken.count, 3U);
  EXPECT_TRUE(taken.has_work);
  EXPECT_TRUE(taken.is_mixed);
}

TEST(Mailbox, TheOnlyMessageMayBeUsedBeforeTheStrandRests) {
  mailbox_word box;
  order only;
  box.push(only);
  ASSERT_EQ(box.only_one(), &only);
  EXPECT_TRUE(box.rest_after(only));
  EXPECT_EQ(box.push(only), pushed::onto_resting);
}

TEST(Mailbox, WhatCameBehindTheOnlyMessageIsTakenWithoutIt) {
  mailbox_word box;
  order only;
  order second;
  order third;
  box.push(only);
  ASSERT_EQ(box.only_one(), &only);
  box.push(second);
  box.push(third);
  EXPECT_FALSE(box.rest_after(only));
  EXPECT_EQ(box.take_after(only).oldest, &second);
  EXPECT_EQ(second.next, &third);
  EXPECT_EQ(third.next, nullptr);
  EXPECT_TRUE(box.rest(false));
}

TEST(Mailbox, NothingNeedHaveComeBehindTheOnlyMessage) {
  mailbox_word box;
  order only;
  box.push(only);
  ASSERT_EQ(box.only_one(), &only);
  EXPECT_EQ(box.take_after(only).oldest, nullptr);
  EXPECT_TRUE(box.rest(false));
}

TEST(Mailbox, MemoryOfTheOnlyMessageMayComeBackAsAnother) {
  mailbox_word box;
  order only;
  order second;
  box.push(only);
  ASSERT_EQ(box.only_one(), &only);
  box.push(only);  // it was freed, and its memory is a new one's
  EXPECT_FALSE(box.rest_after(only)) << "a message came, though at the same address";
  box.push(second);
  EXPECT_EQ(box.take_after(only).oldest, &only);
  EXPECT_EQ(only.next, &second);
  EXPECT_EQ(second.next, nullptr);
}

TEST(Mailbox, IsNotLookedIntoWhenThereIsMoreThanOne) {
  mailbox_word box;
  order first;
  order second;
  EXPECT_EQ(box.only_one(), nullptr) << "dormant";
  box.push(first);
  box.push(second);
  EXPECT_EQ(box.only_one(), nullptr);
  static_cast<void>(box.take());
  EXPECT_EQ(box.only_one(), nullptr) << "busy, and empty";
  box.push(first);
  EXPECT_EQ(box.only_one(), nullptr) << "it came while the strand ran";
}

TEST(Mailbox, TakesARunInItsOrder) {
  mailbox_word box;
  order before;
  std::vector<order> run(3);
  run[0].next = &run[1];
  run[1].next = &run[2];
  box.push(before);
  EXPECT_EQ(box.push_run(
                run[0], [] {}, mailbox_word::crowd_never),
            pushed::onto_busy);
  const message_batch taken = box.take();
  EXPECT_EQ(taken.count, 4U);
  EXPECT_EQ(taken.oldest, &before);
  EXPECT_EQ(before.next, &run[0]);
  EXPECT_EQ(run[0].next, &run[1]);
  EXPECT_EQ(run[1].next, &run[2]);
  EXPECT_EQ(run[2].next, nullptr);
  for (const order& each : run) EXPECT_TRUE(each.found_busy);
}

TEST(Mailbox, TheFirstOfARunWakesAStrandAndTheOthersFindItBusy) {
  mailbox_word box;
  std::vector<order> run(2);
  run[0].next = &run[1];
  EXPECT_EQ(box.push_run(
                run[0], [] {}, mailbox_word::crowd_never),
            pushed::onto_dormant);
  EXPECT_FALSE(run[0].found_busy);
  EXPECT_TRUE(run[1].found_busy);
  EXPECT_EQ(box.only_one(), nullptr);
  order third;
  EXPECT_EQ(box.push_counted(
                third, [] {}, 1),
            pushed::crowded)
      << "those of a run count";
}

TEST(Mailbox, ARunThatIsNotTakenStaysAsItWas) {
  mailbox_word box;
  std::vector<order> run(3);
  run[0].next = &run[1];
  run[1].next = &run[2];
  const auto as_before = [&] { return run[0].next == &run[1] && run[1].next == &run[2] && run[2].next == nullptr; };
  order first;
  order second;
  box.push(first);
  box.push_counted(
      second, [] {}, 1);
  EXPECT_EQ(box.push_run(
                run[0], [] {}, 1),
            pushed::crowded);
  EXPECT_TRUE(as_before());
  static_cast<void>(box.close());
  EXPECT_EQ(box.push_run(
                run[0], [] {}, mailbox_word::crowd_never),
            pushed::nowhere);
  EXPECT_TRUE(as_before());
}

TEST(Mailbox, IsSeizedOnlyWhileItRests) {
  mailbox_word box;
  order first;
  EXPECT_FALSE(box.seize()) << "dormant";
  box.push(first);
  EXPECT_FALSE(box.seize()) << "scheduled";
  static_cast<void>(box.take());
  EXPECT_FALSE(box.seize()) << "running";
  EXPECT_TRUE(box.rest(false));
  EXPECT_TRUE(box.seize());
  EXPECT_EQ(box.push(first), pushed::onto_busy);
  EXPECT_FALSE(box.rest(false));
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
