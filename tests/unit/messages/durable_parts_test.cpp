#include <chrono>
#include <string>

#include "troupe/core/log.hpp"
#include "troupe/core/storage.hpp"
#include "unit/messages/durable_actors.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Has a cell that it never edits; what it keeps are items and a log.
class packer : public actor {
 public:
  static constexpr std::string_view actor_type = "packer";

  void put(std::string key, int value) { items_.set(key, value); }
  void note(int number) { log_.append(number); }
  void send(std::string to, int n) { ref<stubborn>(to).tell<&stubborn::take>(durable, n); }
  void put_send_and_erase(std::string to, int n) {
    items_.set("last", n);
    send(to, n);
    erase();
  }
  void ping() {}
  void send_ping(std::string to) { ref<packer>(to).tell<&packer::ping>(durable); }
  task<numbers> kept(std::string key) {
    numbers found;
    const std::optional<int> item = co_await items_.get<int>(key);
    if (item) found.push_back(*item);
    for (const auto& entry : co_await log_.read(0, 100)) found.push_back(entry.value);
    co_return found;
  }
  using methods = troupe::methods<&packer::put, &packer::note, &packer::send, &packer::put_send_and_erase,
                                  &packer::ping, &packer::send_ping, &packer::kept>;

 private:
  state<post_box> box_{*this, "box"};
  storage items_{*this};
  log<int> log_{*this, "notes"};
};

/// The same, as a class that knows nothing of items and logs.
class boxed : public actor {
 public:
  static constexpr std::string_view actor_type = "boxed";

  void send(std::string to, int n) { ref<stubborn>(to).tell<&stubborn::take>(durable, n); }
  using methods = troupe::methods<&boxed::send>;

 private:
  state<post_box> box_{*this, "box"};
};

/// Has no cell at all.
class satchel : public actor {
 public:
  static constexpr std::string_view actor_type = "satchel";

  void send(std::string to, int n) { ref<stubborn>(to).tell<&stubborn::take>(durable, n); }
  void put_send_and_erase(std::string to, int n) {
    items_.set("last", n);
    send(to, n);
    erase();
  }
  using methods = troupe::methods<&satchel::send, &satchel::put_send_and_erase>;

 private:
  storage items_{*this};
};

/// Durable messages of actors that keep items and logs.
class DurableParts : public messages_fixture {
 protected:
  DurableParts() {
    rt.host<packer>();
    rt.host<boxed>();
    rt.host<satchel>();
  }

  [[nodiscard]] actor_ref<packer> p() { return rt.ref<packer>("p"); }
  [[nodiscard]] numbers kept(const std::string& key) { return p().call<&packer::kept>(key).get(); }

  /// Lets the outbox be read from the store by an activation that nobody has called, and be emptied.
  void crash_and_deliver(const actor_id& sender) {
    rt.settle();
    rt.crash();
    ASSERT_FALSE(rt.stored(sender).messages.empty());
    refuses = false;
    rt.advance(10min);
    ASSERT_TRUE(rt.stored(sender).messages.empty());
  }
};

TEST_F(DurableParts, StayWhenTheLastMessageOfTheirActorHasArrived) {
  refuses = true;
  p().call<&packer::put>("a", 1).get();
  p().call<&packer::send>("s", 7).get();
  crash_and_deliver({"packer", "p"});
  EXPECT_EQ(kept("a"), numbers{1});
  const auto q = [this] { return rt.ref<packer>("q"); };
  refuses = true;
  q().call<&packer::note>(5).get();
  q().call<&packer::send>("s", 8).get();
  crash_and_deliver({"packer", "q"});
  EXPECT_EQ(q().call<&packer::kept>("a").get(), numbers{5});
  EXPECT_EQ(rt.ref<stubborn>("s").call<&stubborn::seen>().get(), (numbers{7, 8}));
}

TEST_F(DurableParts, SetFromOutsideStayWhenTheLastMessageHasArrived) {
  refuses = true;
  ASSERT_TRUE(rt.change_items({"boxed", "x"}, {{.key = "a", .value = 1}}));
  rt.ref<boxed>("x").call<&boxed::send>("s", 7).get();
  crash_and_deliver({"boxed", "x"});
  EXPECT_TRUE(rt.item({"boxed", "x"}, "a")) << "the class knows of no items";
}

TEST_F(DurableParts, OfASenderThatErasesItselfGoAtOnce) {
  refuses = true;
  p().call<&packer::put>("a", 1).get();
  p().call<&packer::note>(5).get();
  rt.deactivate(p());
  rt.settle();
  p().call<&packer::put_send_and_erase>("s", 7).get();
  rt.crash();
  EXPECT_FALSE(rt.stored({"packer", "p"}).messages.empty()) << "it has not arrived";
  EXPECT_EQ(kept("a"), numbers{});
  EXPECT_EQ(kept("last"), numbers{});
  p().call<&packer::put>("b", 2).get();
  refuses = false;
  rt.advance(1h);
  EXPECT_EQ(rt.ref<stubborn>("s").call<&stubborn::seen>().get(), numbers{7});
  EXPECT_EQ(kept("b"), numbers{2}) << "set anew, it is not erased with the outbox";
}

TEST_F(DurableParts, OfAnErasedSenderThatGotAMessageMeanwhileRememberIt) {
  refuses = true;
  p().call<&packer::put_send_and_erase>("s", 7).get();
  rt.settle();
  rt.ref<packer>("q").call<&packer::send_ping>("p").get();
  rt.settle();
  refuses = false;
  rt.advance(1h);
  EXPECT_TRUE(rt.stored({"packer", "p"}).messages.empty());
  EXPECT_EQ(rt.stored({"packer", "p"}).marks.size(), 1U) << "it would take the message once more";
}

TEST_F(DurableParts, OfAnErasedSenderLeaveNothingBehindAfterARestart) {
  refuses = true;
  p().call<&packer::put>("a", 1).get();
  p().call<&packer::put_send_and_erase>("s", 7).get();
  crash_and_deliver({"packer", "p"});
  EXPECT_EQ(rt.stored({"packer", "p"}).stamp.version, 0U);
  refuses = true;
  rt.ref<satchel>("p").call<&satchel::put_send_and_erase>("s", 7).get();
  crash_and_deliver({"satchel", "p"});
  EXPECT_EQ(rt.stored({"satchel", "p"}).stamp.version, 0U) << "it has no cells";
}

TEST_F(DurableParts, OfASenderWithoutCellsStay) {
  refuses = true;
  ASSERT_TRUE(rt.change_items({"satchel", "x"}, {{.key = "a", .value = 1}}));
  rt.ref<satchel>("x").call<&satchel::send>("s", 7).get();
  crash_and_deliver({"satchel", "x"});
  EXPECT_TRUE(rt.item({"satchel", "x"}, "a"));
}

}  // namespace
}  // namespace troupe::testing
